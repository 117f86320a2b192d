"""Scoring a million leads with twenty million activities, against the best queries that were written by hand for it.

``python benchmarks/batch.py [--quick] [--data FOLDER]``; ``make bench`` runs it, too. The data is made anew (or kept
in ``--data``), always the same: log-normal activity per lead, in order of time, and once more sorted by lead. The
opponents are ``benchmarks/scoring/*.sql``; the rules are in ``scoring_bench_rules.json`` beside them. Every measurement
is a fresh process: CPU seconds of all its threads, building the SQL included, and its peak memory.
"""

from __future__ import annotations

import argparse
import json
import resource
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import duckdb

HERE = Path(__file__).parent
AS_OF = datetime(2026, 7, 1, tzinfo=UTC)
KINDS = (
    "email_open email_click page_view form_submit webinar demo_request "
    "unsubscribe bounce meeting chat download ad_click"
).split()
OPPONENTS = {"plain": "scoring_reference.sql", "daily": "scoring_reference_daily_limits.sql"}


# --- data --------------------------------------------------------------------------------------------------


def made(folder: Path, many: int) -> None:
    """The two files, as ``scoring_bench_data.py`` of the frozen benchmark makes them, and the clustered activities."""
    import duckdb
    import numpy as np
    import pyarrow.parquet as pq

    dice: Any = np.random.default_rng(7)
    now = np.datetime64("2026-07-01T00:00:00", "us")
    pq.write_table(leads(dice, many, now), folder / "leads.parquet", compression="zstd")
    told = activities(dice, many, many * 20, now)
    pq.write_table(told, folder / "activities.parquet", compression="zstd", row_group_size=500_000)
    duckdb.execute(
        f"COPY (FROM '{folder}/activities.parquet' ORDER BY lead_id, ts) TO '{folder}/by_lead.parquet' "
        "(FORMAT parquet, COMPRESSION zstd, ROW_GROUP_SIZE 500000)"
    )


def leads(dice: Any, many: int, now: Any) -> Any:
    import numpy as np
    import pyarrow as pa
    import pyarrow.compute as pc

    def of(values: Sequence[str]) -> Any:
        chosen = dice.choice(len(values), many, p=None).astype(np.int8)
        return pa.DictionaryArray.from_arrays(pa.array(chosen), pa.array(values)).cast(pa.string())

    def maybe(values: Any, missing: float) -> Any:
        return pc.if_else(pa.array(~(dice.random(many) < missing)), values, pa.nulls(many, values.type))

    domains = ("gmail.com", "acme{}.com", "yahoo.com", "corp{}.de")
    emails = [f"user{i}@{domains[i % 4].format(i % (5000 if i % 4 == 1 else 7000))}" for i in range(many)]
    return pa.table({
        "lead_id": np.arange(many, dtype=np.int64),
        "email": pa.array(emails),
        "first_name": of("Ann Bob Cai Dee Eve".split()),
        "last_name": of("Li Ng Ro Ek Oz".split()),
        "company": pa.array([f"Company {i % 50_000}" for i in range(many)]),
        "title": maybe(
            of([
                "CEO", "CTO", "VP Sales", "VP Marketing", "Director of IT", "Head of Data", "Engineer", "Manager",
                "Student", "Intern", "Consultant", "Analyst",
            ]), 0.1,
        ),
        "industry": maybe(
            of(
                "software finance retail healthcare manufacturing education government media energy other".split()
            ), 0.15,
        ),
        "country": of("US DE FR GB IN BR CN JP ES PL NG CA".split()),
        "city": of("A B C D".split()),
        "employees": maybe(pa.array((10 ** dice.uniform(0, 5, many)).astype(np.int32)), 0.2),
        "revenue": maybe(pa.array(10 ** dice.uniform(4, 9, many)), 0.3),
        "source": of("web referral ads event partner cold".split()),
        "medium": of("cpc organic email social".split()),
        "campaign": of([f"c{i}" for i in range(40)]),
        "phone": maybe(of(["+1555", "+4930", "+331"]), 0.5),
        "website": maybe(of(["https://a.io", "https://b.io"]), 0.4),
        "language": of("en de fr pt".split()),
        "timezone": of("UTC EST CET".split()),
        "consent": pa.array(dice.random(many) < 0.7),
        "is_customer": pa.array(dice.random(many) < 0.05),
        "do_not_call": pa.array(dice.random(many) < 0.08),
        "budget": maybe(pa.array(10 ** dice.uniform(2, 6, many)), 0.5),
        "seats": pa.array(dice.integers(0, 500, many).astype(np.int32)),
        "created_at": pa.array(now - (dice.random(many) * 700 * 86400e6).astype("timedelta64[us]")),
        "stage": of("new contacted qualified lost".split()),
    })  # fmt: skip


