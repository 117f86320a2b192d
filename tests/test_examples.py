"""Every small example runs as it says it does (the demo has tests of its own)."""

from __future__ import annotations

import csv
import io
import subprocess
import sys
from collections import Counter
from pathlib import Path

EXAMPLES = Path(__file__).parents[1] / "examples"


def test_the_asynchronous_host_captures_at_once_and_hears_of_each():
    done = subprocess.run(
        [sys.executable, EXAMPLES / "async_host.py"], check=True, capture_output=True, text=True, timeout=120
    )
    assert done.stdout.strip() == "20 leads came in at once, and each was heard of"


def test_realistic_leads_are_the_same_each_time_complete_and_some_of_them_come_twice():
    command = [sys.executable, str(EXAMPLES / "realistic_leads.py"), "2000"]
    texts = [subprocess.run(command, check=True, capture_output=True, timeout=60).stdout for _ in range(2)]
    assert texts[0] == texts[1]
    rows = list(csv.DictReader(io.StringIO(texts[0].decode())))
    assert len(rows) == 2000
    assert all(row["first_name"] and row["last_name"] and "@" in row["email"] and row["postcode"] for row in rows)
    names = Counter(row["last_name"] for row in rows)
    assert names["Müller"] > 5 * names["Hübner"]
    people = Counter((row["postcode"], row["city"], row["company"].split()[0]) for row in rows)
    assert sum(times - 1 for times in people.values()) >= 200
