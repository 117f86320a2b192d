"""Moments ahead of the clock: what is dated ahead waits for its moment, effects of a wrong clock are corrected."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sized
from datetime import datetime
from typing import Any, Final

from leadflow.decisions.draft import Draft
from leadflow.decisions.policy import THE_POLICY, CommandContext
from leadflow.entities import CLOCK_SKEW, Finding, Lead
from leadflow.errors import InvalidInput
from leadflow.events import (
    ActivityRecorded,
    ConsentChanged,
    DeadlineSet,
    DealChanged,
    EnrolmentChanged,
    Fact,
    LeadCaptured,
    MomentAwaited,
    StageChanged,
)

__all__ = [
    "AHEAD_LIMIT",
    "await_moments",
    "check_ahead",
    "check_has_come",
    "note_dated_ahead",
    "put_clocks_right",
    "still_to_come",
]

FIELDS: Final[Mapping[type[Fact], str]] = {
    ActivityRecorded: "activities",
    ConsentChanged: "consents",
    DealChanged: "deals",
    LeadCaptured: "touches",
    StageChanged: "stage",
}
"""The parts of a lead that may carry a moment of the caller, and their fields."""


AHEAD_LIMIT: Final = 100
"""The most activities of a lead that may be dated ahead of the clock: each is stored and evaluated separately."""


def check_ahead(at: datetime, ahead: Sized, now: datetime) -> None:
    """Refuse a further activity that is dated clearly ahead of the clock, if there are many already."""
    if at - now > CLOCK_SKEW and len(ahead) >= AHEAD_LIMIT:
        wrong = (
            f"{AHEAD_LIMIT} activities of this lead are dated ahead of the clock; record this one when it has happened"
        )
        raise InvalidInput("at", at.isoformat(), wrong)


def check_has_come(moment: CommandContext) -> None:
    """Refuse an event that is dated clearly ahead of the clock, where it makes no sense to wait for it."""
    if moment.happened_at > moment.now:
        raise InvalidInput("at", moment.at, "give a moment that is not in the future, or leave it out")


def note_dated_ahead(draft: Draft) -> tuple[Finding, ...]:
    """Leave a finding for each kind of thing that is dated clearly ahead of the clock."""
    ahead = [type(fact) for fact in draft.facts if fact.happened_at - draft.recorded_at > CLOCK_SKEW]
    fields = sorted({FIELDS[kind] for kind in ahead if kind in FIELDS})
    message = "dated ahead of the clock; it counts from that moment on"
    return draft.note(
        *(Finding(code="dated_ahead", field=field, severity="warning", message=message) for field in fields)
    )


def await_moments(draft: Draft, more: Iterable[datetime] = ()) -> None:
    """Plan an evaluation for the first moment ahead; an earlier plan is never postponed.

    What a fast clock dated takes effect at the time of that clock.
    """
    lead, now = draft.lead, draft.moment.now
    told = [activity.happened_at for activity in draft.activities if activity.retracted_at is None]
    if draft.before is not None and draft.before.recorded_at - now > CLOCK_SKEW:
        told.append(draft.before.recorded_at)
    moments = [moment for moment in (*_dated(lead), *told, *more) if moment > now]
    planned = min([*moments, lead.awaited_at] if lead.awaited_at else moments, default=None)
    if planned != lead.awaited_at:
        draft.say(MomentAwaited, by=THE_POLICY, awaited_at=planned)


def still_to_come(draft: Draft, activities: Iterable[datetime]) -> None:
    """The awaited moment has come: plan again for everything still dated ahead, including activities."""
    draft.say(MomentAwaited, by=THE_POLICY, awaited_at=None)
    await_moments(draft, activities)


def _dated(lead: Lead[Any]) -> Iterator[datetime]:
    yield from (word.at for word in lead.consents if word.status == "given" and not word.counts(lead.recorded_at))
    if lead.entered_at is not None:
        yield lead.entered_at


def put_clocks_right(draft: Draft) -> None:
    """Recompute what was counted from a moment that has not come: the clock was ahead, or has been set back."""
    lead, now = draft.lead, draft.moment.now
    for one in lead.enrolments:
        if one.due_at is not None and one.since is not None and one.since - now > CLOCK_SKEW:
            right = one.but(due_at=one.due_at - (one.since - now), since=now)
            draft.say(EnrolmentChanged, by=THE_POLICY, enrolment=right)
    level, before = draft.policy.service_levels.get(lead.stage), draft.before
    if level is None or before is None or lead.deadline is None or lead.deadline.breached or lead.entered_at is None:
        return
    if before.entered_at == lead.entered_at and now + CLOCK_SKEW < lead.entered_at <= before.recorded_at:
        right_deadline = level.deadline(now)
        if lead.deadline.remind_at is None:  # the owner was reminded
            right_deadline = right_deadline.but(remind_at=None)
        if right_deadline != lead.deadline:
            draft.say(DeadlineSet, by=THE_POLICY, deadline=right_deadline)