def activities(dice: Any, of_leads: int, many: int, now: Any) -> Any:
    import numpy as np
    import pyarrow as pa

    shares = np.array([0.28, 0.08, 0.42, 0.03, 0.01, 0.005, 0.005, 0.02, 0.01, 0.03, 0.03, 0.08])
    weights = dice.lognormal(0, 1.2, of_leads)
    counts = dice.multinomial(many, weights / weights.sum())
    lead = np.repeat(np.arange(of_leads, dtype=np.int64), counts)
    at = now - (dice.exponential(90, many).clip(0, 720) * 86400e6).astype("timedelta64[us]")
    order = np.argsort(at, kind="stable")
    kind = dice.choice(12, many, p=shares / shares.sum()).astype(np.int8)
    page = dice.choice(6, many, p=[0.35, 0.08, 0.2, 0.25, 0.05, 0.07]).astype(np.int8)
    pages = pa.array("home pricing docs blog careers product".split())
    return pa.table(
        {
            "lead_id": lead[order],
            "kind": pa.DictionaryArray.from_arrays(pa.array(kind), pa.array(KINDS)),
            "page": pa.DictionaryArray.from_arrays(pa.array(page), pages),
            "value": (dice.random(many) * 60).astype(np.float32),
            "ts": pa.array(at[order]),
        }
    )


@contextmanager
def with_data(kept: Path | None, many: int) -> Iterator[Path]:
    """A folder with the files for so many leads; they are made unless they are there."""
    with tempfile.TemporaryDirectory() as scratch:
        folder = kept or Path(scratch)
        if not (folder / "by_lead.parquet").exists():
            folder.mkdir(parents=True, exist_ok=True)
            # In a process of its own: what a process has used at most, its children inherit.
            subprocess.run([sys.executable, __file__, "--make", str(many), "--data", str(folder)], check=True)
        yield folder


# --- rules -------------------------------------------------------------------------------------------------


def condition(written: Any, of: Callable[[str], Any]) -> Any:
    from leadflow.conditions import all_of, any_of

    op, *rest = written
    if op in ("and", "or"):
        return (all_of if op == "and" else any_of)(*(condition(one, of) for one in rest))
    if op == "not":
        return ~condition(rest[0], of)
    on = of(rest[0])
    made: dict[str, Callable[[], Any]] = {
        "in": lambda: on.is_in(*rest[1]),
        ">=": lambda: on >= rest[1],
        "<": lambda: on < rest[1],
        "==": lambda: on == rest[1],
        "!=": lambda: on != rest[1],
        "startswith": lambda: on.starts_with(rest[1]),
        "endswith": lambda: on.ends_with(rest[1]),
        "contains": lambda: on.contains(rest[1]),
        "isnull": lambda: ~on.is_known(),
    }
    return made[op]()


def model(which: str) -> Any:
    from leadflow.conditions import activity, all_of, field
    from leadflow.scoring import Grades, ScoringModel, half_life, on, points

    rules = json.loads((HERE / "scoring/scoring_bench_rules.json").read_text())
    engagement = []
    for rule in rules["engagement"]:
        parts = rule["when"][1:] if rule["when"][0] == "and" else [rule["when"]]
        kind = next(part[2] for part in parts if part[1] == "kind")
        where = [condition(part, activity) for part in parts if part[1] != "kind"]
        limit = (rule["limit_per_day"], "day") if which == "daily" else None
        engagement.append(
            on(
                kind, rule["points"], name=rule["name"], where=all_of(*where) if where else None, cap=rule["cap"],
                decay=half_life(rule["half_life_days"]), limit=limit,  # type: ignore[arg-type]  # a day it is
            )
        )  # fmt: skip
    fit = [points(rule["points"], condition(rule["when"], field), name=rule["name"]) for rule in rules["fit"]]
    return ScoringModel(name="bench", fit=fit, engagement=engagement, grades=Grades(**rules["grades"]))


