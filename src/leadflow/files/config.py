"""The settings of a run, as ``flow.yaml`` spells them: what columns mean, and the rules."""

# No `from __future__ import annotations`: pydantic reads these annotations.
from collections.abc import Iterable
from datetime import date, datetime
from pathlib import Path
from typing import Annotated, Any, Final, Literal, Self, get_args
from zoneinfo import ZoneInfo

from pydantic import BeforeValidator, Field, WithJsonSchema, field_validator, model_validator

from leadflow.adapters.json_http import JsonService
from leadflow.buying_center import BuyingCenter
from leadflow.data_quality import DataQuality
from leadflow.entities import Channel, Line, Text
from leadflow.entities.definition import Definition, or_one
from leadflow.errors import DefinitionError
from leadflow.files.column_headers import ACTIVITY_KEYS, LEAD_KEYS, SALES_KEYS
from leadflow.files.columns import known_key
from leadflow.files.date_parsing import DateOrder
from leadflow.files.number_parsing import DecimalSign
from leadflow.files.tables import FileTable, table
from leadflow.files.yaml_text import places_in, yaml_file
from leadflow.nurturing import Nurturing
from leadflow.qualification import Qualification
from leadflow.routing import Router, Team
from leadflow.scoring import ScoringModel
from leadflow.service import ServiceLevel
from leadflow.worktime import BusinessHours, zone_named

__all__ = [
    "ActivitiesFile",
    "ConsentColumn",
    "FlowFile",
    "FromColumn",
    "MoveStep",
    "OptOutColumn",
    "SalesMoves",
    "read_config",
]

CustomType = Literal["text", "int", "float", "bool", "date", "moment"]
TYPES: Final = {"str": "text", "string": "text", "integer": "int", "number": "float", "yes_no": "bool"}


def _as_type(written: object) -> object:
    return TYPES.get(written, written) if isinstance(written, str) else written


CustomField = Annotated[
    CustomType,
    BeforeValidator(_as_type),
    WithJsonSchema({"enum": [*get_args(CustomType), *TYPES]}),
]


def _as_text(written: object) -> object:
    """Take a number or a date of YAML as the text that a cell holds."""
    if isinstance(written, bool):
        return str(written)
    return str(written) if isinstance(written, int | float | date | datetime) else written


def _as_list(written: object) -> object:
    return [written] if isinstance(written, str | int | float) else written


CellText = Annotated[str, BeforeValidator(_as_text), WithJsonSchema({"type": ["string", "number", "boolean"]})]
CellTexts = Annotated[tuple[CellText, ...], BeforeValidator(_as_list), Field(json_schema_extra=or_one)]


class FromColumn(Definition):
    """A value that stands in a column: ``{column: sr_id}``; ``otherwise`` where the cell is blank."""

    column: str
    otherwise: CellText | None = None


Value = FromColumn | CellText
"""A constant, or a column of the row."""


def _meaning(keys: Iterable[str], *, custom: bool = False) -> WithJsonSchema:
    """Tell editors what a column can mean."""
    own = [{"type": "string", "pattern": "^custom\\."}] if custom else []
    return WithJsonSchema({"anyOf": [{"enum": sorted(keys)}, *own]})


class ConsentColumn(Definition):
    """A column that gives consent to messages, with the proof of it."""

    column: str
    values: tuple[CellText, ...] = ("yes", "ja", "1", "true", "x", "y", "j", "wahr", "given", "opt-in")
    purpose: Line = "newsletter"
    channel: Channel = "email"
    proof: Text


class OptOutColumn(Definition):
    """A column that says who has opted out of messages on a channel: for the purposes of this config.

    ``values: "*"`` is any value, such as the day when somebody unsubscribed.
    """

    column: str
    values: CellTexts = ("yes", "ja", "1", "true", "x", "y", "j", "wahr", "withdrawn", "opt-out", "unsubscribed",
                         "opted out", "opted-out", "abgemeldet", "oui", "si", "sí")  # fmt: skip
    channel: Channel = "email"
    proof: Text = "opted out in the system that the file is from"


class ActivitiesFile(Definition):
    """What the columns of the activities file mean; all others are properties of the activity."""

    columns: dict[str, Annotated[str, _meaning(ACTIVITY_KEYS)]] = Field(default_factory=dict)
    ignore: tuple[str, ...] = ()
    kind: Line | None = None
    source: Line | None = None

    @field_validator("columns")
    @classmethod
    def _known(cls, columns: dict[str, str]) -> dict[str, str]:
        return {column: known_key(key, ACTIVITY_KEYS) for column, key in columns.items()}


class MoveDetails(Definition):
    """By whom, when, why: each a constant or a column."""

    by: Value | None = None
    at: Value | None = None
    reason: Value | None = None
    note: Value | None = None
    revisit: Value | None = None
    to: Value | None = None
    deal: Value | None = None
    amount: Value | None = None
    currency: Value | None = None
    name: Value | None = None
    expected: Value | None = None


