"""What is done with a row: a lead is captured, an activity recorded, the moves of sales are made."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any, Final

from leadflow.decisions.derived_records import external_claim, visitor_claim
from leadflow.entities import Actor, ExternalId, LeadId
from leadflow.errors import InvalidInput, NotFound
from leadflow.events import digest_of
from leadflow.files.chunks import RowCommand
from leadflow.files.config import FlowFile, FromColumn, MoveStep, SalesMoves
from leadflow.files.date_parsing import day_of
from leadflow.files.destination import Transaction
from leadflow.files.row_mapping import LeadRow, RowMapping, has_value, read_moment
from leadflow.files.run_summary import RowOutcome
from leadflow.files.tables import Row
from leadflow.flow import Captured, LeadFlow
from leadflow.quality import email_key
from leadflow.quality.email import check_email
from leadflow.quality.numbers import check_amount

__all__ = ["ActivityAction", "LeadAction", "SalesAction", "find_lead_id", "outcome_of"]

KINDS: Final = ("marketing", "policy", "crm", "person", "system", "rep")
APART: Final = re.compile(r"[,;+>→]+")


@dataclass(frozen=True)
class LeadAction:
    """Captures a row as a lead."""

    meaning: RowMapping
    clock: Callable[[], datetime]

    def __call__(self, unit: Transaction, row: Row) -> RowOutcome:
        lead = self.meaning.lead_in(row, self.clock())
        return outcome_of(lead, unit.flow.run(lead.capture))

    def command(self, row: Row) -> RowCommand:
        """Return the command that the row is."""
        lead = self.meaning.lead_in(row, self.clock())
        return RowCommand(lead.capture, partial(outcome_of, lead))


def outcome_of(lead: LeadRow, captured: Captured) -> RowOutcome:
    """What became of a captured row, in a word, with all that was found in it."""
    word = "repeated" if captured.repeated else captured.outcome
    return RowOutcome(word, findings=tuple(dict.fromkeys((*lead.findings, *captured.findings))))


@dataclass(frozen=True)
class ActivityAction:
    """Records a row as an activity of a lead, or of an anonymous visitor."""

    columns: Mapping[str, str]
    config: FlowFile

    def __call__(self, unit: Transaction, row: Row) -> RowOutcome:
        given, properties = self._read(row)
        kind = self._kind(given)
        if kind is None:
            raise InvalidInput("kind", "", "say what was done")
        if "at" not in given:
            raise InvalidInput("at", "", "say when it was; a score needs it")
        more: dict[str, Any] = {
            "at": read_moment("at", given["at"], self.config.timezone),
            "id": given.get("id"),
            "source": given.get("source") or self.config.activities.source,
            "properties": properties,
        }
        lead_id = self._lead(unit.flow, given)
        if lead_id is not None:
            recorded = unit.flow.record(lead_id, kind, **more)
        else:
            recorded = unit.flow.visit(given["visitor"], kind, **more)
        return RowOutcome("repeated" if recorded.repeated else "recorded")

    def kind_in(self, row: Row) -> str | None:
        """What was done, by a row."""
        return None if row.problem is not None else self._kind(self._read(row)[0])

    def _kind(self, given: Mapping[str, str]) -> str | None:
        return given.get("kind") or self.config.activities.kind

    def _read(self, row: Row) -> tuple[dict[str, str], dict[str, str]]:
        given: dict[str, str] = {}
        properties: dict[str, str] = {}
        for column, cell in row.cells.items():
            if column in self.config.activities.ignore or not has_value(cell, self.config.missing):
                continue
            key = self.columns.get(column)
            if key is None:
                properties[column] = cell.strip()
            else:
                given["lead" if key in ("email", "external_id") else key] = cell.strip()
        return given, properties

    def _lead(self, flow: LeadFlow, given: Mapping[str, str]) -> LeadId | None:
        """Return whose activity it is; None for an anonymous visitor's."""
        try:
            if "lead" in given:
                return find_lead_id(flow, given["lead"], self.config.external_system)
        except NotFound:
            if "visitor" not in given:
                raise
        if "visitor" not in given:
            raise InvalidInput("lead", "", "say whose it is: an e-mail address, an id, or a visitor")
        return None