# --- measuring ---------------------------------------------------------------------------------------------


def ours(con: duckdb.DuckDBPyConnection, which: str, folder: Path, told: str) -> None:
    from leadflow.batch import Columns, score_many

    columns = Columns(activity={"happened_at": "ts"})
    found = score_many(model(which), folder / "leads.parquet", folder / told, AS_OF, columns=columns, connection=con)
    found.to_table("ours")


def theirs(con: duckdb.DuckDBPyConnection, which: str, folder: Path, told: str) -> None:
    con.execute(f"CREATE VIEW leads AS FROM '{folder}/leads.parquet'")
    con.execute(f"CREATE VIEW activities AS FROM '{folder}/{told}'")
    con.execute(f"CREATE TABLE theirs AS {(HERE / 'scoring' / OPPONENTS[which]).read_text()}")


def measured(side: str, which: str, folder: Path, told: str) -> tuple[float, float]:
    """CPU seconds and peak gigabytes of a fresh process that does this."""
    command = [sys.executable, __file__, "--run", side, which, told, "--data", str(folder)]
    out = subprocess.run(command, check=True, capture_output=True, text=True).stdout.split()
    return float(out[0]), float(out[1])


def run(side: str, which: str, told: str, folder: Path) -> None:
    """What such a process does; ``both`` compares the results, row by row."""
    import duckdb

    __import__("leadflow.batch.duck")  # not part of what is measured, as little as importing duckdb

    con = duckdb.connect()
    begun = resource.getrusage(resource.RUSAGE_SELF)
    if side != "theirs":
        ours(con, which, folder, told)
    if side != "ours":
        theirs(con, which, folder, told)
    used = resource.getrusage(resource.RUSAGE_SELF)
    cpu = used.ru_utime + used.ru_stime - begun.ru_utime - begun.ru_stime
    print(cpu, used.ru_maxrss * (1 if sys.platform == "darwin" else 1024) / 1e9)
    if side == "both":
        wrong = con.execute(
            "SELECT count(*) FROM ours FULL JOIN theirs USING (lead_id) WHERE ours.fit IS DISTINCT FROM theirs.fit "
            "OR coalesce(abs(engagement - beh), 1) > 1e-9 OR (ours.grade IS DISTINCT FROM theirs.grade "
            "AND least(abs(beh - 60), abs(beh - 30), abs(beh - 10)) > 1e-9)"
        ).fetchone()
        assert wrong == (0,), f"{wrong} leads are scored otherwise"


def compare(folder: Path, rounds: int) -> None:
    print("| what | CPU seconds | by hand | ratio | peak memory | by hand | ratio |\n|---|---|---|---|---|---|---|")
    for which, what in (("plain", "half-lives and caps"), ("daily", "the same with daily limits")):
        for told, order in (("activities.parquet", "in order of time"), ("by_lead.parquet", "clustered by lead")):
            measured("both", which, folder, told)
            pairs = [
                (measured("ours", which, folder, told), measured("theirs", which, folder, told)) for _ in range(rounds)
            ]
            cells = [cell(pairs, 0, "s"), cell(pairs, 1, "GB")]
            print(f"| {what}, {order} | {' | '.join(cells)} |", flush=True)


def cell(pairs: Sequence[tuple[tuple[float, float], tuple[float, float]]], index: int, unit: str) -> str:
    mine, other = (statistics.median(pair[side][index] for pair in pairs) for side in (0, 1))
    ratios = sorted(pair[0][index] / pair[1][index] for pair in pairs)
    low, middle, high = ratios[0], statistics.median(ratios), ratios[-1]
    return f"{mine:.3g} {unit} | {other:.3g} {unit} | **{middle:.2f} ×** ({low:.2f} to {high:.2f})"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="a tenth of the work")
    parser.add_argument("--data", type=Path, help="where the data is, or is to be kept")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--run", nargs=3, help=argparse.SUPPRESS)
    parser.add_argument("--make", type=int, help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.run:
        side, which, told = given.run
        run(side, which, told, given.data)
        return
    if given.make:
        made(given.data, given.make)
        return
    many = 100_000 if given.quick else 1_000_000
    print(f"\n### Scoring {many:,} leads with {many * 20:,} activities, against queries written by hand (DuckDB)\n")
    with with_data(given.data, many) as folder:
        compare(folder, given.rounds)


if __name__ == "__main__":
    main()
