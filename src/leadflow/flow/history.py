"""The history of a lead: its facts as recorded, its past states, everything known of the person."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from heapq import heapify, heappop, heapreplace
from typing import Any, Final

from leadflow.decisions.arguments import lead_id_of, moment_of
from leadflow.decisions.erasure import in_export
from leadflow.decisions.held_submissions import HeldSubmission, held_keys_of, held_submissions
from leadflow.decisions.merge_traces import MergeTraces, given_facts
from leadflow.decisions.message_log import LOGGED, MessageFate, message_log
from leadflow.decisions.past_states import added
from leadflow.decisions.reads import Asking, facts, lead_with, states
from leadflow.entities import Activity, Lead, LeadId
from leadflow.events import Fact, Replay, Setbacks, SetbackSearch
from leadflow.flow.effects import Program, collected, emit, on_storage
from leadflow.flow.fact_pages import FACTS_PAGE, FactPages, facts_of
from leadflow.flow.runner import Fields, Runner
from leadflow.flow.tasks import tasks_listed
from leadflow.ports import State

__all__ = ["as_of", "export", "held", "history", "history_of", "messages"]

PAGE: Final = 500
LEAST_PAGE: Final = 20


def history(runner: Runner, lead_id: LeadId) -> Program[None]:
    """Iterate over all facts of a lead, including those of absorbed visitors, in the order of recording.

    They are read in pages: a lead may have 100,000. ``list(flow.history(lead_id))`` loads them all.
    """
    yield from history_of(runner, (yield from lead_with(lead_id_of("lead_id", lead_id))))


def history_of(runner: Runner, lead: Lead[Any], kinds: Collection[str] | None = None) -> Program[None]:
    """Emit the facts of a lead and of those that it absorbed, in the order of recording."""
    if not lead.absorbed:
        yield from facts_of(lead.id, kinds=kinds)
        return
    whose, now = (lead.id, *lead.absorbed), runner.now()
    page = max(FACTS_PAGE // len(whose), LEAST_PAGE)
    places: list[_Place] = []
    for rank, one in enumerate(whose):
        place = _Place(one, rank, (yield from _setbacks(one, now, kinds, page)), kinds, page)
        if (yield from place.move()):
            places.append(place)
    heapify(places)
    while places:
        yield from emit(places[0].fact)
        if (yield from places[0].move()):
            heapreplace(places, places[0])
        else:
            heappop(places)


class _Place:
    """The next fact of one of several leads, with its sort position."""

    fact: Fact

    def __init__(
        self, lead_id: LeadId, rank: int, setbacks: Setbacks, kinds: Collection[str] | None, page: int
    ) -> None:
        self._pages, self._setbacks, self._rank = FactPages(lead_id, kinds=kinds, page=page), setbacks, rank
        self._key: tuple[datetime, bool, int, int, int]

    def move(self) -> Asking[bool]:
        """Advance to the next fact; False at the end."""
        fact = yield from self._pages.next()
        if fact is None:
            return False
        self.fact = fact
        self._key = (self._setbacks.recorded_at(fact), self._rank > 0, fact.version, fact.seq, self._rank)
        return True

    def __lt__(self, other: _Place) -> bool:
        return self._key < other._key


def _setbacks(lead_id: LeadId, by: datetime, kinds: Collection[str] | None, page: int) -> Asking[Setbacks]:
    """Read all facts of a lead once, without keeping them."""
    search, pages = SetbackSearch(), FactPages(lead_id, kinds=kinds, page=page)
    while found := (yield from pages.next_page()):
        for fact in found:
            search.add(fact)
    return search.found(by)


def messages(runner: Runner, lead_id: LeadId) -> Program[list[MessageFate]]:
    """Return the outcome of each message to this lead: sent, failed, uncertain, skipped, or still on its way.

    The uncertain ones of all leads are listed by ``tasks("dead")`` until they are dismissed.
    """
    lead = yield from lead_with(lead_id_of("lead_id", lead_id))
    return message_log((yield from collected(history_of(runner, lead, LOGGED))))


def as_of(runner: Runner[Fields], lead_id: LeadId, moment: datetime) -> Program[Lead[Fields] | None]:
    """Return the lead as it was known at a moment; None if it was not known yet."""
    at, now = moment_of("moment", moment), runner.now()
    lead = yield from lead_with(lead_id_of("lead_id", lead_id))
    by = at if at < now else None  # by now, all of them exist
    whose: LeadId | None = lead_id if lead_id in lead.merged else lead.id
    known: Lead[Fields] | None = None
    while whose is not None:  # a lead that has been merged since was one of its own
        known = yield from _known_by(runner, whose, by)
        whose = known.absorbed_by if known is not None and whose in lead.merged else None
    return known if known is None else known.but(recorded_at=min(known.recorded_at, now))


def _known_by(runner: Runner[Fields], lead_id: LeadId, by: datetime | None) -> Program[Lead[Fields] | None]:
    replaying, pages = Replay(runner.policy.lead_type, by), FactPages(lead_id)
    while found := (yield from pages.next_page()):
        yield from added(replaying, runner.policy.lead_type, found)
    return replaying.known


def export(runner: Runner, lead_id: LeadId) -> Program[None]:  # noqa: ARG001  (the same for all streams)
    """Iterate over everything known of a person (the right of access): ``{"lead": …}``, then each ``{"fact": …}``,
    ``{"activity": …}``, ``{"task": …}`` and ``{"held": …}``, as JSON values. A held submission may belong to somebody
    else: check it before you hand it out.

    What came in while it was one lead with another one, and was given to one of them since, is in the export of that
    one only.

    They are read in pages: write each as a line, and even a very long history needs little memory. Facts and activities
    come lead by lead (the lead, then its absorbed visitors), facts in the order of their versions.
    """
    lead = yield from lead_with(lead_id_of("lead_id", lead_id))
    yield from emit(in_export("lead", lead))
    traces = {}
    for one in (lead.id, *lead.absorbed):
        undone = yield from facts(one, kinds=["leads_unmerged"])
        traces[one] = MergeTraces(lead, undone)
        for fact in (yield from given_facts(lead, undone)):
            yield from emit(in_export("fact", fact))
        pages = FactPages(one)
        while found := (yield from pages.next_page()):
            for fact in found:
                if (own := traces[one].own(fact)) is not None:
                    yield from emit(in_export("fact", own))
    for one in (lead.id, *lead.absorbed):
        yield from _exported_activities(one, traces[one])
    for task in (yield from tasks_listed(lead_id=lead.id, limit=10_000)):
        yield from emit(in_export("task", task))
    for state in (yield from _held(lead)).values():
        yield from emit({"held": dict(state.value)})  # as it is stored


def _exported_activities(lead_id: LeadId, traces: MergeTraces) -> Program[None]:
    after: str | None = None
    while page := (yield from _activity_page(lead_id, after)):
        for activity in filter(traces.is_own, page):
            yield from emit(in_export("activity", activity))
        after = page[-1].id


def _activity_page(lead_id: LeadId, after: str | None) -> Program[list[Activity]]:
    return (yield from on_storage(lambda storage: storage.activities(lead_id, after=after, limit=PAGE)))


def held(runner: Runner, lead_id: LeadId) -> Program[list[HeldSubmission]]:  # noqa: ARG001  (the same for all queries)
    """Return the submissions that may belong to this lead or to another, for a person to decide; oldest first.

    Their contents may belong to the other lead. Erasing either lead removes them. Unreadable ones are left out here;
    exports contain them in their stored form.
    """
    lead = yield from lead_with(lead_id_of("lead_id", lead_id))
    return held_submissions((yield from _held(lead)))


def _held(lead: Lead[Any]) -> Asking[dict[str, State]]:
    return (yield from states((yield from held_keys_of(lead))))
