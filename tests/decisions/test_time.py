"""What time brings: deadlines, dates to look again, moments that come, what was retired."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest

from decisions.by_hand import BARE, NOW, RULES, answered, lead
from leadflow.decisions.deadlines import deadline_due, look_again, moment_came
from leadflow.decisions.policy import CommandContext, retry_at
from leadflow.decisions.retirement import retired
from leadflow.decisions.scoring_context import ScoringContext, known_of
from leadflow.entities import Adjustment, Task
from leadflow.events import AdjustmentEnded, MomentAwaited, RevisitDue, StageChanged
from leadflow.testing import a_consent, an_activity, an_adjustment

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
BIG: dict[str, Any] = {"company": {"employees": 900}, "person": {"seniority": "director"}}


def at(moment):
    return CommandContext(moment)


def kinds(change):
    return [fact.kind for fact in change.facts]


def knows(*activities):
    return ScoringContext.from_activities(RULES.scoring, activities, NOW)


def deadline(**parts):
    runs = {"stage": "mql", "due_at": NOW + 4 * HOUR, "remind_at": NOW + 3 * HOUR}
    return lead(stage="mql", owner="anna", deadline=runs | parts)


# ---------------------------------------------------------------------------------------------------------- deadlines
def test_before_the_reminder_nothing_is_said():
    assert deadline_due(BARE, at(NOW + 3 * HOUR - timedelta(microseconds=1)), deadline()).is_empty


def test_the_owner_is_reminded_once_and_the_task_then_waits_for_the_end():
    change = deadline_due(BARE, at(NOW + 3 * HOUR), deadline())
    assert kinds(change) == ["deadline_reminded"]
    assert {task.key: task.due_at for task in change.put} == {"deadline:lead-1": NOW + 4 * HOUR}
    assert deadline_due(BARE, at(NOW + 3 * HOUR), deadline(remind_at=None)).is_empty


def test_a_breach_is_noted_at_the_moment_when_it_ran_out_and_its_task_is_gone():
    change = deadline_due(BARE, at(NOW + 9 * HOUR), deadline())
    (breached,) = change.facts
    assert (breached.kind, breached.happened_at, breached.recorded_at) == (
        "deadline_breached",
        NOW + 4 * HOUR,
        NOW + 9 * HOUR,
    )
    assert change.cancel == ("deadline:lead-1",)


@pytest.mark.parametrize("known", [deadline(breached=True), lead()])
def test_a_deadline_that_is_breached_or_gone_is_left_alone(known):
    assert deadline_due(BARE, at(NOW + 9 * HOUR), known).is_empty


# ------------------------------------------------------------------------------------------------------- looking again
def test_a_date_to_look_again_comes_at_its_day():
    waits = lead(revisit=date(2026, 3, 3))
    assert look_again(BARE, at(NOW), waits, ScoringContext()).is_empty
    change = look_again(BARE, at(NOW + DAY), waits, ScoringContext())
    assert [type(fact) for fact in change.facts] == [RevisitDue]
    assert change.cancel == ("revisit:lead-1",)


def test_until_that_day_sales_does_not_get_it_back_and_from_then_on_it_does():
    hot = knows(an_activity("lead-1", "demo_requested", at=NOW))
    waits = lead(**BIG, revisit=date(2026, 3, 3), last_move="recycle", moved_by="rep", rounds=1)
    before = look_again(RULES, at(NOW), waits, hot)
    assert StageChanged not in map(type, before.facts)
    after = look_again(RULES, at(NOW + DAY), waits, hot)
    assert [fact.target for fact in after.facts if isinstance(fact, StageChanged)] == ["mql"]


def test_an_mql_cools_once_it_was_below_for_the_dwell_time():
    demo = knows(an_activity("lead-1", "demo_requested", at=NOW))
    # 30 points halve every 30 days: below 10 after 47.55 days, then seven days of dwell
    cools = NOW + timedelta(days=30 * 1.584962500721156 + 7)
    mql = lead(**BIG, stage="mql", owner="anna", last_move="qualify", moved_by="policy", cool_at=cools)
    early = look_again(RULES, at(cools - HOUR), mql, demo)
    assert StageChanged not in map(type, early.facts)
    late = look_again(RULES, at(cools + timedelta(seconds=1)), mql, demo)
    moved = next(fact for fact in late.facts if isinstance(fact, StageChanged))
    assert (moved.move, moved.target) == ("cool", "lead")
    assert "owner_released" in kinds(late)


def test_points_until_a_moment_end_at_that_moment_whenever_it_is_noted():
    given: Adjustment = an_adjustment(10, at=NOW, until=NOW + DAY)
    change = look_again(RULES, at(NOW + 3 * DAY), lead(adjustments=(given,)), knows())
    ended = next(fact for fact in change.facts if isinstance(fact, AdjustmentEnded))
    assert (ended.happened_at, ended.adjustment_id) == (NOW + DAY, given.id)


# ---------------------------------------------------------------------------------------------------- what is awaited
def test_what_was_dated_ahead_is_looked_at_when_it_comes_and_not_before():
    ahead = a_consent(at=NOW + DAY).but(recorded_at=NOW)
    waits = lead(consents=(ahead,), awaited_at=NOW + DAY)
    assert moment_came(RULES, at(NOW), waits, knows()).is_empty
    change = moment_came(RULES, at(NOW + DAY), waits, knows())
    assert [fact.awaited_at for fact in change.facts if isinstance(fact, MomentAwaited)] == [None]
    assert {task.key for task in change.put} == {"nurture:lead-1:welcome"}  # the consent counts from now on


def test_the_next_moment_is_awaited_after_the_first():
    first, second = a_consent(at=NOW + DAY), a_consent("offers", at=NOW + 2 * DAY)
    waits = lead(consents=(first.but(recorded_at=NOW), second.but(recorded_at=NOW)), awaited_at=NOW + DAY)
    change = moment_came(RULES, at(NOW + DAY), waits, knows())
    assert [fact.awaited_at for fact in change.facts if isinstance(fact, MomentAwaited)] == [None, NOW + 2 * DAY]


# -------------------------------------------------------------------------------------------------- retired, retried
def test_who_waits_for_a_sequence_that_was_retired_is_let_go():
    enrolled = lead(enrolments=[{"sequence": "old", "due_at": NOW, "since": NOW}])
    task = Task(key="nurture:lead-1:old", kind="nurture:old", due_at=NOW, lead_id="lead-1")
    change = retired(BARE, at(NOW), task, enrolled)
    assert change.leads[0].lead.enrolments[0].ended == "the sequence was retired"
    assert change.cancel == (task.key,)


def test_a_task_without_a_lead_is_only_cancelled():
    task = Task(key="notify:warehouse:x", kind="notify:warehouse", due_at=NOW)
    change = retired(BARE, at(NOW), task, None)
    assert (change.cancel, change.facts) == ((task.key,), ())


def test_a_failed_task_is_tried_again_in_a_minute_then_doubled_eight_times_in_all():
    minutes = [(retry_at(n, NOW) - NOW) / timedelta(minutes=1) for n in range(7)]
    assert minutes == [1, 2, 4, 8, 16, 32, 64]
    assert retry_at(7, NOW) is None


def test_without_a_model_nothing_is_asked_to_know_a_lead():
    reads, known = answered(known_of(BARE, lead(), NOW))
    assert (reads, known) == ([], ScoringContext())
