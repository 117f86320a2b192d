"""One lead against N stored: in the memory index, on SQLite and on PostgreSQL; run by matching_speed.py --index N.

All begin with the values and end with the leads that are the same or unsure, so what is read of the values counts; the
checks of the fields, which capture makes before, do not. A plain read by primary key of the same database is beside.
PostgreSQL is the throw-away server of the tests, on this machine.
"""

import csv
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator
from itertools import islice
from pathlib import Path
from typing import Any

LOOKED_UP = 2_000
"""So many leads are looked up: the last ones made, of which one in six is stored already, spelled otherwise."""
AT_ONCE = 2_000
Millis = dict[str, float]


def lookups(stored: int) -> None:
    """Print what one look-up takes, each kind in a process of its own."""
    from matching_accuracy import colleagues

    with tempfile.TemporaryDirectory() as folder:
        leads = Path(folder) / "leads.csv"
        rows, _ = colleagues(stored + LOOKED_UP)
        keys = [*dict.fromkeys(key for row in rows.values() for key in row)]
        with leads.open("w", encoding="utf-8", newline="") as file:
            writer = csv.DictWriter(file, keys)
            writer.writeheader()
            writer.writerows(rows.values())
        del rows
        results = {kind: in_process(kind, leads, stored) for kind in ("index", "sqlite", "postgresql")}
    print(f"One lead against {stored:,} stored, {LOOKED_UP:,} times (wall time; CPU time in brackets)\n")
    print("| what | p50 | p99 | p50 to the plain read | peak memory | to store one |\n|---|---|---|---|---|---|")
    for name, kind, what in (
        ("`MatchIndex.find`", "index", "found"),
        ("a plain read by primary key on SQLite", "sqlite", "plain"),
        ("as `capture` finds candidates on SQLite", "sqlite", "found"),
        ("a plain read by primary key on PostgreSQL", "postgresql", "plain"),
        ("as `capture` finds candidates on PostgreSQL", "postgresql", "found"),
    ):
        told, took = results[kind], results[kind][what]
        p50, p99 = (f"{took[part]:.3f} ms ({took[f'cpu {part}']:.3f})" for part in ("p50", "p99"))
        ratio = took["p50"] / results[kind if "plain" in told else "sqlite"]["plain"]["p50"]
        print(f"| {name} | {p50} | {p99} | {ratio:.0f} × | {told['memory']:,.0f} MB | {told['stored']:.3f} ms |")
    for kind, told in results.items():
        print(f"{kind}: {told['matches']:,} matches")


def in_process(kind: str, leads: Path, stored: int) -> dict[str, Any]:
    command = [sys.executable, __file__, kind, str(leads), str(stored)]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    told = process.stdout.read()
    _, status, used = os.wait4(process.pid, 0)
    if status:
        sys.exit(f"{kind}: failed")
    return {**json.loads(told), "memory": used.ru_maxrss / 1024}


def on_index(leads: Path, stored: int) -> dict[str, Any]:
    from leadflow.quality.matching import MatchIndex

    index, rows = MatchIndex(default_country="DE"), rows_of(leads)
    begun = time.process_time()
    for number, row in enumerate(islice(rows, stored)):
        index.add(str(number), row)
    adding = (time.process_time() - begun) / stored * 1000
    took, found = timed(index.find, rows)
    return {"found": took, "stored": adding, "matches": sum(map(len, found))}


def on_sqlite(leads: Path, stored: int) -> dict[str, Any]:
    return on_database(f"sqlite:///{leads.with_suffix('.db')}", leads, stored)


def on_postgresql(leads: Path, stored: int) -> dict[str, Any]:
    sys.path.append(str(Path(__file__).parent.parent / "tests"))
    from postgres import fresh_database, temp_postgres

    with temp_postgres() as server, fresh_database(server) as url:
        return on_database(url, leads, stored)


