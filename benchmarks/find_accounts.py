"""Accounts by a condition, without an index: how long all take, beside reading all leads once.

    python benchmarks/find_accounts.py [LEADS=4000]

Four leads per account, in memory and on SQLite; nobody fits, so that every account is computed. CPU seconds.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path
from time import process_time
from typing import Any

from leadflow import LeadFlow, ScoringModel, field
from leadflow.adapters.memory import MemoryStorage
from leadflow.adapters.sql import SqlStorage
from leadflow.scoring import on, points

PER_ACCOUNT = 4
MODEL = ScoringModel(name="m", fit=[points(7, field("person.job_title").is_known())], engagement=[on("demo", 20)])
NOBODY = field("account.leads") > PER_ACCOUNT
ASKED = {"account.leads": NOBODY, "account.next_role": NOBODY & field("account.next_role").is_known()}


def main() -> None:
    """Print both, for each storage and condition."""
    leads = int(sys.argv[1]) if len(sys.argv) > 1 else 4_000
    with tempfile.TemporaryDirectory() as folder:
        sqlite = SqlStorage(f"sqlite:///{Path(folder) / 'leads.db'}").migrate()
        for storage in (MemoryStorage(), sqlite):
            measure(storage, leads)
        sqlite.close()


def measure(storage: Any, leads: int) -> None:
    """Fill a storage, read all leads, and go through all accounts."""
    flow, titles = LeadFlow(storage, scoring=MODEL), ("Einkäufer", "Geschäftsführer", "Monteur", "Xyz")
    rows = (
        {"email": f"p{nr}@firm{nr // PER_ACCOUNT}.example", "last_name": f"N{nr}", "job_title": titles[nr % 4]}
        for nr in range(leads)
    )
    for _ in flow.capture_many(rows, source="file"):
        pass
    begun = process_time()
    assert sum(1 for _ in flow.leads()) == leads
    read = process_time() - begun
    for name, condition in ASKED.items():
        begun = process_time()
        assert len(flow.find_accounts(condition)) == 0
        taken = process_time() - begun
        what = f"{type(storage).__name__}: {leads // PER_ACCOUNT:,} accounts by {name}"
        print(f"{what}: {taken:.2f} s, {taken / read:.1f} times reading the leads")


if __name__ == "__main__":
    main()
