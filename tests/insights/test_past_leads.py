"""Leads of the past from a storage: the moment, what was known then, and what became of them."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest

from leadflow import LeadFlow
from leadflow.adapters.memory import MemoryStorage
from leadflow.conditions import field
from leadflow.errors import InvalidInput
from leadflow.insights import history_of
from leadflow.scoring import ScoringModel, on, points
from leadflow.scoring.backtests import PastLead, backtest
from leadflow.testing import NOW, ClockAt, CountingIds

DAY = timedelta(days=1)
MODEL = ScoringModel(
    name="m", fit=[points(30, field("company.employees") >= 250, because="large")], engagement=[on("demo", 20)]
)


class Past:
    """A flow whose clock a test moves, and the leads in it."""

    def __init__(self) -> None:
        self.clock = ClockAt(NOW)
        self.flow = LeadFlow(MemoryStorage(), clock=self.clock, new_id=CountingIds())

    def lead(self, employees: int = 300, later: float = 0, **more: Any) -> str:
        self.clock.advance(hours=later)
        values = {"email": f"a@firm{self.clock.now():%d%H%M}.example", "employees": employees}
        return self.flow.capture(values, source="web", **more).lead_id

    def win(self, lead_id: str, **more: Any) -> None:
        self.flow.fast_track(lead_id, by="anna", to="customer", reason="bought", **more)

    def history(self, **more: Any) -> dict[str, PastLead]:
        told = history_of(self.flow.storage, self.flow.policy.lifecycle, now=self.clock(), **more)
        return {one.lead.id: one for one in told}

    def outcomes(self, **more: Any) -> dict[str, bool]:
        return {lead_id: one.won for lead_id, one in self.history(**more).items()}


@pytest.fixture
def past() -> Past:
    return Past()


# ------------------------------------------------------------------------------------------------------ outcomes
def test_won_is_who_bought_and_lost_who_was_disqualified_or_lost_the_deal(past: Past) -> None:
    won, out, lost, _still_open = (past.lead(later=1) for _ in range(4))
    past.clock.advance(days=1)
    past.win(won)
    past.flow.disqualify(out, by="anna", reason="a student")
    past.flow.fast_track(lost, by="anna", to="sql", reason="asks for an offer")
    past.flow.open_deal(lost, "d-1", by="anna")
    past.flow.lose(lost, "d-1", by="anna", reason="price", revisit=date(2027, 1, 1))
    assert past.outcomes() == {won: True, out: False, lost: False}


def test_who_comes_back_is_open_again_and_who_buys_after_all_is_won(past: Past) -> None:
    back, bought = (past.lead(later=1) for _ in range(2))
    for lead_id in (back, bought):
        past.clock.advance(hours=1)
        past.flow.disqualify(lead_id, by="anna", reason="a student")
    assert past.outcomes() == {back: False, bought: False}
    past.clock.advance(days=1)
    for lead_id in (back, bought):
        past.flow.reopen(lead_id, by="anna", reason="has a job now")
    past.win(bought)
    assert past.outcomes() == {bought: True}


def test_a_customer_who_lapsed_was_won(past: Past) -> None:
    lead_id = past.lead()
    past.clock.advance(days=1)
    past.win(lead_id)
    past.flow.lapse(lead_id, by="anna", reason="went away")
    past.flow.disqualify(lead_id, by="anna", reason="closed")
    assert past.outcomes() == {lead_id: True}


def test_moves_of_a_hosts_own_may_mean_lost(past: Past) -> None:
    lead_id = past.lead()
    past.clock.advance(days=1)
    past.flow.fast_track(lead_id, by="anna", to="sql", reason="wants to talk")
    past.flow.recycle(lead_id, by="anna", reason="no budget", revisit=date(2027, 1, 1))
    assert past.outcomes() == {}
    assert past.outcomes(lost=("lose", "recycle")) == {lead_id: False}


def test_within_a_time_who_is_still_open_is_lost_and_who_is_younger_left_out(past: Past) -> None:
    late, never = (past.lead(later=1) for _ in range(2))
    past.clock.advance(days=20)
    past.win(late)
    young = past.lead()
    past.clock.advance(hours=1)
    past.win(bought := past.lead())
    assert past.outcomes(within=30 * DAY) == {}
    assert past.outcomes() == {late: True}
    assert past.outcomes(within=10 * DAY) == {late: False, never: False}
    past.clock.advance(days=11)
    assert past.outcomes(within=10 * DAY) == {late: False, never: False, young: False}
    assert past.outcomes(within=30 * DAY) == {late: True, never: False}
    assert bought not in past.outcomes()  # decided at the very moment: there was nothing to foretell


# -------------------------------------------------------------------------------------------------------- moments
def test_the_moment_is_when_it_came_into_the_stage_first_or_so_long_after(past: Past) -> None:
    lead_id = past.lead()
    past.clock.advance(days=3)
    past.flow.fast_track(lead_id, by="anna", to="sal", reason="called us")
    past.clock.advance(days=3)
    past.win(lead_id)
    moments = {options: past.history(scored_at=options)[lead_id].at for options in ("lead", "mql", "sal", "prospect")}
    assert moments == {"lead": NOW, "mql": NOW + 3 * DAY, "sal": NOW + 3 * DAY, "prospect": NOW}
    assert past.history(after=2 * DAY)[lead_id].at == NOW + 2 * DAY
    assert past.history(after=6 * DAY) == {}  # decided already
    with pytest.raises(InvalidInput, match="give one of prospect, lead"):
        past.history(scored_at="leed")


def test_a_lead_is_as_it_was_known_at_the_moment(past: Past) -> None:
    lead_id = past.lead(employees=10)
    past.clock.advance(days=1)
    past.flow.correct(lead_id, {"employees": 900}, by="anna")
    past.flow.record(lead_id, "demo", at=NOW - DAY)  # happened before, told after
    past.win(lead_id)
    (one,) = past.history().values()
    assert (one.lead.company.employees, one.lead.stage, one.known) == (10, "lead", [])
    (later,) = past.history(after=DAY - timedelta(microseconds=1)).values()
    assert (later.lead.company.employees, later.known) == (10, [])
    assert backtest(MODEL, [one]).ranked == ((0, True),)


def test_what_a_visitor_did_counts_from_when_it_is_known_whose_it_was(past: Past) -> None:
    lead_id = past.lead()
    past.flow.visit("cookie-1", "demo", at=NOW - DAY)
    past.clock.advance(days=1)
    past.flow.identify("cookie-1", {"email": past.flow.get(lead_id).email.address}, source="web")
    past.clock.advance(days=1)
    past.win(lead_id)
    assert [one.kind for one in past.flow.storage.activities(lead_id)] == ["demo"]
    (before,), (after,) = (past.history(after=days * DAY).values() for days in (0.9, 1))
    assert (before.known, [one.kind for one in after.known]) == ([], ["demo"])


def test_an_erased_lead_has_no_past(past: Past) -> None:
    lead_id = past.lead()
    past.clock.advance(days=1)
    past.win(lead_id)
    past.flow.erase(lead_id, by="anna")
    assert past.history() == {}


# --------------------------------------------------------------------------------------------- read in at once
def test_an_imported_history_is_taken_as_recorded_when_it_happened(past: Past) -> None:
    lead_id = past.lead(at=NOW - 30 * DAY)
    past.flow.record(lead_id, "demo", at=NOW - 31 * DAY)
    past.flow.record(lead_id, "demo", at=NOW - 5 * DAY)
    past.win(lead_id, at=NOW - 10 * DAY)
    assert past.history() == {}  # all was recorded at one moment
    (one,) = past.history(imported=True).values()
    assert (one.at, one.won) == (NOW - 30 * DAY, True)
    assert [activity.happened_at for activity in one.known] == [NOW - 31 * DAY]
    assert backtest(MODEL, [one]).ranked == ((50, True),)
