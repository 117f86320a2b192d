"""kill -9 and outages while sources are asked: no call is paid twice, no budget is exceeded, nothing is lost."""

from __future__ import annotations

import os
import random
import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from multiprocessing.synchronize import Semaphore
from pathlib import Path
from typing import Any

import pytest

from acme import START, Clock
from leadflow import LeadFlow
from leadflow.adapters.sql import SqlStorage
from leadflow.enrichment import Budget, Enricher
from leadflow.entities import EnrichedValue
from leadflow.errors import Deferred, LeadflowError
from processes import FORK, killed_at_work

pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("everything_is_loaded")]
ROUNDS = 100 if os.environ.get("LEADFLOW_TORTURE") else 10
LEADS = 2 * ROUNDS
PER_DAY = 4


class Paid(Enricher):
    """Notes each call that it is paid for in a file, which outlives the process; at times it is down, or breaks off."""

    name = "register"
    needs = sends = ("company.domain",)
    gives = ("company.industry",)
    budget = Budget(per_day=PER_DAY, zone="Europe/Berlin")
    batch = 3
    personal = False
    keeps = timedelta(days=10_000)

    def __init__(self, journal: Path, clock: Callable[[], datetime], dice: random.Random | None = None) -> None:
        self.journal, self.clock, self.dice = journal, clock, dice

    def look_up(self, asked: Sequence[Mapping[str, Any]]) -> list[list[EnrichedValue]]:
        if self.dice is not None and self.dice.random() < 0.2:
            raise Deferred("down", until=self.clock() + timedelta(hours=1))
        with self.journal.open("ab", buffering=0) as file:
            for one in asked:
                file.write(f"{self.clock().date()} {one['company.domain']}\n".encode())
        time.sleep(0.01)  # long enough to be killed before anybody notes what came of it
        if self.dice is not None and self.dice.random() < 0.1:
            raise TimeoutError("it broke off")
        return [[EnrichedValue(path="company.industry", value="pumps")] for _ in asked]


def works(url: str, journal: Path, number: int, begun: Semaphore) -> None:
    """Capture and look up for ever; each round is two days later than the one before, so that leases have expired."""
    dice = random.Random(number)
    day = START + timedelta(days=number)
    enricher = Paid(journal, lambda: day, dice)
    flow = LeadFlow(SqlStorage(url), enrichers=[enricher], clock=lambda: day, delivers=False)
    flow.tasks("waiting", limit=1)  # connected: on a busy machine that takes longer than a life
    begun.release()
    while True:
        try:
            if dice.randrange(3) == 0:
                company = dice.randrange(LEADS)
                flow.capture(
                    {"email": f"p{dice.randrange(3)}@c{company}.example"}, source="kill", id=str(dice.random())
                )
            flow.tick(10)
        except LeadflowError:
            continue


def test_kills_and_outages(url: str, opened: Any, tmp_path: Path) -> None:
    opened(SqlStorage(url)).migrate().close()
    journal = tmp_path / "journal"
    journal.touch()
    begun = FORK.Semaphore(0)
    rounds = [2 * [(url, journal, 2 * number, begun)] for number in range(ROUNDS)]
    assert sum(killed_at_work(works, *calls, begun=begun) for calls in rounds) == 2 * ROUNDS
    clock = Clock()
    clock.now = START + timedelta(days=2 * ROUNDS)
    flow = LeadFlow(opened(SqlStorage(url)), enrichers=[Paid(journal, clock)], clock=clock, delivers=False)
    while any(task.due_at <= clock.now for task in (*flow.tasks("waiting"), *flow.tasks("leased"))):
        flow.run_due()
        clock.advance(days=1)  # the budgets of further days pay for the rest
    for task in flow.tasks("dead", limit=10_000):
        if "its lease ran out" in (task.error or ""):  # killed eight times before it asked
            flow.retry(task.key)
    flow.run_due()
    calls = [line.split() for line in journal.read_text().splitlines()]
    assert calls
    assert max(Counter(domain for _, domain in calls).values()) == 1  # nothing was paid twice
    assert max(Counter(day for day, _ in calls).values()) <= PER_DAY
    lost = {task.key: task for task in flow.tasks("dead", limit=10_000)}
    assert all("may have been paid" in (task.error or "") for task in lost.values())
    domains = {lead.company.domain: lead for lead in flow.leads()}
    assert {domain for _, domain in calls} <= domains.keys()
    for lead in flow.leads():  # every lead was asked about, and has its answer or a letter that says that it was lost
        (known,) = lead.enrichments
        assert lead.company.industry == "pumps" or f"lost:register:{known.request}" in lost
    answered = sum(lead.company.industry == "pumps" for lead in domains.values())
    assert len(domains) - len(lost) == answered > 0


def spends(url: str, journal: Path) -> None:
    storage = SqlStorage(url)
    flow = LeadFlow(storage, enrichers=[Paid(journal, Clock())], clock=Clock(), delivers=False)
    for _ in range(4):
        flow.run_due(3)
    storage.close()


def test_several_processes_spend_the_budget_exactly(url: str, opened: Any, tmp_path: Path) -> None:
    storage = opened(SqlStorage(url)).migrate()
    journal = tmp_path / "journal"
    flow = LeadFlow(storage, enrichers=[Paid(journal, Clock())], clock=Clock(), delivers=False)
    for number in range(12):
        flow.capture({"email": f"p@c{number}.example"}, source="fair")
    storage.close()
    workers = [FORK.Process(target=spends, args=(url, journal)) for _ in range(4)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join(120)
    assert len(journal.read_text().splitlines()) == PER_DAY
    (used,) = flow.enrichers()
    assert (used.today, used.left) == (PER_DAY, 0)
