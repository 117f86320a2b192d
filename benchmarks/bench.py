"""What leadflow costs, as ratios to something measured in the same run: ``make bench``.

Times are CPU seconds unless a line says otherwise; each ratio is the median of several, with the lowest and highest.
``--quick`` does a tenth of the work, ``--only NAME`` one part of it (``--help`` lists them).
"""

from __future__ import annotations

import argparse
import contextlib
import cProfile
import multiprocessing
import os
import pstats
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

PYDANTIC = """
from pydantic import BaseModel
class Lead(BaseModel):
    id: str
    email: str | None = None
Lead(id="1")
"""
IMPORT = "import leadflow"
RULES = """
from leadflow import Lead, ScoringModel
from leadflow.scoring import points
from leadflow import field
ScoringModel(name="m", fit=[points(25, field("company.employees") >= 250, because="enterprise")])
"""
FIRST_CAPTURE = """
from leadflow import LeadFlow
from leadflow.adapters.memory import MemoryStorage
flow = LeadFlow(MemoryStorage())
flow.capture({"email": "ada@acme.example", "first_name": "Ada", "phone": "+49 30 901820"}, source="web")
"""
CPU = "import resource, sys\n{}\nused = resource.getrusage(resource.RUSAGE_SELF)\nprint(used.ru_utime + used.ru_stime)"


def in_fresh_process(code: str) -> float:
    """CPU seconds of a fresh interpreter that runs this."""
    out = subprocess.run([sys.executable, "-c", CPU.format(code)], check=True, capture_output=True, text=True)
    return float(out.stdout.split()[0])


def ratios(name: str, ours: Callable[[], float], theirs: Callable[[], float], rounds: int) -> None:
    """Measure both in turns and print the median ratio."""
    pairs = [(ours(), theirs()) for _ in range(rounds)]
    found = sorted(one / other for one, other in pairs)
    middle = statistics.median(found)
    print(
        f"| {name} | {statistics.median(p[0] for p in pairs):.4g} s | {statistics.median(p[1] for p in pairs):.4g} s "
        f"| **{middle:.3g} ×** ({found[0]:.3g} to {found[-1]:.3g}) |"
    )


def table(title: str) -> None:
    print(f"\n### {title}\n\n| what | leadflow | against | ratio |\n|---|---|---|---|")


