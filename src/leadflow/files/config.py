"""The settings of a run, as ``flow.yaml`` spells them: what columns mean, and the rules."""

# No `from __future__ import annotations`: pydantic reads these annotations.
import re
from datetime import date, datetime
from pathlib import Path
from typing import Annotated, Final, Literal, Self
from zoneinfo import ZoneInfo

from pydantic import BeforeValidator, Field, ValidationError, field_validator, model_validator

from leadflow.entities import Channel, Line, Text
from leadflow.errors import DefinitionError
from leadflow.files.columns import ACTIVITY_KEYS, LEAD_KEYS, SALES_KEYS, known_key, meant
from leadflow.files.rule_sections import NurturingFile, QualificationFile, ServiceLevelFile
from leadflow.files.sections import Section
from leadflow.files.yaml_text import yaml_file
from leadflow.routing import Gate, Rep, Router, Territory
from leadflow.scoring import ScoringModel
from leadflow.scoring.rules import EngagementRule, FitRule
from leadflow.worktime import BusinessHours, zone_named

__all__ = ["ActivitiesFile", "ConsentColumn", "FlowFile", "FromColumn", "MoveStep", "Moves", "read_config"]

CustomType = Literal["text", "int", "float", "bool", "date", "moment"]
TYPES: Final = {"str": "text", "string": "text", "integer": "int", "number": "float", "yes_no": "bool"}
NO_SUCH: Final = re.compile(r"([^\s.:]+): Extra inputs are not permitted")
RULE_SETTINGS: Final = sorted(
    {
        name
        for kind in (ScoringModel, FitRule, EngagementRule, Router, Territory, Gate, Rep)
        for name in kind.model_fields
    }
)


def _as_type(written: object) -> object:
    return TYPES.get(written, written) if isinstance(written, str) else written


def _as_text(written: object) -> object:
    """Take a number or a date of YAML as the text that a cell holds."""
    if isinstance(written, bool):
        return str(written)
    return str(written) if isinstance(written, int | float | date | datetime) else written


def _as_list(written: object) -> object:
    return [written] if isinstance(written, str | int | float) else written


Cell = Annotated[str, BeforeValidator(_as_text)]


class FromColumn(Section):
    """A value that stands in a column: ``{column: sr_id}``; ``otherwise`` where the cell is blank."""

    column: str
    otherwise: Cell | None = None


Value = FromColumn | Cell
"""A constant, or a column of the row."""


class ConsentColumn(Section):
    """A column that says yes to messages, with the proof of it."""

    column: str
    values: tuple[Cell, ...] = ("yes", "ja", "1", "true", "x", "y", "j", "wahr", "given", "opt-in")
    purpose: Line = "newsletter"
    channel: Channel = "email"
    proof: Text


class ActivitiesFile(Section):
    """What the columns of the activities file mean; all others are properties of the activity."""

    columns: dict[str, str] = Field(default_factory=dict)
    ignore: tuple[str, ...] = ()
    kind: Line | None = None
    source: Line | None = None

    @field_validator("columns")
    @classmethod
    def _known(cls, columns: dict[str, str]) -> dict[str, str]:
        return {column: known_key(key, ACTIVITY_KEYS) for column, key in columns.items()}


class Played(Section):
    """By whom, when, why: each a constant or a column."""

    by: Value | None = None
    at: Value | None = None
    reason: Value | None = None
    revisit: Value | None = None
    to: Value | None = None
    deal: Value | None = None
    amount: Value | None = None
    currency: Value | None = None
    name: Value | None = None
    expected: Value | None = None


class MoveStep(Played):
    """One move with what is special about it."""

    move: str


def _as_moves(written: object) -> object:
    several = written.split(",") if isinstance(written, str) else written
    if not isinstance(several, list | tuple):
        return several
    return [{"move": one.strip()} if isinstance(one, str) else one for one in several]


