"""A week of activities told to the engagement state and all leads scored, against scoring from all activities.

``python benchmarks/state.py [--quick] [--data FOLDER]``; ``make bench`` runs it, too. Data and rules are those of
``batch.py``, in order of time. The state of a week ago is made once. What is measured then are fresh processes: one
opens the state, tells it the activities since, writes it, and scores all leads from it; the other scans all activities.
Reading, matching, fit and grades are part of both. Their scores are compared row by row.
"""

from __future__ import annotations

import argparse
import resource
import statistics
import subprocess
import sys
import tempfile
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

sys.path.insert(0, str(Path(__file__).parents[1]))

from benchmarks.batch import AS_OF, model, with_data

if TYPE_CHECKING:
    import duckdb

WEEK_AGO = AS_OF - timedelta(days=7)
WHAT = {"plain": "half-lives and caps", "daily": "the same with daily limits"}
UNEQUAL = """
    SELECT count(*) FROM scan FULL JOIN state USING (lead_id) WHERE scan.fit IS DISTINCT FROM state.fit
    OR coalesce(abs(scan.engagement - state.engagement), 1) > 1e-9 OR (scan.grade IS DISTINCT FROM state.grade
    AND least(abs(scan.engagement - 60), abs(scan.engagement - 30), abs(scan.engagement - 10)) > 1e-9)
"""


def columns() -> Any:
    from leadflow.batch import Columns

    return Columns(activity={"happened_at": "ts"})


def week_ago(con: duckdb.DuckDBPyConnection, which: str, folder: Path) -> None:
    from leadflow.batch import EngagementStates

    told, into = folder / "activities.parquet", folder / f"state-{which}"
    EngagementStates.of(model(which), told, WEEK_AGO, into, columns=columns(), connection=con)


def state(con: duckdb.DuckDBPyConnection, which: str, folder: Path) -> None:
    from leadflow.batch import EngagementStates, score_many

    rules, told, into = model(which), folder / "activities.parquet", folder / f"state-{which}-now"
    states = EngagementStates.open(folder / f"state-{which}")
    states = states.after(rules, told, AS_OF, folder=into, columns=columns(), connection=con)
    score_many(rules, folder / "leads.parquet", None, AS_OF, state=states, connection=con).to_table("state")


def scan(con: duckdb.DuckDBPyConnection, which: str, folder: Path) -> None:
    from leadflow.batch import score_many

    told = folder / "activities.parquet"
    found = score_many(model(which), folder / "leads.parquet", told, AS_OF, columns=columns(), connection=con)
    found.to_table("scan")


def run(does: str, which: str, folder: Path) -> None:
    """What a process does, and prints: CPU seconds and peak gigabytes."""
    import duckdb

    __import__("leadflow.batch.state")  # not part of what is measured, as little as importing duckdb

    con = duckdb.connect()
    begun = resource.getrusage(resource.RUSAGE_SELF)
    for one in (scan, state) if does == "both" else ({"scan": scan, "state": state, "week_ago": week_ago}[does],):
        one(con, which, folder)
    used = resource.getrusage(resource.RUSAGE_SELF)
    cpu = used.ru_utime + used.ru_stime - begun.ru_utime - begun.ru_stime
    print(cpu, used.ru_maxrss * (1 if sys.platform == "darwin" else 1024) / 1e9)
    if does == "both":
        wrong = con.execute(UNEQUAL).fetchone()
        assert wrong == (0,), f"{wrong} leads are scored otherwise"


def measured(does: str, which: str, folder: Path) -> tuple[float, float]:
    command = [sys.executable, __file__, "--run", does, which, "--data", str(folder)]
    out = subprocess.run(command, check=True, capture_output=True, text=True).stdout.split()
    return float(out[0]), float(out[1])


def medians(found: list[tuple[float, float]]) -> tuple[float, float]:
    return statistics.median(cpu for cpu, _ in found), statistics.median(peak for _, peak in found)


def compare(folder: Path, rounds: int) -> None:
    print("| what | scan | state | the state is faster | peak memory | with the state | to make the state once |")
    print("|---|---|---|---|---|---|---|")
    for which, what in WHAT.items():
        once = measured("week_ago", which, folder)
        measured("both", which, folder)
        pairs = [(measured("scan", which, folder), measured("state", which, folder)) for _ in range(rounds)]
        (cpu, peak), (quick, small) = (medians([pair[side] for pair in pairs]) for side in (0, 1))
        ratios = sorted(one[0] / other[0] for one, other in pairs)
        faster = f"**{statistics.median(ratios):.1f} ×** ({ratios[0]:.1f} to {ratios[-1]:.1f})"
        cells = f"{cpu:.3g} s | {quick:.3g} s | {faster} | {peak:.3g} GB | {small:.3g} GB"
        print(f"| {what} | {cells} | {once[0]:.3g} s, {once[1]:.3g} GB |", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="a tenth of the work")
    parser.add_argument("--data", type=Path, help="where the data is, or is to be kept")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--run", nargs=2, help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.run:
        does, which = given.run
        run(does, which, given.data)
        return
    many = 100_000 if given.quick else 1_000_000
    print(
        f"\n### A week told to the engagement state and {many:,} leads scored, against a scan (DuckDB, CPU seconds)\n"
    )
    with with_data(given.data, many) as data, tempfile.TemporaryDirectory(dir=data) as folder:
        for file in data.glob("*.parquet"):
            Path(folder, file.name).symlink_to(file.resolve())
        compare(Path(folder), given.rounds)


if __name__ == "__main__":
    main()
