"""What finding costs on a SQLite file: against the same queries by hand, and with 300,000 leads against 10,000.

Run by bench.py. Times are CPU time. Names and companies have frequencies as in life: a few are very common.
"""

from __future__ import annotations

import random
import sqlite3
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

FEW, MANY = 10_000, 300_000
ROUNDS, CALLS, P99_OF = 9, 40, 500
NOW = datetime(2026, 6, 1, tzinfo=UTC)
TENANT = "default"
LIMIT = 50
REACHABLE = f"""NOT EXISTS (SELECT 1 FROM leadflow_redirects AS r
    WHERE r.tenant = '{TENANT}' AND r.absorbed = found.id)"""
STAGES = ("prospect", "lead", "mql", "sal", "sql", "customer", "disqualified")
FIRST = "Anna Lukas Sophie Jürgen Elif Björn Claire Mehmet Ingrid José Zoë Götz Mei Priya Olivia Thijs".split()
LAST = "Müller Schmidt Schneider Fischer Weber Yılmaz García Nowak Jensen Rossi Dubois Patel Chen Smith O'Neill".split()


def finding(scale: int) -> None:
    from leadflow import LeadFlow
    from leadflow.adapters.sql import SqlStorage

    few, many = FEW // scale, MANY // scale
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "leads.db"
        storage = SqlStorage(f"sqlite:///{path}").migrate()
        flow = LeadFlow(storage, clock=lambda: NOW)
        store(flow, range(few))
        uses = uses_of(flow, few)
        at_few = {name: p99(use) for name, use in uses.items()}
        store(flow, range(few, many))
        by_hand(flow, path, many)
        print(f"\n### {many:,} stored leads against {few:,}, the slowest hundredth of {P99_OF} calls (CPU time)\n")
        print(f"| what | with {many:,} | with {few:,} | ratio |\n|---|---|---|---|")
        for name, use in uses_of(flow, many).items():
            slow = p99(use)
            print(f"| {name} | {slow * 1e3:.2f} ms | {at_few[name] * 1e3:.2f} ms | **{slow / at_few[name]:.2f} ×** |")
        storage.close()


# --------------------------------------------------------------------------------------------------------------- leads
def store(flow: Any, numbers: range) -> None:
    """Store leads as captures would leave them, many in one Change."""
    from leadflow.decisions.accounts import account_index
    from leadflow.events import Change, LeadWrite
    from leadflow.quality import match_keys
    from leadflow.search.words import word_index

    for start in range(numbers.start, numbers.stop, 2_000):
        leads = [lead_of(nr) for nr in range(start, min(start + 2_000, numbers.stop))]
        writes = (
            LeadWrite(
                id=one.id, read_version=0, lead=one,
                match_keys=match_keys(one) | account_index(one) | word_index(one),
            )
            for one in leads
        )  # fmt: skip
        flow.storage.save(Change(leads=tuple(writes)))


def lead_of(nr: int) -> Any:
    from leadflow.testing import a_lead

    dice = random.Random(nr)
    company = min(int(dice.paretovariate(0.6)), 60_000)
    first, last = dice.choice(FIRST), f"{dice.choice(LAST)}{int(dice.paretovariate(0.7)) % 5_000 or ''}"
    created = NOW - timedelta(seconds=dice.randrange(40_000_000))
    stage = dice.choices(STAGES, (30, 40, 12, 6, 4, 5, 3))[0]
    owned = stage not in ("prospect", "lead")
    return a_lead(
        id=f"l{nr:07}", version=3, created_at=created, recorded_at=created + timedelta(days=dice.randrange(90)),
        stage=stage, entered_at=created, owner=f"rep{nr // 400}" if owned else None,
        emails=[{"address": f"p{nr}@firm{company}.example", "domain": f"firm{company}.example", "kind": "business"}],
        phones=[{"number": f"+4930{10_000_000 + nr}", "country": "DE"}],
        person={"first_name": first, "last_name": last, "job_title": "Head of IT", "seniority": "director"},
        company={"name": f"Firm {company}", "domain": f"firm{company}.example", "employees": company, "country": "DE"},
        address={"street": "Hauptstr.", "house_number": "7", "postcode": "10115", "city": "Berlin", "country": "DE"},
        score={"fit": dice.randrange(60), "engagement": dice.random() * 60, "at": NOW},
        source="web", interests=["fleet", "leasing"],
    )  # fmt: skip


