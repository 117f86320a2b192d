"""What recording an activity costs a lead that has ten thousand of them, against one that has ten: run by bench.py."""

from __future__ import annotations

import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

FEW, MANY = 10, 10_000
AT_ONCE = 30
START = datetime(2026, 1, 1, tzinfo=UTC)


def recording(scale: int) -> None:
    from leadflow.adapters.memory import MemoryStorage
    from leadflow.adapters.sql import SqlStorage

    many = MANY // scale
    print(f"\n### Recording one more activity, for a lead with {many:,} and for one with {FEW} (CPU time)\n")
    print(f"| storage | with {many:,} | with {FEW} | ratio |\n|---|---|---|---|")
    with tempfile.TemporaryDirectory() as folder:
        for name, storage in (
            ("memory", MemoryStorage()),
            ("SQLite file", SqlStorage(f"sqlite:///{folder}/leads.db")),
        ):
            compared(name, storage, many)


def compared(name: str, storage: Any, many: int) -> None:
    record, busy, quiet = prepared(storage, many)
    pairs = [(record(busy), record(quiet)) for _ in range(7)]
    found = sorted(one / other for one, other in pairs)
    costly, cheap = (statistics.median(pair[side] for pair in pairs) for side in (0, 1))
    middle = statistics.median(found)
    print(
        f"| {name} | {costly * 1e3:.3g} ms | {cheap * 1e3:.3g} ms | "
        f"**{middle:.2f} ×** ({found[0]:.2f} to {found[-1]:.2f}) |"
    )


def prepared(storage: Any, many: int) -> tuple[Callable[[str], float], str, str]:
    """A flow with a busy and a quiet lead, and what measures recording: CPU seconds for each of some activities."""
    from leadflow import LeadFlow, Qualification, ScoringModel, field
    from leadflow.entities import Activity
    from leadflow.events import Change
    from leadflow.scoring import half_life, inactive, linear, often, on, window

    model = ScoringModel(
        name="m",
        engagement=[
            on("page", 1, decay=half_life(7), cap=30),
            on("page", 2, limit=(5, "day"), decay=half_life(14), name="limited"),
            on("page", 1, decay=window(30), limit=(3, "day"), cap=20, name="window"),
            on("mail", 2, decay=linear(50, days=30)),
            often("page", {3: 4, 6: 9}, days=7),
            inactive(-6, days=30),
        ],
    )
    flow = LeadFlow(storage, scoring=model, qualification=Qualification(mql=field("score.engagement") >= 1000))
    busy, quiet = (flow.capture({"email": f"{name}@acme.example"}, source="web").lead_id for name in ("busy", "quiet"))
    now = datetime.now(UTC)
    for lead_id, count in ((busy, many), (quiet, FEW)):
        old = (now - timedelta(hours=n / 4) for n in range(count, 0, -1))
        told = [
            Activity(id=f"old-{n}", lead_id=lead_id, kind="page", happened_at=at, recorded_at=at)
            for n, at in enumerate(old)
        ]
        storage.save(Change(activities=tuple(told)))  # as if they had always been there
        flow.record(lead_id, "page", id="first")  # reads all of them, once
    numbers = iter(range(10**9))

    def record(lead_id: str) -> float:
        begun = time.process_time()
        for _ in range(AT_ONCE):
            flow.record(lead_id, "page", id=f"new-{next(numbers)}")
        return (time.process_time() - begun) / AT_ONCE

    return record, busy, quiet


if __name__ == "__main__":
    recording(10 if "--quick" in sys.argv else 1)