def on_database(url: str, leads: Path, stored: int) -> dict[str, Any]:
    """Return how long it takes to store a lead, to find the twins of one, and to read one by its primary key."""
    from sqlalchemy import create_engine, text

    from leadflow.adapters.sql import SqlStorage
    from leadflow.decisions.candidates import CANDIDATES_PER_KEY
    from leadflow.events import Change, LeadWrite
    from leadflow.quality import Fingerprint, stored_features
    from leadflow.quality.matching import MATCH_MODEL, Matcher

    rows = rows_of(leads)
    storage, likeness = SqlStorage(url).migrate(), Matcher(MATCH_MODEL).likeness
    begun = time.process_time()
    numbered = enumerate(islice(rows, stored))
    while some := [a_lead(f"lead-{number}", row) for number, row in islice(numbered, AT_ONCE)]:
        prints = [(lead, Fingerprint(lead)) for lead in some]
        storage.save(Change(leads=tuple(
            LeadWrite(id=lead.id, read_version=0, lead=lead, match_keys=frozenset(print_.match_keys),
                      features=print_.features.as_text())
            for lead, print_ in prints
        )))  # fmt: skip
    adding = (time.process_time() - begun) / stored * 1000

    def find(lead: Any) -> list[Any]:
        fingerprint = Fingerprint(lead)
        same = storage.matching(fingerprint.match_keys, CANDIDATES_PER_KEY)
        texts = storage.features({lead_id for some in same.values() for lead_id in some})
        stored = filter(None, map(stored_features, texts.values()))
        compared = (likeness(fingerprint.features, one) for one in stored)
        return [like for like in compared if like.verdict != "different"]

    took, found = timed(find, [a_lead(f"new-{number}", row) for number, row in enumerate(rows)])
    storage.close()
    engine = create_engine(url)
    with engine.connect() as db:
        tenant = db.execute(text("SELECT min(tenant) FROM leadflow_leads")).scalar()
        read, ask = db.connection.cursor(), "SELECT * FROM leadflow_leads WHERE tenant = {0} AND id = {0}"
        query = ask.format("?" if engine.dialect.name == "sqlite" else "%s")
        ids = [(tenant, f"lead-{number * 7919 % stored}") for number in range(LOOKED_UP)]
        plain, _ = timed(lambda one: read.execute(query, one).fetchone(), ids)
    engine.dispose()
    return {"found": took, "plain": plain, "stored": adding, "matches": sum(map(len, found))}


def a_lead(id: str, row: dict[str, str]) -> Any:
    from datetime import UTC, datetime

    from leadflow.entities import Lead, with_fields
    from leadflow.quality import check

    now = datetime(2026, 6, 1, tzinfo=UTC)
    checked = check(row, default_country="DE").value
    assert checked is not None
    return with_fields(Lead(id=id, created_at=now, recorded_at=now, version=1, stage="new"), checked.values)


def rows_of(leads: Path) -> Iterator[dict[str, str]]:
    with leads.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            yield {key: value for key, value in row.items() if value}


def timed(find: Callable[[Any], Any], wanted: Iterable[Any]) -> tuple[Millis, list[Any]]:
    """Return percentiles of the time that each takes, in milliseconds, and what was found."""
    walls, cpus, found = [], [], []
    for one in wanted:
        cpu, wall = time.process_time_ns(), time.perf_counter_ns()
        found.append(find(one))
        walls.append(time.perf_counter_ns() - wall)
        cpus.append(time.process_time_ns() - cpu)
    took: Millis = {}
    for name, some in (("", walls), ("cpu ", cpus)):
        some.sort()
        took |= {f"{name}p{part}": some[len(some) * part // 100] / 1e6 for part in (50, 99)}
    return took, found


if __name__ == "__main__":
    kind, file, number = sys.argv[1:]
    print(
        json.dumps({"index": on_index, "sqlite": on_sqlite, "postgresql": on_postgresql}[kind](Path(file), int(number)))
    )