# ------------------------------------------------------------------------------------------------------------- by hand
def by_hand(flow: Any, path: Path, many: int) -> None:
    print(f"\n### A page of {LIMIT} among {many:,} leads, against the query by hand with the leads read (CPU time)\n")
    print("| what | leadflow | by hand | ratio |\n|---|---|---|---|")
    connection = sqlite3.connect(path)
    for name, (where, order, sql, values) in queries(many // 800).items():
        found = partial(flow.find, where, order=order, limit=LIMIT)
        compared(name, timed(found), timed(partial(read_by_hand, connection, sql, values)))
    begin = f"FROM leadflow_leads AS found WHERE tenant = '{TENANT}' AND {REACHABLE}"
    by_stage = f"SELECT stage, COUNT(*) {begin} GROUP BY stage"
    counted = timed(partial(flow.count, by="stage"), 3)
    compared("counted by stage", counted, timed(lambda: connection.execute(by_stage).fetchall(), 3))
    connection.close()


def queries(rep: int) -> dict[str, tuple[Any, str, str, tuple[object, ...]]]:
    from leadflow import field

    begin = f"SELECT doc FROM leadflow_leads AS found WHERE tenant = ? AND {REACHABLE}"
    owner = f"rep{rep}"
    words = f"""{begin} AND id IN (SELECT lead_id FROM leadflow_match_keys
        WHERE tenant = '{TENANT}' AND key >= 'word|schmidt12' AND key < 'word|schmidt13')
        ORDER BY created_at DESC LIMIT {LIMIT}"""
    return {
        "an inbox: one rep's MQL, the best first": (
            (field("owner") == owner) & (field("stage") == "mql"), "-score.total",
            f"{begin} AND owner = ? AND stage = 'mql' ORDER BY score DESC LIMIT {LIMIT}", (TENANT, owner),
        ),
        "a column of a board: a stage, the newest first": (
            field("stage") == "sal", "-created_at",
            f"{begin} AND stage = 'sal' ORDER BY created_at DESC LIMIT {LIMIT}", (TENANT,),
        ),
        "all, by score": (None, "-score.total", f"{begin} ORDER BY score DESC LIMIT {LIMIT}", (TENANT,)),
        "one account, the newest first": (
            field("account") == "firm77.example", "-created_at",
            f"{begin} AND account = 'firm77.example' ORDER BY +created_at DESC LIMIT {LIMIT}", (TENANT,),
        ),
        'words: "schmidt12"': (field("text").matches("schmidt12"), "-created_at", words, (TENANT,)),
        "a stage and a value in the document": (
            (field("stage") == "sql") & (field("company.employees") >= 250), "-created_at",
            f"""{begin} AND stage = 'sql' AND json_extract(doc, '$.company.employees') >= 250
            ORDER BY created_at DESC LIMIT {LIMIT}""", (TENANT,),
        ),
    }  # fmt: skip


def read_by_hand(connection: sqlite3.Connection, sql: str, values: tuple[object, ...]) -> list[Any]:
    from leadflow import Lead

    return [Lead.model_validate_json(doc) for (doc,) in connection.execute(sql, values)]


# ----------------------------------------------------------------------------------------------------------- measuring
def timed(use: Callable[[], object], calls: int = CALLS) -> Callable[[], float]:
    def run() -> float:
        begun = time.process_time()
        for _ in range(calls):
            use()
        return (time.process_time() - begun) / calls

    use()
    return run


def compared(name: str, ours: Callable[[], float], theirs: Callable[[], float]) -> None:
    pairs = [(ours(), theirs()) for _ in range(ROUNDS)]
    found = sorted(one / other for one, other in pairs)
    mine, other = (statistics.median(pair[side] for pair in pairs) * 1e3 for side in (0, 1))
    middle = statistics.median(found)
    print(f"| {name} | {mine:.2f} ms | {other:.2f} ms | **{middle:.2f} ×** ({found[0]:.2f} to {found[-1]:.2f}) |")


def uses_of(flow: Any, stored: int) -> dict[str, Callable[[int], object]]:
    """Calls of many kinds, each with another lead, rep or page: by number."""
    from leadflow import field

    reps = stored // 400

    def inbox(nr: int) -> object:
        return flow.find((field("owner") == f"rep{nr % reps}") & (field("stage") == "mql"), order="-score.total")

    def board(nr: int) -> object:
        return flow.find(field("stage") == STAGES[nr % len(STAGES)])

    after: list[str | None] = [None]

    def pages(_: int) -> object:
        page = flow.find(order="-score.total", limit=LIMIT, after=after[0])
        after[0] = page.next
        return page

    return {
        "`get`": lambda nr: flow.get(f"l{nr * 7919 % stored:07}"),
        "an inbox: one rep's MQL, the best first": inbox,
        "a column of a board: a stage, the newest first": board,
        "page after page, by score": pages,
        "one lead by words": lambda nr: flow.find(field("text").matches(f"p{nr * 7919 % stored}")),
    }


def p99(use: Callable[[int], object]) -> float:
    seconds = []
    for nr in range(P99_OF):
        begun = time.process_time()
        use(nr)
        seconds.append(time.process_time() - begun)
    return statistics.quantiles(seconds, n=100)[-1]


if __name__ == "__main__":
    finding(10 if "--quick" in sys.argv else 1)
