"""What a host can watch: what is due, overdue, failing and dead; and what a tick says of its failures."""

from __future__ import annotations

from datetime import timedelta

import pytest

from acme import ADA, acme_flow
from leadflow import LeadFlow, StageChanged
from leadflow.errors import InvalidInput


class Down:
    """A mail server that is not there, until it is."""

    def __init__(self) -> None:
        self.is_down = True

    def __call__(self, _fact: object) -> None:
        if self.is_down:
            raise ConnectionError("warehouse is down")


@pytest.fixture
def flow(every_storage, clock, outbox):
    return acme_flow(every_storage, clock, outbox)


@pytest.fixture
def failing(flow):
    down = Down()
    flow.on(StageChanged, down, name="warehouse")
    flow.capture(ADA, source="fair")
    return down


def test_nothing_is_wrong_with_nothing(flow):
    assert flow.health().is_good
    assert flow.health() == type(flow.health())()


def test_what_nobody_ticks_is_due_and_then_overdue(flow, clock):
    ada = flow.capture(ADA, source="fair").lead_id
    flow.record(ada, "demo_requested", id="d")
    flow.run_due()
    assert flow.health().is_good
    deadline = flow.get(ada).deadline.due_at
    clock.advance(days=5)
    found = flow.health()
    assert found.overdue > 0
    assert found.oldest_due < deadline  # the reminder comes before
    assert not found.is_good
    assert flow.health(grace=timedelta(days=30)).is_good
    flow.run_due()
    assert (flow.health().due, flow.health().overdue) == (0, 0)


def test_facts_that_nobody_delivers_for_days_are_overdue(every_storage, clock):
    flow = LeadFlow(every_storage, clock=clock)
    flow.on(StageChanged, print, name="warehouse")
    ada = flow.capture(ADA, source="fair").lead_id
    recorded = flow.get(ada).recorded_at
    assert flow.health().is_good
    clock.advance(days=3)
    found = flow.health()
    assert (found.due > 0, found.overdue, found.oldest_due, found.is_good) == (True, found.due, recorded, False)
    flow.run_due()
    assert flow.health() == type(found)()


def test_what_fails_is_named_with_its_error_and_since_when(flow, clock, failing):
    begun = clock()
    assert [error for _, error in flow.run_due().failed] == ["ConnectionError: warehouse is down"]
    clock.advance(minutes=1)
    ticked = flow.run_due()
    assert (len(ticked.failed), ticked.dead) == (1, ())
    (found,) = flow.health().failing
    assert (found.kind, found.tasks, found.error) == ("notify:warehouse", 1, "ConnectionError: warehouse is down")
    assert found.since == begun
    failing.is_down = False
    clock.advance(minutes=2)
    assert not flow.run_due().failed
    assert flow.health().is_good


def test_what_fails_for_good_is_told_apart(flow, clock, failing):
    seen = []
    for _ in range(8):
        ticked = flow.run_due()
        seen.append(len(ticked.dead))
        clock.advance(days=1)
    assert seen == [0] * 7 + [1]
    assert ticked.dead == tuple(key for key, _ in ticked.failed)
    found = flow.health()
    assert (found.dead, found.failing, found.is_good) == (1, (), False)
    failing.is_down = False
    flow.retry(ticked.dead[0])
    flow.run_due()
    assert flow.health().is_good


@pytest.mark.parametrize("wrong", [timedelta(seconds=-1), 5, None])
def test_a_grace_that_is_none_is_refused(flow, wrong):
    with pytest.raises(InvalidInput, match="grace"):
        flow.health(grace=wrong)
