"""Traces of a merge that was taken back: what the survivor's facts say of the other lead goes when that is erased."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any, Final

from leadflow.decisions.past_states import lead_at
from leadflow.decisions.reads import Asking, activities, facts
from leadflow.entities import Lead
from leadflow.events import ActivityRetracted, Change, Fact, LeadsUnmerged, LeadWrite

__all__ = ["without_traces"]

FARTHEST: Final = 2**62
HARMLESS: Final = frozenset(
    (
        "activity_recorded activity_retracted contact_due cooling_planned deadline_breached deadline_met "
        "deadline_reminded deadline_set lead_routed leads_merged message_claimed message_sent moment_awaited "
        "owner_released qualifying_planned revisit_due stage_changed twin_dismissed"
    ).split()
)
"""Facts without values of a person; all others, from the time as one lead, are removed from the survivor's."""


def without_traces(lead_type: type[Lead[Any]], lead: Lead[Any], told: Iterable[Fact]) -> Asking[Change]:
    """Return what removes the values of a lead from the facts of those into which it was merged for a time.

    ``told`` are its own facts of that, and of the leads that were merged into it. Since the undoing says what the
    survivor is, nothing that is stored of it depends on what is removed.
    """
    forget, anew, acted, checked = [], [], [], []
    for undone in _undone(lead, told):
        said = yield from facts(undone.into)
        own = [one for one in said if isinstance(one, LeadsUnmerged) and _is_same(one, undone)]
        survivor = yield from lead_at(lead_type, undone.into, FARTHEST)
        if not own or survivor is None:
            continue
        checked.append(LeadWrite(id=survivor.id, read_version=survivor.version))
        for fact in _within(said, own[0]):
            forget.append((fact.lead_id, fact.version, fact.seq))
            if isinstance(fact, LeadsUnmerged):
                anew.append(fact.but(lead={}))
        moved = [
            one.activity_id for one in said if isinstance(one, ActivityRetracted) and one.version == own[0].version
        ]
        found = yield from activities(survivor.id, moved)
        acted += [one.but(source=None, properties={}) for one in found if one.retracted_at is not None]
    return Change(
        leads=tuple({one.id: one for one in checked}.values()),
        forget=tuple(dict.fromkeys(forget)),
        facts=tuple({(one.lead_id, one.version, one.seq): one for one in anew}.values()),
        activities=tuple(acted),
    )


def _undone(lead: Lead[Any], told: Iterable[Fact]) -> list[LeadsUnmerged]:
    inside = {lead.id, *lead.absorbed}
    undone = (one for one in told if isinstance(one, LeadsUnmerged))
    return [one for one in undone if one.absorbed == one.lead_id and one.into not in inside]


def _is_same(one: LeadsUnmerged, other: LeadsUnmerged) -> bool:
    return (one.absorbed, one.merged_version) == (other.absorbed, other.merged_version)


def _within(said: Sequence[Fact], undone: LeadsUnmerged) -> Iterator[Fact]:
    given: Iterable[tuple[int, int]] = undone.given
    for fact in said:
        if not undone.merged_version <= fact.version <= undone.version or fact == undone:
            continue
        if fact.kind not in HARMLESS or (fact.version, fact.seq) in given:
            yield fact
