"""The summary: one pass, no more memory than numbers, and sums that agree with the leads."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

import pytest

from acme import ADA, Clock, Outbox, acme_flow
from leadflow import LeadFlow
from leadflow.adapters.memory import MemoryStorage
from leadflow.insights import Journey, funnel, journeys, summarise, summarise_journeys
from leadflow.lifecycle import DEFAULT
from story import Story, day


class Counted(MemoryStorage):
    """Counts how often each lead's facts are read."""

    def __init__(self) -> None:
        super().__init__()
        self.read: Counter[str] = Counter()

    def facts(self, lead_id: str, since_version: int = 0, **chosen: Any) -> Any:
        self.read[lead_id] += 1
        return super().facts(lead_id, since_version, **chosen)


@pytest.fixture(scope="module")
def flow() -> LeadFlow:
    clock = Clock()
    flow = acme_flow(Counted(), clock, Outbox())
    for number in range(9):
        values = ADA | {"email": f"a{number}@firm{number}.example", "last_name": f"Love{'abcdefghi'[number]}"}
        lead_id = flow.capture(values, source="fair" if number % 2 else "web").lead_id
        flow.record(lead_id, "demo_requested", id=str(number)) if number < 6 else None
        flow.consent(lead_id, "newsletter", "email", proof="form") if number > 6 else None
    flow.visit("cookie-1", "page_viewed")
    mine = [lead for lead in flow.leads("mql") if lead.owner == "anna"]
    flow.accept(mine[0].id, by="anna")
    flow.reject(mine[1].id, by="anna", reason="no budget", revisit=date(2026, 9, 1))
    for _ in range(6):
        clock.advance(days=1)
        flow.run_due()
    return flow


def test_sums_agree_with_the_leads_and_the_facts(flow: LeadFlow) -> None:
    summary = summarise(flow.storage, flow.policy.lifecycle, now=flow.clock())
    leads = list(flow.leads())
    assert summary.leads == len(leads) == 10
    assert summary.stages == Counter(lead.stage for lead in leads)
    assert list(summary.stages) == sorted(summary.stages, key=[one.name for one in DEFAULT.stages].index)
    assert summary.submissions == 9 and summary.activities == 7
    assert summary.facts == sum(len([*flow.history(lead.id)]) for lead in leads)
    assert summary.funnel.counts() == funnel(journeys(flow.storage))
    assert sum(summary.scores.cells.values()) + summary.scores.unscored == 10
    assert sum(one.received for one in summary.owners.reps) == 6
    assert sum(one.begun for one in summary.service_levels) == 6
    assert summary.mails.total("sent") == 4
    assert sum(one.first for one in summary.sources) == 9
    assert summary.selling.reasons == {("reject", "no budget"): 1}
    assert summary.at == flow.clock()


def test_every_lead_is_read_once(flow: LeadFlow) -> None:
    storage = flow.storage
    assert isinstance(storage, Counted)
    storage.read.clear()
    summarise(storage, now=flow.clock())
    assert set(storage.read.values()) == {1} and len(storage.read) == 10


@pytest.mark.parametrize("page_size", [1, 3, 10, 11])
def test_pages_make_no_difference(flow: LeadFlow, page_size: int) -> None:
    assert [lead.id for lead, _ in journeys(flow.storage, page_size)] == [lead.id for lead in flow.leads()]


def test_journeys_are_taken_in_one_at_a_time() -> None:
    alive: list[int] = []

    def many() -> Iterator[Journey]:
        for number in range(300):
            alive.append(number)
            yield Story(f"lead-{number}").through("lead", "mql").journey()

    assert summarise_journeys(many(), now=day(9)).funnel.counts()["mql"] == len(alive) == 300


def test_nothing_is_summarised_as_nothing() -> None:
    summary = summarise(MemoryStorage())
    assert (summary.leads, summary.stages, summary.velocity, summary.owners.reps) == (0, {}, (), ())
    assert set(summary.funnel.counts().values()) == {0}


def test_suspected_twins_count_as_one_pair_seen_from_either_side() -> None:
    from leadflow.entities import Twin

    one = Story("a").journey(twins=(Twin(lead_id="b", likeness=0.7), Twin(lead_id="c", likeness=0.6)))
    other = Story("b").journey(twins=(Twin(lead_id="a", likeness=0.7),))
    assert summarise_journeys([one, other], now=day(1) + timedelta(0)).pairs == 2
