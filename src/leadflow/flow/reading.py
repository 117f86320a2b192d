"""Looking: at a lead, its history, its past, the reasons; and the rights of access and erasure."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from datetime import datetime
from functools import partial
from heapq import merge
from operator import itemgetter
from typing import Any, NamedTuple, get_args

from leadflow.conditions import Condition, bind
from leadflow.decisions.commands.suppression import suppressed
from leadflow.decisions.erasing import in_export
from leadflow.decisions.explaining import EXPLAINED, Explanation, explain, outlook_of
from leadflow.decisions.given import count_of, lead_id_of, line_of, moment_of, one_of
from leadflow.decisions.holding import HeldSubmission, held_keys, held_submissions
from leadflow.decisions.message_log import LOGGED, MessageFate, message_log
from leadflow.decisions.suppression import contact_points
from leadflow.entities import Activity, Lead, LeadId, Score, Suppression, Task, TaskStatus
from leadflow.errors import InvalidInput, Unreadable
from leadflow.events import Fact, Setbacks, replay
from leadflow.flow.core import FACTS_PAGE, Core
from leadflow.ports import State
from leadflow.scoring import Outlook, ScoringModel
from leadflow.stage_times import TimeInStage, stage_entries, times_in_stage

__all__ = ["Reading", "UnreadableLead"]

PAGE = 500
LEAST_PAGE = 20


class UnreadableLead(NamedTuple):
    """A lead that can't be read under today's definitions; ``why`` quotes nothing of it."""

    lead_id: LeadId
    why: str


class Reading(Core):
    """Everything that only looks, and the right to be forgotten."""

    def get(self, lead_id: LeadId) -> Lead[Any]:
        """Return the lead; an absorbed id gives its survivor. Raises ``NotFound``."""
        return self._lead(lead_id)

    def leads(self, stage: str | None = None) -> Iterator[Lead[Any]]:
        """Walk through all leads (in this stage), in order of id, without holding them all."""
        if stage is not None:
            self.policy.lifecycle.stage(line_of("stage", stage))
        after: LeadId | None = None
        while page := self.storage.scan(after, PAGE, stage):
            yield from page
            after = page[-1].id

    def unreadable(self) -> Iterator[UnreadableLead]:
        """Walk through the leads that can't be read, which all else leaves out: each with its id, and why.

        ``why`` quotes nothing of what is stored. Such a lead comes back with the definitions that it was written with;
        ``erase`` works on it, too.
        """
        after: LeadId | None = None
        while page := self.storage.lead_ids(after, PAGE):
            yield from self._unreadable_of(page)
            after = page[-1]

    def _unreadable_of(self, ids: Collection[LeadId]) -> list[UnreadableLead]:
        try:
            self.storage.load(ids)
        except Unreadable as error:
            return [UnreadableLead(one, str(error.wrong[one])) for one in ids if one in error.wrong]
        return []

    def score(self, lead_id: LeadId, at: datetime | None = None) -> Score:
        """Return the score as it is now, or at another moment by what is known now; nothing is written.

        ``lead.score`` is as of its ``at``, when it was last computed. Raises ``InvalidInput`` without a scoring model.
        """
        scoring, lead = self._scoring(), self._lead(lead_id)
        at = self._moment().now if at is None else moment_of("at", at)
        return self._known(lead, at).score(scoring, lead, at)

    def history(self, lead_id: LeadId) -> Iterator[Fact]:
        """Walk through all facts of a lead, also those of the visitors that it absorbed, as they were recorded.

        They are read in pages: a lead may have 100,000. ``list(flow.history(lead_id))`` holds them all.
        """
        return self._history(self._lead(lead_id))

    def _history(self, lead: Lead[Any], kinds: Collection[str] | None = None) -> Iterator[Fact]:
        if not lead.absorbed:
            return self._facts(lead.id, kinds=kinds)
        now, whose = self._moment().now, (lead.id, *lead.absorbed)
        page = max(FACTS_PAGE // len(whose), LEAST_PAGE)
        placed = [self._placed(one != lead.id, now, partial(self._facts, one, kinds=kinds, page=page)) for one in whose]
        return (fact for _, fact in merge(*placed, key=itemgetter(0)))

    def _placed(
        self, other: bool, by: datetime, facts: Callable[[], Iterator[Fact]]
    ) -> Iterator[tuple[tuple[datetime, bool, int, int], Fact]]:
        """Return each fact of one lead with its place among those of all; they are read twice, and not held."""
        setbacks = Setbacks.of(facts(), by)
        return (((setbacks.recorded_at(fact), other, fact.version, fact.seq), fact) for fact in facts())

    def messages(self, lead_id: LeadId) -> list[MessageFate]:
        """Return what became of each message to this lead: sent, failed, uncertain, skipped, or still on its way.

        The uncertain ones of all leads are listed by ``tasks("dead")`` until somebody dismisses them.
        """
        return message_log(self._history(self._lead(lead_id), LOGGED))

    def times_in_stage(self, lead_id: LeadId) -> Mapping[str, TimeInStage]:
        """Return for every stage that the lead was in how long, the last time and in all, and how often it came in."""
        moment, lead = self._moment(), self._lead(lead_id)
        return times_in_stage(stage_entries(self._facts(lead.id, kinds=["stage_changed"]), lead.created_at), moment.now)

    def as_of(self, lead_id: LeadId, moment: datetime) -> Lead[Any] | None:
        """Return the lead as it was known at a moment; None if it was not known yet."""
        at, now = moment_of("moment", moment), self._moment().now
        facts, by = self._facts(self._lead(lead_id).id), at if at < now else None  # by now, all of them are there
        lead = replay(facts, self.policy.lead_type, recorded_by=by)
        return lead if lead is None else lead.but(recorded_at=min(lead.recorded_at, now))

    def explain(self, lead_id: LeadId) -> Explanation:
        """Return every point, every gate, every candidate and every message, with reasons; ``str()`` is for people.

        Also what is missing for MQL with what would give it, or until when a lead stays one by ageing alone.
        """
        lead, moment = self._lead(lead_id), self._moment()
        known, listed = self._known(lead, moment.now), self._suppressions(contact_points(lead.emails, lead.phones))
        return explain(self.policy, moment, lead, list(self._history(lead, EXPLAINED)), known=known, listed=listed)

    def outlook(self, lead_id: LeadId, goal: Condition) -> Outlook:
        """Return what the lead lacks of a goal, such as ``field("score.fit") >= 40``, and what would give it.

        If the goal is reached, until when it is by ageing alone. Raises ``InvalidInput`` without a scoring model.
        """
        lead, moment = self._lead(lead_id), self._moment()
        return outlook_of(self._scoring(), moment, lead, self._known(lead, moment.now), bind(goal, type(lead)))

    def _scoring(self) -> ScoringModel:
        if self.policy.scoring is None:
            raise InvalidInput("scoring", None, "give LeadFlow a scoring model: LeadFlow(…, scoring=ScoringModel(…))")
        return self.policy.scoring

    def export(self, lead_id: LeadId) -> Iterator[dict[str, Any]]:
        """Walk through all that is known of a person (the right of access): ``{"lead": …}``, then each ``{"fact": …}``,
        ``{"activity": …}``, ``{"task": …}`` and ``{"held": …}``, as JSON values. What is held may be another's: look at
        it before you hand it out.

        They are read in pages: write each as a line, and a very long history needs no memory. Facts and activities come
        lead by lead (the lead, then the visitors that it absorbed), facts in the order of their versions.
        """
        return self._export(self._lead(lead_id))

    def _export(self, lead: Lead[Any]) -> Iterator[dict[str, Any]]:
        whose = (lead.id, *lead.absorbed)
        yield in_export("lead", lead)
        yield from (in_export("fact", fact) for one in whose for fact in self._facts(one))
        yield from (in_export("activity", did) for one in whose for did in self._activities(one))
        yield from (in_export("task", task) for task in self.storage.tasks(lead_id=lead.id, limit=10_000))
        yield from ({"held": dict(state.value)} for state in self._held(lead).values())  # as it is stored

    def _activities(self, lead_id: LeadId) -> Iterator[Activity]:
        after: str | None = None
        while page := self.storage.activities(lead_id, after=after, limit=PAGE):
            yield from page
            after = page[-1].id

    def held(self, lead_id: LeadId) -> list[HeldSubmission]:
        """Return the submissions that may be this lead's or another's, for a person to decide; the oldest first.

        What stands in them may be the other's. Erasing either lead removes them. One that can't be read is left out
        here; exports have it as it is stored.
        """
        return held_submissions(self._held(self._lead(lead_id)))

    def _held(self, lead: Lead[Any]) -> dict[str, State]:
        return self.storage.states(held_keys(self.storage.facts(lead.id, kinds=["twin_suspected"])))

    def suppressed(self, address: str, purpose: str | None = None) -> tuple[Suppression, ...]:
        """Return what stands against a mailbox or number, for one purpose or for any; empty when it is open.

        What one lead has taken back for itself alone still stands for all others.
        """
        return self._ask(suppressed(self.policy, address, purpose))

    def tasks(self, status: TaskStatus | None = None, lead_id: LeadId | None = None, limit: int = 100) -> list[Task]:
        """Return what waits, is being done, or has failed for good (``dead``)."""
        if status is not None:
            one_of("status", status, get_args(TaskStatus))
        lead_id = None if lead_id is None else lead_id_of("lead_id", lead_id)
        return self.storage.tasks(status, lead_id, count_of("limit", limit))