@dataclass(frozen=True)
class SalesAction:
    """Makes the moves of a row, all of them or none; a row whose moves were made before is passed over."""

    columns: Mapping[str, str]
    moves: SalesMoves
    config: FlowFile
    name: str = "sales"

    def concerns(self, row: Row) -> bool:
        """Say whether the settings choose this row."""
        return all(row.cells.get(column, "").strip() in values for column, values in self.moves.where.items())

    def __call__(self, unit: Transaction, row: Row) -> RowOutcome:
        cells = {key: row.cells[column].strip() for column, key in self.columns.items() if has_value(row.cells[column])}
        called = cells.get("lead")
        if called is None:
            raise InvalidInput("lead", "", "say whose row it is: an e-mail address or an id")
        lead_id = find_lead_id(unit.flow, called, self.config.external_system)
        steps = self.moves.moves or _steps_in(cells.get("move"))
        with unit.whole():
            done = [self._step(unit.flow, lead_id, number, step, row, cells) for number, step in enumerate(steps)]
        return RowOutcome("played" if any(done) else "repeated")

    def _step(
        self, flow: LeadFlow, lead_id: LeadId, number: int, step: MoveStep, row: Row, cells: Mapping[str, str]
    ) -> bool:
        """Make one move; False if it was made by an earlier run."""
        given = {name: self._value(name, step, row, cells) for name in MoveStep.model_fields if name != "move"}
        key = (
            f"file:{digest_of({'file': self.name, 'row': dict(row.cells), 'step': number, 'move': step.move, **given})}"
        )
        if flow.answered(key):
            return False
        named = {name: text for name, text in given.items() if text is not None}
        _make(flow, lead_id, _name(step.move), named, key=key, zone=self.config)
        return True

    def _value(self, name: str, step: MoveStep, row: Row, cells: Mapping[str, str]) -> str | None:
        for one in (getattr(step, name), cells.get(name), getattr(self.moves, name)):
            text = row.cells.get(one.column, "") if isinstance(one, FromColumn) else one
            if isinstance(one, FromColumn) and not has_value(str(text), self.config.missing):
                text = one.otherwise
            if text is not None and str(text).strip():
                return str(text).strip()
        return None


def _steps_in(text: str | None) -> tuple[MoveStep, ...]:
    moves = [part for part in APART.split(text or "") if part.strip()]
    if not moves:
        raise InvalidInput("move", text or "", "say what sales did, such as accept, confirm or win")
    return tuple(MoveStep(move=part.strip()) for part in moves)


def _name(move: str) -> str:
    return re.sub(r"[\s-]+", "_", move.strip().lower())


def _make(flow: LeadFlow, lead_id: LeadId, move: str, given: Mapping[str, str], *, key: str, zone: FlowFile) -> None:
    """Give the command that a move is."""
    at = read_moment("at", given["at"], zone.timezone) if "at" in given else None
    more: dict[str, Any] = {"by": _actor(flow, lead_id, given.get("by")), "at": at, "key": key}
    why: dict[str, Any] = {"note": given.get("note"), "revisit": _day("revisit", given.get("revisit"))}
    match move:
        case "accept":
            flow.accept(lead_id, **more)
        case "open_deal":
            deal: dict[str, Any] = {name: given[name] for name in ("currency", "name") if name in given}
            deal |= {"amount": _amount(given.get("amount")), "expected": _day("expected", given.get("expected"))}
            flow.open_deal(lead_id, given.get("deal") or key.rpartition(":")[2][:16], **deal, **more)
        case "win":
            flow.win(lead_id, given.get("deal"), amount=_amount(given.get("amount")), **more)
        case "lose":
            flow.lose(lead_id, given.get("deal"), reason=given.get("reason", ""), **why, **more)
        case _:
            flow.move(lead_id, move, to=given.get("to"), reason=given.get("reason"), **why, **more)


def _actor(flow: LeadFlow, lead_id: LeadId, by: str | None) -> Actor | str:
    if by is None or by == "owner":
        lead = flow.get(lead_id)
        if lead.owner is None:
            where = f"it stands in queue {lead.queue}" if lead.queue else "it has none"
            raise InvalidInput("by", by or "", f"the lead's owner is meant, but {where}; say who did it")
        return lead.owner
    kind, _, name = by.partition(":")
    if kind in KINDS and (name or by != "rep"):
        return Actor.model_validate({"kind": kind} | ({"id": name} if name else {}))
    return by


def _amount(text: str | None) -> float | None:
    if text is None:
        return None
    read = check_amount("amount", text)
    if read.value is None:
        raise InvalidInput("amount", text, "; ".join(finding.message for finding in read.findings) or "give a number")
    return read.value


def _day(name: str, text: str | None) -> Any:
    try:
        return None if text is None else day_of(text)
    except ValueError as wrong:
        raise InvalidInput(name, text, str(wrong)) from None


def find_lead_id(flow: LeadFlow, name: str, system: str = "file") -> LeadId:
    """Return the id of the lead that is called so; ``NotFound`` if nobody is."""
    name = name.strip()
    claims = [external_claim(ExternalId(system=system, id=name))] if name else []
    if "@" in name:
        address = check_email(name).value
        claims += [email_key(address)] if address else []
    claims += [visitor_claim(name)] if name else []
    holders = flow.storage.holders(claims)
    found = [holders[claim] for claim in claims if claim in holders] or [name]
    leads = flow.storage.load(found[:1])
    if found[0] not in leads:
        raise NotFound("lead", name)
    return leads[found[0]].id
