"""The model of ``batch.py`` on Spark, unchanged, against DuckDB over the same files: two threads on one machine.

``python benchmarks/spark.py [--quick] [--data FOLDER]``; needs Java. Both write their scores as Parquet, which are
compared row by row, and the plan is searched for Python. A Spark session is started before the clock is; "first" is the
first query of its Java machine, as a job would run it, "warm" the median of those after it. CPU seconds are those of
all threads; wall time is what was waited for, on whatever else the machine did.
"""

from __future__ import annotations

import argparse
import contextlib
import io
import json
import resource
import runpy
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

MAKER = Path(__file__).with_name("batch.py")
MADE = runpy.run_path(str(MAKER))  # its model and moment
Used = tuple[float, float]
"""CPU seconds and seconds."""


def on_duckdb(which: str, folder: Path) -> list[Used]:
    from leadflow.batch import Columns, score_many

    def work() -> None:
        columns = Columns(activity={"happened_at": "ts"})
        scores = score_many(
            MADE["model"](which),
            folder / "leads.parquet",
            folder / "activities.parquet",
            MADE["AS_OF"],
            columns=columns,
        )
        scores.write_parquet(str(folder / f"duckdb-{which}.parquet"))

    return [used(work, cpu_of_python)]


def on_spark(which: str, folder: Path, rounds: int) -> list[Used]:
    from leadflow.batch import Columns, score_many

    columns = Columns(activity={"happened_at": "ts"})
    leads, told = folder / "leads.parquet", folder / "activities.parquet"
    session = started(folder)

    def work() -> None:
        scores = score_many(
            MADE["model"](which), leads, told, MADE["AS_OF"], engine="spark", columns=columns, session=session
        )
        with contextlib.redirect_stdout(io.StringIO()) as plan:
            scores.explain("extended")
        assert "Python" not in plan.getvalue(), plan.getvalue()
        scores.write.mode("overwrite").parquet(str(folder / f"spark-{which}.parquet"))

    return [used(work, lambda: cpu_of_python() + cpu_of_java(session)) for _ in range(rounds)]


def started(folder: Path) -> SparkSession:
    from pyspark.sql import SparkSession

    building = SparkSession.builder.master("local[2]").appName("leadflow-bench").config("spark.ui.enabled", "false")
    building = building.config("spark.driver.memory", "4g").config("spark.sql.shuffle.partitions", "8")
    return building.config("spark.local.dir", str(folder)).config("spark.log.level", "OFF").getOrCreate()


def cpu_of_python() -> float:
    own = resource.getrusage(resource.RUSAGE_SELF)
    return own.ru_utime + own.ru_stime


def cpu_of_java(session: SparkSession) -> float:
    process: Any = session.sparkContext._jvm.java.lang.ProcessHandle.current()  # type: ignore[union-attr]
    return float(process.info().totalCpuDuration().get().toMillis()) / 1000


def used(work: Callable[[], None], cpu: Callable[[], float]) -> Used:
    begun, at = cpu(), time.perf_counter()
    work()
    return cpu() - begun, time.perf_counter() - at


def agree(which: str, folder: Path) -> None:
    import duckdb

    wrong = duckdb.execute(
        f"SELECT count(*) FROM '{folder}/duckdb-{which}.parquet' one "
        f"FULL JOIN '{folder}/spark-{which}.parquet/*.parquet' other USING (lead_id) "
        "WHERE one.fit IS DISTINCT FROM other.fit OR coalesce(abs(one.engagement - other.engagement), 1) > 1e-9 OR "
        "(one.grade IS DISTINCT FROM other.grade AND least(abs(one.engagement - 60), abs(one.engagement - 30), "
        "abs(one.engagement - 10)) > 1e-9)"
    ).fetchone()
    assert wrong == (0,), f"{wrong} leads are scored otherwise"


def measured(engine: str, which: str, folder: Path, rounds: int) -> list[Used]:
    """What a fresh process uses, for each time that it scores all leads."""
    command = [sys.executable, __file__, "--run", engine, which, "--data", str(folder), "--rounds", str(rounds)]
    out = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    return [(cpu, wall) for cpu, wall in json.loads(out.splitlines()[-1])]


def compare(folder: Path, rounds: int) -> None:
    print("| what | DuckDB | Spark, first | ratio | Spark, warm | ratio |\n|---|---|---|---|---|---|")
    for which, what in (("plain", "half-lives and caps"), ("daily", "the same with daily limits")):
        duckdb = [one for _ in range(rounds) for one in measured("duckdb", which, folder, 1)]
        first, *warm = measured("spark", which, folder, rounds + 1)
        agree(which, folder)
        for place, unit in enumerate(("CPU s", "s waited")):
            base, later = (statistics.median(one[place] for one in many) for many in (duckdb, warm))
            early = first[place]
            cells = f"{early:.3g} | **{early / base:.1f} ×** | {later:.3g} | **{later / base:.1f} ×** |"
            print(f"| {what}, {unit} | {base:.3g} | {cells}", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="a tenth of the work")
    parser.add_argument("--data", type=Path, help="where the data is, or is to be kept")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--run", nargs=2, help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.run:
        engine, which = given.run
        times = on_duckdb(which, given.data) if engine == "duckdb" else on_spark(which, given.data, given.rounds)
        print("\n" + json.dumps(times))
        return
    many = 100_000 if given.quick else 1_000_000
    print(f"\n### Scoring {many:,} leads with {many * 20:,} activities on Spark (two threads), against DuckDB\n")
    with tempfile.TemporaryDirectory() as scratch:
        folder: Path = given.data or Path(scratch)
        if not (folder / "activities.parquet").exists():
            folder.mkdir(parents=True, exist_ok=True)
            subprocess.run([sys.executable, MAKER, "--make", str(many), "--data", str(folder)], check=True)
        compare(folder, given.rounds)


if __name__ == "__main__":
    main()