class Moves(Played):
    """What sales did, in the rows of a file: ``where`` chooses the rows, ``moves`` are played for each.

    Without ``moves`` a column ``move`` says them. ``by``: a rep's id, ``owner``, or ``policy``, ``marketing``, ``crm``,
    ``person`` (``marketing:eva`` for somebody of marketing).
    """

    columns: dict[str, str] = Field(default_factory=dict)
    where: dict[str, Annotated[tuple[Cell, ...], BeforeValidator(_as_list)]] = Field(default_factory=dict)
    moves: Annotated[tuple[MoveStep, ...], BeforeValidator(_as_moves)] = ()

    @field_validator("columns")
    @classmethod
    def _known(cls, columns: dict[str, str]) -> dict[str, str]:
        return {column: known_key(key, SALES_KEYS) for column, key in columns.items()}

    def columns_read(self) -> tuple[str, ...]:
        """The columns that ``{column: …}`` names, for all moves or for one."""
        values = [value for part in (self, *self.moves) for _, value in part]
        return tuple(dict.fromkeys(value.column for value in values if isinstance(value, FromColumn)))


class FlowFile(Section):
    """All settings of a run; every one has a default."""

    source: Line | None = None
    country: str | None = None
    zone: Line = "UTC"
    encoding: str | None = None
    delimiter: Annotated[str, Field(min_length=1, max_length=1)] | None = None
    columns: dict[str, str] = Field(default_factory=dict)
    ignore: tuple[str, ...] = ()
    missing: tuple[Cell, ...] = ()
    external_system: Line = "file"
    reachable_elsewhere: bool = False
    custom: dict[Line, Annotated[CustomType, BeforeValidator(_as_type)]] = Field(default_factory=dict)
    consent: ConsentColumn | None = None
    activities: ActivitiesFile = ActivitiesFile()
    sales: Moves = Moves()
    sales_in_leads: Moves | None = None
    scoring: ScoringModel | None = None
    qualification: QualificationFile | None = None
    routing: Router | None = None
    nurturing: NurturingFile = NurturingFile()
    service_levels: tuple[ServiceLevelFile, ...] = ()
    sender: Line | None = None
    unsubscribe_url: Line | None = None
    secrets_from: Line | None = None
    quiet: BusinessHours | None = None

    @field_validator("zone")
    @classmethod
    def _known_zone(cls, zone: str) -> str:
        zone_named(zone)
        return zone

    @model_validator(mode="after")
    def _columns_mean_something(self) -> Self:
        for column, key in self.columns.items():
            try:
                known_key(key, LEAD_KEYS, self.custom)
            except ValueError as wrong:
                raise ValueError(f"columns.{column}: {wrong}") from None
        return self

    @property
    def timezone(self) -> ZoneInfo:
        """The zone in which the file's moments are meant."""
        return zone_named(self.zone)


def read_config(path: Path | None) -> FlowFile:
    """Return the settings in a YAML file; without one, the defaults. A ``DefinitionError`` names file and path."""
    if path is None:
        return FlowFile()
    said = yaml_file(path)
    try:
        return FlowFile.model_validate(said)
    except ValidationError as wrong:
        raise DefinitionError("\n".join(f"{path}: {line}" for line in _complaints(wrong))) from None
    except DefinitionError as wrong:
        raise DefinitionError(f"{path}: {wrong}") from None


def _complaints(wrong: ValidationError) -> list[str]:
    """One line per mistake: where it is, and what to do; of a choice of types only the first complaint."""
    lines: dict[tuple[str, ...], str] = {}
    for error in wrong.errors(include_url=False, include_context=False, include_input=False):
        parts = (str(part) for part in error["loc"])
        place = tuple(part for part in parts if not part.startswith("function-") and part != "FromColumn")
        lines.setdefault(place, NO_SUCH.sub(_no_such, error["msg"].removeprefix("Value error, ")))
    return [f"{'.'.join(place)}: {text}" if place else text for place, text in lines.items()]


def _no_such(found: re.Match[str]) -> str:
    return f"there is no setting {found[1]!r}{meant(found[1], RULE_SETTINGS)}"
