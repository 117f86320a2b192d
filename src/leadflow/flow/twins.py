"""Twins: the pairs of leads that wait for a person to decide whether they are one."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, Generic

from leadflow.conditions import Condition, bind, condition_from, evaluate
from leadflow.decisions.arguments import line_of
from leadflow.decisions.derived_records import OPEN_TWINS
from leadflow.decisions.held_submissions import HeldSubmission, held_keys_of, held_submissions
from leadflow.decisions.reads import Asking, matching, readable, states
from leadflow.decisions.rivals import are_apart
from leadflow.entities import Lead, LeadId
from leadflow.errors import InvalidInput
from leadflow.flow.effects import Program
from leadflow.flow.runner import Fields, Runner
from leadflow.flow.search import Where

__all__ = ["TwinPage", "TwinPair", "twins"]

AT_ONCE: Final = 1_000
LEADS_AT_ONCE: Final = 100
LISTED_LIMIT: Final = 1_000_000
"""The most leads with undecided twins that are listed."""


@dataclass(frozen=True)
class TwinPair(Generic[Fields]):
    """Two leads that are probably one person: how alike they are, what speaks for and against it, since when.

    ``held`` are the submissions that point to both, for ``flow.give_held``.
    """

    one: Lead[Fields]
    other: Lead[Fields]
    likeness: float
    evidence: tuple[str, ...]
    since: datetime | None = None
    held: tuple[HeldSubmission, ...] = ()

    def __str__(self) -> str:
        since = f" since {self.since:%Y-%m-%d}" if self.since else ""
        held = f"; {len(self.held)} submission(s) held" if self.held else ""
        return f"{self.one.id} {self.other.id} {self.likeness:.0%}{since}: {', '.join(self.evidence)}{held}"


@dataclass(frozen=True)
class TwinPage(Generic[Fields]):
    """A page of pairs; ``next`` is for the next page, None at the end."""

    pairs: tuple[TwinPair[Fields], ...]
    next: str | None = None

    def __iter__(self) -> Iterator[TwinPair[Fields]]:
        return iter(self.pairs)

    def __len__(self) -> int:
        return len(self.pairs)


def twins(
    runner: Runner[Fields], where: Where = None, *, limit: int = 50, after: str | None = None
) -> Program[TwinPage[Fields]]:
    """Return the pairs of leads that wait for a person: same or not? Each pair once, in order of their ids.

    Decide with ``merge`` or ``not_same``. ``where`` is a condition that must be true for one of the two; ``after`` is
    the ``next`` of the previous page. Pairs are found by an index, without going through all leads; unreadable leads
    are left out and logged.
    """
    if not isinstance(limit, int) or isinstance(limit, bool) or not 0 < limit <= AT_ONCE:
        raise InvalidInput("limit", limit, f"give 1 to {AT_ONCE:,}; the next page continues after it")
    condition = None if where is None else bind(condition_from(where), runner.policy.lead_type)
    passed = ("", "") if after is None else _position(line_of("after", after))
    found = yield from matching([OPEN_TWINS], LISTED_LIMIT)
    ids = [one for one in found.get(OPEN_TWINS, ()) if one >= passed[0]]
    pairs: list[TwinPair[Fields]] = []
    for start in range(0, len(ids), LEADS_AT_ONCE):
        for pair in (yield from _pairs(ids[start : start + LEADS_AT_ONCE])):
            if _place(pair) <= passed or not _is_asked_for(pair, condition, runner.now()):
                continue
            if len(pairs) == limit:
                return TwinPage(tuple(pairs), ":".join(_place(pairs[-1])))
            pairs.append((yield from _with_held(pair)))
    return TwinPage(tuple(pairs))


def _position(after: str) -> tuple[str, str]:
    one, _, other = after.partition(":")
    if not one or not other:
        raise InvalidInput("after", after, "give the next of a page of pairs, or leave it out for the first page")
    return one, other


def _place(pair: TwinPair[Any]) -> tuple[str, str]:
    return pair.one.id, pair.other.id


def _is_asked_for(pair: TwinPair[Any], where: Condition | None, now: datetime) -> bool:
    return where is None or any(evaluate(where, lead, now) is True for lead in (pair.one, pair.other))


def _pairs(ids: list[LeadId]) -> Asking[list[TwinPair[Any]]]:
    leads = yield from readable(ids)
    asked = {twin.lead_id for lead in leads.values() for twin in lead.twins}
    others = yield from readable(sorted(asked))
    return [pair for id in ids if id in leads for pair in _pairs_of(leads[id], others)]


def _pairs_of(lead: Lead[Any], others: dict[LeadId, Lead[Any]]) -> list[TwinPair[Any]]:
    """Return the pairs that are listed with this lead: not those that are listed with the other one already."""
    pairs: dict[LeadId, TwinPair[Any]] = {}
    for twin in lead.twins:
        other = others.get(twin.lead_id)
        if other is None or other.id == lead.id or are_apart(lead, other):
            continue
        mutual = {one.lead_id for one in other.twins} & {lead.id, *lead.absorbed}
        if mutual and other.id < lead.id:
            continue
        pair = TwinPair(lead, other, twin.likeness, twin.evidence, twin.since)
        pairs[other.id] = max(pair, pairs.get(other.id, pair), key=lambda one: one.likeness)
    return [pairs[id] for id in sorted(pairs)]


def _with_held(pair: TwinPair[Fields]) -> Asking[TwinPair[Fields]]:
    held = held_submissions((yield from states((yield from held_keys_of(pair.one)))))
    both = {pair.one.id, *pair.one.absorbed, pair.other.id, *pair.other.absorbed}
    ours = tuple(one for one in held if both.issuperset(one.leads))
    return TwinPair(pair.one, pair.other, pair.likeness, pair.evidence, pair.since, ours)
