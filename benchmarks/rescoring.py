"""What it costs to score all stored leads anew, against recording one activity for each; run by bench.py.

The leads are in a SQLite file, a third of them has acted, and every score changes.
"""

from __future__ import annotations

import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

LEADS, RECORDED = 20_000, 1_000
ROUNDS = 3


def rescoring(scale: int) -> None:
    from leadflow.adapters.sql import SqlStorage

    leads, recorded = LEADS // scale, RECORDED // scale
    with tempfile.TemporaryDirectory() as folder:
        storage = SqlStorage(f"sqlite:///{folder}/leads.db")
        ids = stored(flow_with(storage, "0", 0), leads)
        pairs = []
        for number in range(1, ROUNDS + 1):
            flow = flow_with(storage, str(number), number)
            foreseen = timed(partial(rescored, flow, dry_run=True), leads)
            done = timed(partial(rescored, flow, dry_run=False), leads)
            one = timed(partial(record, flow, ids[number :: leads // recorded]), recorded)
            pairs.append((foreseen, done, one))
        storage.close()
    print(f"\n### Scoring {leads:,} stored leads anew in a SQLite file, for one lead\n")
    print("| what | rescore | recording one activity | times as fast |\n|---|---|---|---|")
    shown("CPU time", [(done[0], one[0]) for _, done, one in pairs])
    shown("wall clock", [(done[1], one[1]) for _, done, one in pairs])
    shown("CPU time of a dry run", [(foreseen[0], one[0]) for foreseen, _, one in pairs])


def flow_with(storage: Any, version: str, extra: int) -> Any:
    """A leadflow with this version of its model, in which everybody has other points."""
    from leadflow import LeadFlow, Qualification, ScoringModel, field
    from leadflow.conditions import always
    from leadflow.scoring import half_life, on, points

    model = ScoringModel(
        name="bench",
        version=version,
        fit=[
            points(25, field("company.employees") >= 250, because="enterprise"),
            points(20, field("person.seniority").is_in("director", "c-level"), because="can decide"),
            points(-40, field("email.kind") == "disposable", because="throw-away address"),
            points(extra, always(), because="everybody"),
        ],
        engagement=[on("demo_requested", 30, decay=half_life(days=30), cap=60), on("page_viewed", 3, cap=20)],
    )
    policy = Qualification(mql=(field("score.fit") >= 40) & (field("score.engagement") >= 25))
    return LeadFlow(storage, scoring=model, qualification=policy, country="DE")


def stored(flow: Any, many: int) -> list[str]:
    sys.path.append(str(Path(__file__).parent.parent / "examples"))
    from realistic_leads import leads

    ids = [captured.result().lead_id for captured in flow.capture_many(leads(many), source="file")]
    record(flow, ids[::3], "demo_requested")
    return ids


def record(flow: Any, ids: list[str], kind: str = "page_viewed") -> None:
    for lead_id in ids:
        flow.record(lead_id, kind)


def rescored(flow: Any, *, dry_run: bool) -> None:
    done = flow.rescore(dry_run=dry_run)
    assert done.leads == len(done.changes), "every score changes"


def timed(work: Callable[[], object], many: int) -> tuple[float, float]:
    """CPU and wall-clock seconds for one of many."""
    cpu, wall = time.process_time(), time.perf_counter()
    work()
    return (time.process_time() - cpu) / many, (time.perf_counter() - wall) / many


def shown(what: str, pairs: list[tuple[float, float]]) -> None:
    ours, theirs = (statistics.median(pair[side] for pair in pairs) * 1e3 for side in (0, 1))
    found = sorted(other / mine for mine, other in pairs)
    times = f"**{statistics.median(found):.3g} ×** ({found[0]:.3g} to {found[-1]:.3g})"
    print(f"| {what} | {ours:.3g} ms | {theirs:.3g} ms | {times} |")


if __name__ == "__main__":
    rescoring(10 if "--quick" in sys.argv else 1)
