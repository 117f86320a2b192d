"""What a long life costs: 100,000 dead tasks, a lead with 40,000 facts, each against few; run by bench.py."""

from __future__ import annotations

import json
import statistics
import sys
import tempfile
import time
import tracemalloc
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from functools import partial
from itertools import count
from pathlib import Path
from typing import Any

DEAD, FEW_DEAD = 100_000, 10
FACTS, FEW_FACTS = 40_000, (4_000, 400)
"""The least fit into one page, so that their memory is less than a page; of the others each fills many."""
MAILS = 300
ROUNDS = 7
NOW = datetime(2026, 6, 1, tzinfo=UTC)


def growth(scale: int) -> None:
    with tempfile.TemporaryDirectory() as folder:
        dead_tasks(Path(folder), DEAD // scale)
        long_history(Path(folder), [one // scale for one in (FACTS, *FEW_FACTS)])
        begun(Path(folder), MAILS // scale)


# --------------------------------------------------------------------------------------------------------- dead tasks
def dead_tasks(folder: Path, many: int) -> None:
    print(f"\n### {many:,} dead tasks in a SQLite file against {FEW_DEAD} (CPU time of one)\n")
    print(f"| what | with {many:,} | with {FEW_DEAD} | ratio |\n|---|---|---|---|")
    full, empty = with_dead(folder / "dead.db", many), with_dead(folder / "alive.db", FEW_DEAD)
    for name, use, times in (
        ("a tick that finds nothing due", lambda flow: flow.tick(), 50),
        ("`retry` of one, `dismiss` of another", come_and_go, 10),
        ('`tasks("dead", limit=10)`', lambda flow: flow.tasks("dead", limit=10), 50),
    ):
        compared(name, [measured(flow, use, times) for flow in (full, empty)])


def with_dead(path: Path, many: int) -> Any:
    from leadflow import LeadFlow
    from leadflow.adapters.sql import SqlStorage
    from leadflow.entities import Task
    from leadflow.events import Change

    storage = SqlStorage(f"sqlite:///{path}").migrate()
    tasks = [Task(key=f"dead-{nr}", kind="purge", due_at=NOW, status="dead", error="no server") for nr in range(many)]
    for start in range(0, many, 10_000):
        storage.save(Change(put=tuple(tasks[start : start + 10_000])))
    return LeadFlow(storage, clock=lambda: NOW)


def come_and_go(flow: Any) -> None:
    """Retry a dead task and dismiss another; both are dead again for the next round."""
    from leadflow.events import Change

    one, other = (flow.storage.task(f"dead-{number}") for number in (2, 3))
    flow.retry(one.key)
    flow.dismiss(other.key)
    flow.storage.save(Change(put=(one, other)))


def measured(flow: Any, use: Callable[[Any], object], times: int) -> Callable[[], float]:
    def run() -> float:
        started = time.process_time()
        for _ in range(times):
            use(flow)
        return (time.process_time() - started) / times

    return run


# ------------------------------------------------------------------------------------------------------ a long history
def long_history(folder: Path, sizes: Sequence[int]) -> None:
    flow, ids = with_history(folder / "history.db", sizes)
    many, *fewer = (f"{size:,}" for size in sizes)
    print(f"\n### A lead with {many} facts and activities against fewer, in a SQLite file\n")
    print(f"| what | against | CPU time, {many} | fewer | ratio | peak of Python's memory, {many} | fewer | ratio |")
    print("|---|---|---|---|---|---|---|---|")
    uses: dict[str, Callable[[str], object]] = {
        "explain": lambda one: str(flow.explain(one)),
        "times_in_stage": flow.times_in_stage,
        "as_of": lambda one: flow.as_of(one, NOW),
        "history, walked through": lambda one: sum(1 for _ in flow.history(one)),
        "export, written as lines": lambda one: written(folder / "export.jsonl", flow.export(one)),
        "history, held in a list": lambda one: list(flow.history(one)),
    }
    for name, use in uses.items():
        seconds = [statistics.median(once(use, lead_id) for _ in range(3)) for lead_id in ids]
        peaks = [peak_of(use, lead_id) for lead_id in ids]
        for few, quick, small in zip(fewer, seconds[1:], peaks[1:], strict=True):
            print(
                f"| {name} | {few} | {seconds[0]:.3g} s | {quick:.3g} s | **{seconds[0] / quick:.3g} ×** "
                f"| {peaks[0] / 1e6:.3g} MB | {small / 1e6:.3g} MB | **{peaks[0] / small:.3g} ×** |"
            )


def with_history(path: Path, sizes: Sequence[int]) -> tuple[Any, list[str]]:
    """Leads that did so much: a fact, and its activity, each."""
    from leadflow import LeadFlow
    from leadflow.adapters.sql import SqlStorage
    from leadflow.entities import Activity, Actor
    from leadflow.events import ActivityRecorded, Change, LeadWrite

    flow = LeadFlow(SqlStorage(f"sqlite:///{path}").migrate(), clock=lambda: NOW)
    ids = [flow.capture({"email": f"lead{size}@acme.example"}, source="web").lead_id for size in sizes]
    for lead_id, size in zip(ids, sizes, strict=True):
        lead, system = flow.get(lead_id), Actor(kind="system")
        moments = [NOW - timedelta(minutes=size - nr) for nr in range(size)]
        facts = tuple(
            ActivityRecorded(
                lead_id=lead_id, version=lead.version + nr, happened_at=at, recorded_at=at,
                actor=system, activity_id=f"a{nr}", activity="page_viewed",
            )
            for nr, at in enumerate(moments, 1)
        )  # fmt: skip
        did = tuple(
            Activity(id=f"a{nr}", lead_id=lead_id, kind="page_viewed", happened_at=at, recorded_at=at,
                     properties={"path": f"/products/{nr}"})
            for nr, at in enumerate(moments, 1)
        )  # fmt: skip
        after = lead.but(version=facts[-1].version, acted_in=facts[-1].version)
        write = LeadWrite(id=lead_id, read_version=lead.version, lead=after)
        flow.storage.save(Change(leads=(write,), facts=facts, activities=did))
    return flow, ids


def written(path: Path, entries: Iterator[dict[str, Any]]) -> None:
    with path.open("w", encoding="utf-8") as lines:
        lines.writelines(json.dumps(entry) + "\n" for entry in entries)


def once(use: Callable[[str], object], lead_id: str) -> float:
    started = time.process_time()
    use(lead_id)
    return time.process_time() - started


def peak_of(use: Callable[[str], object], lead_id: str) -> int:
    """The most that Python held at once because of it."""
    tracemalloc.start()
    try:
        use(lead_id)
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


# -------------------------------------------------------------------------------------- what it costs to count attempts
def begun(folder: Path, many: int) -> None:
    """Each task is counted as begun by a save of its own, so that what kills the process is known: against without."""
    print("\n### A mail by `tick` on a SQLite file, its attempt counted before it, against not (CPU time)\n")
    print("| what | counted | not counted | ratio |\n|---|---|---|---|")
    turn = count()
    counted, free = (partial(mailing, folder, turn, many, one) for one in (True, False))
    compared(f"one of {many:,} mails", (counted, free), rounds=3)


def mailing(folder: Path, turn: Iterator[int], many: int, counted: bool) -> float:
    from leadflow import Content, LeadFlow, Sequence, Step
    from leadflow.adapters.sql import SqlStorage
    from leadflow.testing import FakeMailer

    class Uncounted(SqlStorage):
        def save(self, change: Any) -> None:
            if counted or not change.settle or any(one.outcome != "begun" for one in change.settle):
                super().save(change)

    now, mailer = [NOW], FakeMailer()
    flow = LeadFlow(
        Uncounted(f"sqlite:///{folder}/mails-{next(turn)}.db").migrate(),
        mailer=mailer,
        sequences=[Sequence("welcome", [Step(timedelta(days=1), "hello")])],
        contents=[Content("hello", "Hello", "Good to have you.")],
        unsubscribe_url="https://acme.example/u?t={token}",
        secrets=(b"a secret of 16 bytes or more",),
        clock=lambda: now[0],
        lease=timedelta(hours=5),
    )
    for nr in range(many):
        lead_id = flow.capture({"email": f"p{nr}@firm{nr}.example"}, source="web").lead_id
        flow.consent(lead_id, "newsletter", "email", proof="form")
    now[0] += timedelta(days=2)
    started = time.process_time()
    done = flow.run_due()
    seconds = time.process_time() - started
    if len(mailer.sent) != many:
        raise SystemExit(f"{len(mailer.sent)} of {many} mails went: {done.failed[:3]}")
    return seconds / many


def compared(name: str, runs: Sequence[Callable[[], float]], rounds: int = ROUNDS) -> None:
    pairs = [(runs[0](), runs[1]()) for _ in range(rounds)]
    found = sorted(one / other for one, other in pairs)
    costly, cheap = (statistics.median(pair[side] for pair in pairs) * 1e3 for side in (0, 1))
    middle = statistics.median(found)
    print(f"| {name} | {costly:.3g} ms | {cheap:.3g} ms | **{middle:.2f} ×** ({found[0]:.2f} to {found[-1]:.2f}) |")


if __name__ == "__main__":
    growth(10 if "--quick" in sys.argv else 1)
