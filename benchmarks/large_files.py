"""Large files: how much memory they take, and how much of them is looked at first; run by bench.py.

``python benchmarks/large_files.py [--rows 1000000] [--small 10000] [--quick]``. The files have realistic leads; each
measurement is a process of its own, as at a command line. The ratio of the peaks counts: flat memory is about 1.
"""

from __future__ import annotations

import argparse
import csv
import sys
import tempfile
from collections.abc import Callable
from itertools import islice
from multiprocessing import get_context
from pathlib import Path

HERE = Path(__file__).parent
IO = Path("/proc/self/io")


def written(path: Path, rows: int) -> Path:
    """A CSV file of so many realistic leads."""
    sys.path.append(str(HERE.parent / "examples"))
    from realistic_leads import leads

    some = list(islice(leads(2_000), 2_000))
    columns = list(dict.fromkeys(key for row in some for key in row))
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(columns)
        for number in range(rows):
            row = some[number % len(some)]
            cells = {**row, "email": f"{number}.{row['email']}"} if row.get("email") else row
            writer.writerow([cells.get(column, "") for column in columns])
    return path


def check(path: Path) -> None:
    """``leadflow check``: every row is read, understood and checked."""
    from leadflow.files.file_check import check_file
    from leadflow.files.journey import RunPlan

    reports: list[int] = []
    found = check_file(
        RunPlan(path), lambda _name, rows, _of=None, /: reports.append(rows) if rows % 1_000 == 0 else None
    )
    assert found.rows == sum(1 for _ in path.open("rb")) - 1
    assert reports, "no progress was reported"


def dry_run(path: Path) -> None:
    """``leadflow run --dry-run``: every row is captured, in a database that is gone afterwards."""
    from leadflow.files.journey import RunPlan, run

    assert run(RunPlan(path, dry=True)).adds_up


def columns(path: Path) -> None:
    """``leadflow columns``: only a sample is read."""
    from leadflow.files.journey import RunPlan, columns_in

    columns_in(RunPlan(path))


def _measured(work: Callable[[Path], None], path: Path, answers: object) -> None:
    import resource

    import leadflow.files.journey  # noqa: F401 (what is loaded anyway is not measured)

    before = int(IO.read_text().split("rchar: ")[1].split()[0]) if IO.exists() else 0
    work(path)
    after = int(IO.read_text().split("rchar: ")[1].split()[0]) if IO.exists() else 0
    answers.put((resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024, (after - before) / 2**20))  # type: ignore[attr-defined]


def measured(work: Callable[[Path], None], path: Path) -> tuple[float, float]:
    """The peak of the memory of a fresh process that does this, and how much it has read, both in MB."""
    context = get_context("spawn")
    answers = context.Queue()
    process = context.Process(target=_measured, args=(work, path, answers))
    process.start()
    process.join()
    if process.exitcode:
        raise SystemExit(f"{work.__name__} failed on {path.name}")
    peak, read = answers.get()
    return float(peak), float(read)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--run-rows", type=int, default=100_000, help="rows for the dry run, which is slower")
    parser.add_argument("--small", type=int, default=10_000)
    parser.add_argument("--quick", action="store_true", help="a twentieth of the rows")
    given = parser.parse_args()
    part = 20 if given.quick else 1
    small, large, for_run = given.small // (5 if given.quick else 1), given.rows // part, given.run_rows // part
    print(f"\n### Large files: {large:,} rows against {small:,}\n\n| what | large | small | ratio |\n|---|---|---|---|")
    with tempfile.TemporaryDirectory() as folder:
        few, many, some = (written(Path(folder) / f"{rows}.csv", rows) for rows in (small, large, for_run))
        for work, path in ((check, many), (dry_run, some), (columns, many)):
            (peak, read), (usual, _) = measured(work, path), measured(work, few)
            rows = int(path.stem)
            what = f"peak of the memory of `{work.__name__}`, {rows:,} rows"
            print(f"| {what} | {peak:,.0f} MB | {usual:,.0f} MB | {peak / usual:.2f} |", flush=True)
        size = many.stat().st_size / 2**20
        print(f"| read by `columns`, of the file's size | {read:,.1f} MB | {size:,.0f} MB | {read / size:.3f} |")


if __name__ == "__main__":
    main()
