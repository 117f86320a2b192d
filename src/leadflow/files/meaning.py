"""What the cells of a row mean: the arguments of the commands that it is made into."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, tzinfo
from typing import Any, Final

from pydantic import ValidationError

from leadflow.entities import Consent, ExternalId, safe_line
from leadflow.entities.text import LINE_LIMIT
from leadflow.errors import InvalidInput
from leadflow.files.config import ConsentColumn, FlowFile
from leadflow.files.moments import moment_of

__all__ = ["LeadRow", "Meaning"]

APART: Final = ("external_id", "visitor", "at", "id", "source")
YES: Final = {"ja": "yes", "nein": "no", "wahr": "true", "falsch": "false"}


@dataclass(frozen=True)
class LeadRow:
    """One lead of a file, as ``LeadFlow.capture`` takes it."""

    values: Mapping[str, object]
    source: str
    external_id: ExternalId | None = None
    visitor: str | None = None
    at: datetime | None = None
    id: str | None = None
    consents: tuple[Consent, ...] = ()


@dataclass(frozen=True)
class Meaning:
    """How the rows of a leads file are read: its columns, and the settings."""

    columns: Mapping[str, str]
    config: FlowFile
    source: str
    ignored: frozenset[str] = field(default=frozenset())

    def lead(self, cells: Mapping[str, str], now: datetime) -> LeadRow:
        """Return what a row says; ``InvalidInput`` for a moment or an id that can't be used."""
        values, apart = self._values(cells)
        return LeadRow(
            values=values,
            source=apart.get("source") or self.source,
            external_id=self._external(apart.get("external_id")),
            visitor=apart.get("visitor"),
            at=read_moment("at", apart["at"], self.config.timezone) if "at" in apart else None,
            id=apart.get("id"),
            consents=self._consents(cells, apart.get("at"), now),
        )

    def _values(self, cells: Mapping[str, str]) -> tuple[dict[str, object], dict[str, str]]:
        values: dict[str, object] = {}
        apart: dict[str, str] = {}
        for column, cell in cells.items():
            if column in self.ignored or not said(cell, self.config.missing):
                continue
            key = self.columns.get(column)
            if key in APART and len(cell) <= LINE_LIMIT:  # what is longer is none; it is kept with the submission
                apart[key] = str(safe_line(cell))
            elif key is not None and key.startswith("custom."):
                values[key.removeprefix("custom.")] = self._custom(key, cell.strip())
            else:
                values[key or column] = cell
        if "utm_source" in values and "source" not in apart and len(str(values["utm_source"])) <= LINE_LIMIT:
            apart["source"] = str(safe_line(values["utm_source"]))
        return values, apart

    def _custom(self, key: str, cell: str) -> str:
        kind = self.config.custom.get(key.removeprefix("custom."))
        if kind == "bool":
            return YES.get(cell.casefold(), cell)
        if kind in ("date", "moment"):
            moment = read_moment(key, cell, self.config.timezone)
            return moment.date().isoformat() if kind == "date" else moment.isoformat()
        return cell

    def _external(self, given: str | None) -> ExternalId | None:
        if given is None:
            return None
        return external(self.config, given)

    def _consents(self, cells: Mapping[str, str], at: str | None, now: datetime) -> tuple[Consent, ...]:
        asked: ConsentColumn | None = self.config.consent
        if asked is None:
            return ()
        if cells.get(asked.column, "").strip().casefold() not in {one.casefold() for one in asked.values}:
            return ()
        when = read_moment("at", at, self.config.timezone) if at else now
        given: dict[str, Any] = {"purpose": asked.purpose, "channel": asked.channel, "proof": asked.proof}
        return (Consent(status="given", at=when, origin="import", **given),)


def said(cell: str, missing: tuple[str, ...] = ()) -> bool:
    """Say whether a cell says anything: it is neither blank nor one of the words for nothing."""
    text = cell.strip()
    return bool(text) and text not in missing


def external(config: FlowFile, id: str) -> ExternalId:
    """Return the id that a lead has in the system that the file comes from."""
    try:
        return ExternalId(system=config.external_system, id=id, reachable=config.reachable_elsewhere)
    except ValidationError as error:
        raise InvalidInput("external_id", id, str(error.errors()[0]["msg"])) from None


def read_moment(name: str, text: str, zone: tzinfo) -> datetime:
    """Return the moment in a cell; ``InvalidInput`` names the field."""
    try:
        return moment_of(text, zone)
    except ValueError as wrong:
        raise InvalidInput(name, text, str(wrong)) from None