class MoveStep(MoveDetails):
    """One move with what is special about it."""

    move: str


def _as_moves(written: object) -> object:
    several = written.split(",") if isinstance(written, str) else written
    if not isinstance(several, list | tuple):
        return several
    return [{"move": one.strip()} if isinstance(one, str) else one for one in several]


def _or_names(schema: dict[str, Any]) -> None:
    name = {"type": "string"}
    several = {"type": schema.pop("type"), "items": {"anyOf": [name, schema.pop("items")]}}
    schema["anyOf"] = [name, several]


class SalesMoves(MoveDetails):
    """What sales did, in the rows of a file: ``where`` chooses the rows, ``moves`` are made for each.

    Without ``moves`` they are in a column ``move``. ``by``: a rep's id, ``owner``, or ``policy``, ``marketing``,
    ``crm``, ``person`` (``marketing:eva`` for somebody of marketing).
    """

    columns: dict[str, Annotated[str, _meaning(SALES_KEYS)]] = Field(default_factory=dict)
    where: dict[str, CellTexts] = Field(default_factory=dict)
    moves: Annotated[tuple[MoveStep, ...], BeforeValidator(_as_moves), Field(json_schema_extra=_or_names)] = ()

    @field_validator("columns")
    @classmethod
    def _known(cls, columns: dict[str, str]) -> dict[str, str]:
        return {column: known_key(key, SALES_KEYS) for column, key in columns.items()}

    def columns_read(self) -> tuple[str, ...]:
        """The columns that ``{column: …}`` names, for all moves or for one."""
        values = [value for part in (self, *self.moves) for _, value in part]
        return tuple(dict.fromkeys(value.column for value in values if isinstance(value, FromColumn)))


class FlowFile(Definition):
    """All settings of a run; every one has a default."""

    source: Line | None = None
    country: str | None = None
    zone: Line = "UTC"
    encoding: str | None = None
    delimiter: Annotated[str, Field(min_length=1, max_length=1)] | None = None
    sheet: Line | None = None
    date_order: DateOrder | None = None
    decimal_sign: DecimalSign | None = None
    header_line: Annotated[int, Field(ge=1)] | None = None
    columns: dict[str, Annotated[str, _meaning(LEAD_KEYS, custom=True)]] = Field(default_factory=dict)
    ignore: tuple[str, ...] = ()
    missing: tuple[CellText, ...] = ()
    external_system: Line = "file"
    reachable_elsewhere: bool = False
    custom: dict[Line, CustomField] = Field(default_factory=dict)
    renamed: dict[Line, Line | None] = Field(default_factory=dict)
    """Former names of custom fields, each with the present one; None for a field that was removed."""
    renamed_stages: dict[Line, Line] = Field(default_factory=dict)
    """Stages of the database that are gone, each with the one that took its place."""
    consent: ConsentColumn | None = None
    opt_out: OptOutColumn | None = None
    activities: ActivitiesFile = ActivitiesFile()
    sales: SalesMoves = SalesMoves()
    sales_in_leads: SalesMoves | None = None
    scoring: ScoringModel | None = None
    qualification: Qualification | None = None
    routing: Router | None = None
    teams: tuple[Team, ...] = ()
    nurturing: Nurturing = Nurturing()
    service_levels: tuple[ServiceLevel, ...] = ()
    data_quality: DataQuality | None = None
    buying_centers: tuple[BuyingCenter, ...] = ()
    role_model: Line | None = None
    """The file that ``leadflow learn-roles`` has written, beside this one."""
    enrichment: tuple[JsonService, ...] = ()
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
        """The zone of the file's moments that have no offset."""
        return zone_named(self.zone)

    def table(self, path: Path) -> FileTable:
        """Look at a file of leads as these settings say that it is written."""
        return table(
            path, encoding=self.encoding, delimiter=self.delimiter, sheet=self.sheet, header_line=self.header_line
        )


def read_config(path: Path | None) -> FlowFile:
    """Return the settings in a YAML file; without one, the defaults. A ``DefinitionError`` names file and path."""
    if path is None:
        return FlowFile()
    written = yaml_file(path)
    try:
        config = FlowFile.model_validate(written)
    except DefinitionError as wrong:
        raise DefinitionError("\n".join(_mistakes(wrong, path))) from None
    return config.but(role_model=str(path.parent / config.role_model)) if config.role_model else config


def _mistakes(wrong: DefinitionError, path: Path) -> Iterable[str]:
    """One line per mistake, with the line of the file and the place; of a choice of types only the first complaint."""
    place_of = places_in(path)
    lines: dict[str, str] = {}
    for where, what in wrong.problems:
        line, place = place_of(where)
        if place and any(known.startswith(f"{place}.") for known in lines):
            continue
        lines.setdefault(place, f"{path}: line {line}: {f'{place}: {what}' if place else what}")
    return lines.values()