def imports(scale: int) -> None:
    """Importing leadflow against importing pydantic and making one model, each in a fresh interpreter."""
    table("Fresh interpreter, against pydantic with one model")
    rounds = max(15 // scale, 3)
    ratios("`import leadflow`", lambda: in_fresh_process(IMPORT), lambda: in_fresh_process(PYDANTIC), rounds)
    ratios("a scoring model of one rule", lambda: in_fresh_process(RULES), lambda: in_fresh_process(PYDANTIC), rounds)


def first(scale: int) -> None:
    """The first capture of a process, with everything that it loads on the way."""
    table("First capture in a fresh process, against pydantic with one model")
    ratios(
        "capture with e-mail and phone, on memory",
        lambda: in_fresh_process(FIRST_CAPTURE),
        lambda: in_fresh_process(PYDANTIC),
        max(15 // scale, 3),
    )


def submissions(many: int) -> list[dict[str, object]]:
    return [
        {
            "email": f"p{n}@acme{n % 997}.example",
            "first_name": f"First{n}",
            "last_name": f"Name{n}",
            "company": f"Firm {n % 997} GmbH",
            "job_title": "Director of IT",
            "phone": f"030 {100_000 + n}",
            "street": f"Hauptstr. {n % 90}",
            "postcode": "10115",
            "city": "Berlin",
            "country": "DE",
            "employees": 20 + n % 900,
        }
        for n in range(many)
    ]


def whole_pipeline(storage: Any) -> Any:
    """A leadflow with scoring, qualification and routing, as a host would have it."""
    from leadflow import LeadFlow, Qualification, Rep, Router, Territory, field
    from leadflow.scoring import ScoringModel, half_life, on, points

    model = ScoringModel(
        name="bench",
        fit=[
            points(25, field("company.employees") >= 250, because="enterprise"),
            points(20, field("person.seniority").is_in("director", "c-level"), because="can decide"),
            points(-40, field("email.kind") == "disposable", because="throw-away address"),
        ],
        engagement=[on("demo_requested", 30, decay=half_life(days=30), cap=60)],
    )
    reps = [Rep(name) for name in ("anna", "ben", "carl", "dora", "emil", "fay", "gus")]
    return LeadFlow(
        storage,
        scoring=model,
        qualification=Qualification(mql=field("score.fit") >= 45),
        router=Router([Territory("DE", field("address.country") == "DE", reps=reps)]),
        country="DE",
    )


def captures(scale: int) -> None:
    """Captures per second through the whole pipeline: check, match, score, qualify, route three of four."""
    from leadflow.adapters.memory import MemoryStorage
    from leadflow.adapters.sql import SqlStorage

    many = 4_000 // scale
    rows = submissions(many)
    print(f"\n### Captures through the whole pipeline ({many:,} new leads, most routed in a second Change)\n")
    print("| storage | captures per second (wall) | against memory |\n|---|---|---|")
    with tempfile.TemporaryDirectory() as folder:
        speeds = {}
        for name, storage in (
            ("memory", MemoryStorage()),
            ("SQLite file, one fsync per Change", SqlStorage(f"sqlite:///{folder}/leads.db")),
        ):
            flow = whole_pipeline(storage)
            flow.capture(rows[0], source="warm-up", id="0")
            begun = time.perf_counter()
            for number, row in enumerate(rows[1:]):
                flow.capture(row, source="bench", id=str(number))
            speeds[name] = (many - 1) / (time.perf_counter() - begun)
            print(f"| {name} | {speeds[name]:,.0f} | {speeds[name] / speeds['memory']:.2f} × |")
    profile(rows[: many // 4])


def profile(rows: list[dict[str, object]]) -> None:
    """Where the time of a capture goes, by part of leadflow and by library (own time)."""
    from leadflow.adapters.sql import SqlStorage

    with tempfile.TemporaryDirectory() as folder:
        flow = whole_pipeline(SqlStorage(f"sqlite:///{folder}/leads.db"))
        flow.capture(rows[0], source="warm-up", id="0")
        profiler = cProfile.Profile()
        profiler.enable()
        for number, row in enumerate(rows[1:]):
            flow.capture(row, source="bench", id=str(number))
        profiler.disable()
    parts: dict[str, float] = {}
    stats: dict[tuple[str, int, str], tuple[int, int, float, float, object]]
    stats = pstats.Stats(profiler).stats  # type: ignore[attr-defined]
    for (file, _, function), (_, _, own, _, _) in stats.items():
        parts[part_of(file, function)] = parts.get(part_of(file, function), 0) + own
    whole = sum(parts.values())
    print("\nWhere the time goes on SQLite (own time under the profiler):\n\n| part | share |\n|---|---|")
    for name, seconds in sorted(parts.items(), key=lambda item: -item[1])[:12]:
        print(f"| {name} | {seconds / whole:.0%} |")


def part_of(file: str, function: str) -> str:
    if ("leadflow" in file and "site-packages/leadflow" in file) or "/src/leadflow/" in file:
        return "leadflow." + file.rsplit("leadflow/", maxsplit=1)[-1].split("/", maxsplit=1)[0].removesuffix(".py")
    if "site-packages/" in file:
        return file.split("site-packages/", 1)[1].split("/", 1)[0]
    if "sqlite3" in function:
        return "sqlite3 (the database itself)"
    if "pydantic_core" in function:
        return "pydantic_core"
    return "Python itself"


def moves(scale: int) -> None:
    """A million moves through the table against machine instances that make the same move."""
    from leadflow.lifecycle import DEFAULT

    table("Moves: 1,000,000 look-ups in the table, against python-statemachine instances (scaled from 2,000)")
    many, instances = 1_000_000 // scale, 2_000 // scale
    machine_class = DEFAULT.machine_class()

    def by_table() -> float:
        begun = time.process_time()
        for _ in range(many):
            DEFAULT.target("lead", "qualify", actor="policy")
        return (time.process_time() - begun) * (1_000_000 / many)

    def by_machine() -> float:
        begun = time.process_time()
        for _ in range(instances):
            machine_class(start_value="lead").send("qualify")
        return (time.process_time() - begun) * (1_000_000 / instances)

    ratios("a million moves (the ratio is machine by table)", by_machine, by_table, 5)


def races(scale: int) -> None:
    """Eight processes on one database against one process that does all of it: what contention costs."""
    from leadflow.adapters.sql import SqlStorage

    print("\n### Eight processes at once against one, wall time\n")
    print("| what | storage | by eight | by one | ratio of throughput |\n|---|---|---|---|---|")
    many = 1_600 // scale
    with databases() as fresh:
        for name, prepared, work in (
            ("captures of one new address", lambda _: list(range(many)), capture_one_address),
            ("leads routed over seven reps", lambda url: leads_to_route(url, many // 2), route_leads),
            ("leads captured, qualified and routed", lambda _: submissions(many // 2), capture_and_route),
        ):
            for storage, database in fresh.items():
                speeds = []
                for processes in (8, 1):
                    url = database()
                    SqlStorage(url).migrate().close()
                    todo = prepared(url)
                    seconds = seconds_of(processes, work, url, todo)
                    speeds.append((len(todo) - left_open(url)) / seconds)
                print(
                    f"| {name} | {storage} | {speeds[0]:,.0f} per second | {speeds[1]:,.0f} per second "
                    f"| {speeds[0] / speeds[1]:.2f} × |"
                )


@contextlib.contextmanager
def databases() -> Iterator[dict[str, Callable[[], str]]]:
    """What makes an empty SQLite file, and an empty PostgreSQL database if there is a server; each gives its URL."""
    sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))
    from postgres import NoPostgres, fresh_database, temp_postgres

    with contextlib.ExitStack() as kept:
        folder = Path(kept.enter_context(tempfile.TemporaryDirectory()))
        made: dict[str, Callable[[], str]] = {
            "SQLite file": lambda: f"sqlite:///{folder}/race{len(list(folder.iterdir()))}.db"
        }
        try:
            server = kept.enter_context(temp_postgres())
        except NoPostgres as why:
            print(f"(without PostgreSQL: {why})")
        else:
            made["PostgreSQL"] = lambda: str(kept.enter_context(fresh_database(server)))
        yield made


def left_open(url: str) -> int:
    """How many leads still wait for a rep."""
    from leadflow.adapters.sql import SqlStorage

    storage = SqlStorage(url)
    try:
        return len(storage.tasks("waiting", kinds=["route"], limit=10_000))
    finally:
        storage.close()


def warmed_up(flow: Any) -> Any:
    """A flow that has its connections, and has read and written once."""
    flow.visit(f"warm-up of {os.getpid()}", "page_viewed")
    return flow


def capture_one_address(url: str) -> Callable[[Any], object]:
    from leadflow import LeadFlow
    from leadflow.adapters.sql import SqlStorage

    flow, ada = warmed_up(LeadFlow(SqlStorage(url))), {"email": "ada@acme.example", "last_name": "Lovelace"}
    return lambda number: flow.capture(ada, source="race", id=str(number))


def leads_to_route(url: str, many: int) -> list[str]:
    from leadflow import LeadFlow, Qualification, field
    from leadflow.adapters.sql import SqlStorage

    storage = SqlStorage(url)
    flow = LeadFlow(storage, qualification=Qualification(mql=field("email.address").is_known()))
    rows = submissions(many)
    waiting = [flow.capture(row, source="race", id=str(number)).lead_id for number, row in enumerate(rows)]
    storage.close()
    return waiting


def route_leads(url: str) -> Callable[[Any], object]:
    from leadflow.adapters.sql import SqlStorage

    route: Callable[[Any], object] = warmed_up(whole_pipeline(SqlStorage(url))).route
    return route


def capture_and_route(url: str) -> Callable[[Any], object]:
    from leadflow.adapters.sql import SqlStorage

    flow = warmed_up(whole_pipeline(SqlStorage(url)))
    return lambda row: flow.capture(row, source="race")


def seconds_of(processes: int, work: Callable[[str], Callable[[Any], object]], url: str, todo: list[Any]) -> float:
    """Share the work out to so many processes that are warm and begin together, and wait for the last."""
    context = multiprocessing.get_context("fork")
    barrier = context.Barrier(processes + 1)

    def begin(number: int) -> None:
        do = work(url)
        barrier.wait()
        for one in todo[number::processes]:
            do(one)

    workers = [context.Process(target=begin, args=(number,)) for number in range(processes)]
    for worker in workers:
        worker.start()
    barrier.wait()
    begun = time.perf_counter()
    for worker in workers:
        worker.join()
    if any(worker.exitcode for worker in workers):
        raise SystemExit("a process of the race has failed")
    return time.perf_counter() - begun


def script(name: str, *quick: str) -> Callable[[int], None]:
    """The part that is a program of its own, ``NAME.py`` beside this one; ``quick`` are its options for ``--quick``."""

    def part(scale: int) -> None:
        sys.stdout.flush()
        options = ["--quick", *quick] if scale > 1 else []
        subprocess.run([sys.executable, Path(__file__).with_name(f"{name}.py"), *options], check=True)

    return part


def spark(scale: int) -> None:
    """What ``batch`` measures, on Spark, against DuckDB; see ``spark.py``."""
    if shutil.which("java"):
        script("spark", "--rounds", "1")(scale)
    else:
        print("\nThere is no Java, so nothing is measured on Spark.")


PARTS = {
    "imports": imports,
    "first": first,
    "captures": captures,
    "intake": script("intake"),
    "moves": moves,
    "races": races,
    "recording": script("recording"),
    "rescoring": script("rescoring"),
    "mailing": script("mailing"),
    "growth": script("growth"),
    "finding": script("finding"),
    "single": script("single"),
    "hostile_tables": script("hostile_tables"),
    "large_files": script("large_files"),
    "batch": script("batch", "--rounds", "3"),
    "spark": spark,
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="a tenth of the work")
    parser.add_argument("--only", choices=PARTS)
    given = parser.parse_args()
    for name, part in PARTS.items():
        if given.only in (None, name):
            part(10 if given.quick else 1)


if __name__ == "__main__":
    main()
