"""What it costs to take leads in, on a file of realistic ones: as ratios, in CPU time; run by bench.py.

``python benchmarks/intake.py [--leads 20000] [--against CHECKOUT]``. Another checkout of leadflow (``git worktree add
--detach FOLDER 02c79b8``) is measured on the same leads, in turns with this one. Each measurement is a fresh process.
"""

from __future__ import annotations

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
CANDIDATES = 20
Row = dict[str, object]


def rows(many: int) -> list[Row]:
    sys.path.append(str(HERE.parent / "examples"))
    from realistic_leads import leads

    return list(leads(many))


# ---------------------------------------------------------------------------------- what a fresh process measures
def reading(many: int) -> float:
    """CPU seconds of reading and checking a submission, and nothing else."""
    from leadflow.decisions.intake import read_submission
    from leadflow.decisions.policy import Policy

    policy, at = Policy(country="DE"), datetime.now(UTC)
    return each(rows(many), lambda row: read_submission(policy, row, source="file", at=at, dated=None))


def one_by_one(many: int) -> float:
    """CPU seconds of one capture in a SQLite file, through the pipeline."""
    with flow_on_sqlite() as flow:
        return each(rows(many), lambda row: flow.capture(row, source="file"))


def many_at_once(many: int) -> float:
    """CPU seconds of one capture of many in a SQLite file."""
    with flow_on_sqlite() as flow:
        given = rows(many)
        list(flow.capture_many(given[:5], source="warm-up"))
        begun = time.process_time()
        for result in flow.capture_many(given[5:], source="file"):
            result.result()
        return (time.process_time() - begun) / (many - 5)


def candidates(many: int) -> float:
    """How many times the CPU time a capture takes in memory if there are twenty candidates to compare it with."""
    from leadflow import LeadFlow
    from leadflow.adapters.memory import MemoryStorage

    flow = LeadFlow(MemoryStorage(), country="DE")
    family = [as_of_family(row, nr) for nr, row in enumerate(rows(many + CANDIDATES))]
    alone = [as_of_nobody(row, nr) for nr, row in enumerate(family)]
    for row in family[:CANDIDATES]:
        flow.capture(row, source="family")
    spent = {"family": 0.0, "alone": 0.0}
    for one, other in zip(family[CANDIDATES:], alone[CANDIDATES:], strict=True):
        for source, row in (("family", one), ("alone", other)):
            begun = time.process_time()
            flow.capture(row, source=source)
            spent[source] += time.process_time() - begun
    return spent["family"] / spent["alone"]


def as_of_family(row: Row, nr: int) -> Row:
    """One of many at one postcode whose names sound alike: all of them are candidates for each other."""
    initial = {"first_name": f"A{strange(nr)}", "last_name": "Lindner", "postcode": "88400", "country": "DE"}
    return row | initial | {"email": f"a{nr}.lindner@family{nr}.example", "company": f"{strange(nr)} Bau GmbH"}


def as_of_nobody(row: Row, nr: int) -> Row:
    """Somebody new whom nobody shares anything with: no family, place, mailbox or phone."""
    own = {"email": f"a{nr}.alone@nobody{nr}.example", "phone": f"+49 30 2{nr:06}", "company": f"{strange(nr)} Werk AG"}
    return row | own | {"last_name": strange(nr), "postcode": f"{nr:05}", "city": strange(nr)}


def strange(nr: int) -> str:
    """A name that no other number has; a capture in memory finds nobody by it."""
    parts = "ba ke di fo gu la me ni po ru sa te vi wo zu cha".split()
    return "".join(parts[nr >> shift & 15] for shift in (12, 8, 4, 0)).title()


def each(given: list[Row], work: Callable[[Row], object]) -> float:
    for row in given[:5]:  # imports and caches are another matter
        work(row)
    begun = time.process_time()
    for row in given[5:]:
        work(row)
    return (time.process_time() - begun) / (len(given) - 5)


@contextmanager
def flow_on_sqlite() -> Iterator[Any]:
    from leadflow import LeadFlow
    from leadflow.adapters.sql import SqlStorage

    with tempfile.TemporaryDirectory() as folder:
        yield LeadFlow(SqlStorage(f"sqlite:///{folder}/leads.db"), country="DE")


MEASURED: dict[str, Callable[[int], float]] = {
    "reading": reading,
    "one": one_by_one,
    "many": many_at_once,
    "candidates": candidates,
}


# ------------------------------------------------------------------------------------------------------ comparing
def measured(what: str, many: int, checkout: Path | None = None) -> float:
    """What a fresh process measures, on this leadflow or on that of another checkout."""
    env = dict(os.environ) | ({"PYTHONPATH": str(checkout / "src")} if checkout else {})
    command = [sys.executable, __file__, "--run", what, "--leads", str(many)]
    return float(subprocess.run(command, check=True, capture_output=True, text=True, env=env).stdout)


def compare(many: int, rounds: int, against: Path | None) -> None:
    print(f"\n### Taking in {many:,} realistic leads, CPU time of one\n")
    print("| what | leadflow | against | ratio |\n|---|---|---|---|")
    factors = sorted(measured("candidates", min(many, 1_000)) for _ in range(rounds))
    print(f"| capture in memory with {CANDIDATES} candidates, against one without | | | {shown(factors)} |", flush=True)
    pairs: dict[str, tuple[str, str, Path | None]] = {
        "`capture_many`, SQLite file, against reading the same rows alone": ("many", "reading", None),
        "`capture`, SQLite file, against reading the same rows alone": ("one", "reading", None),
    }
    if against is not None:
        pairs["`capture_many`, SQLite file, against `capture` there"] = ("many", "one", against)
        pairs["`capture`, SQLite file, against `capture` there"] = ("one", "one", against)
    for name, (mine, other, where) in pairs.items():
        print(f"| {name} | {ratio(mine, other, where, many, rounds)} |", flush=True)


def ratio(mine: str, other: str, where: Path | None, many: int, rounds: int) -> str:
    found = [(measured(mine, many), measured(other, many, where)) for _ in range(rounds)]
    ours, theirs = (statistics.median(pair[side] for pair in found) * 1000 for side in (0, 1))
    return f"{ours:.3g} ms | {theirs:.3g} ms | {shown(sorted(one / two for one, two in found))}"


def shown(ratios: list[float]) -> str:
    return f"**{statistics.median(ratios):.3g} ×** ({ratios[0]:.3g} to {ratios[-1]:.3g})"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="a tenth of the work")
    parser.add_argument("--leads", type=int, default=4_000, help="so many; 20000 for docs/benchmarks.md")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--against", type=Path, metavar="CHECKOUT", help="another checkout of leadflow")
    parser.add_argument("--run", choices=MEASURED, help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.run:
        print(MEASURED[given.run](given.leads))
    else:
        compare(given.leads // (10 if given.quick else 1), given.rounds, given.against)


if __name__ == "__main__":
    main()
