"""What tables made to break readers cost, through every command that reads tables; run by bench.py.

``python benchmarks/hostile_tables.py [--data FOLDER] [--quick]``. The folder has ``naughty_strings.json`` (minimaxir's
list) and ``csv_spectrum``; without it, only strings and files of this script are used. No item may raise anything but
the errors of leadflow, nor take more than 50 ms of CPU time, or 80 ms per MB where it has more than that; one that does
is named, and the script fails.
"""

from __future__ import annotations

import argparse
import contextlib
import csv
import io
import json
import os
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from leadflow.errors import LeadflowError
from leadflow.files.config import FlowFile
from leadflow.files.config_draft import config_draft
from leadflow.files.file_check import check_file
from leadflow.files.journey import RunPlan, columns_in, run
from leadflow.files.tables import table
from leadflow.files.training_data import read_history

LIMIT = 0.05
PER_MB = 0.08
COLUMNS = ("E-Mail", "Telefon", "Vorname", "Nachname", "Firma", "PLZ", "Ort", "Land", "Umsatz", "Datum", "Notiz", "X")
OWN = [
    *("\0", "a\0b", "\r", "\n\n", "\ud800", "=1+1", '="a"', '"', '""', '"open', "'", ",;|\t", "1.234,50", "31.12.2026"),
    *(
        "1e999",
        "@",
        "a@b",
        "<test lead: x",
        " ::: ",
        "\ufeff",
        "\ufffd",
        "Ã¼" * 50,
        "9" * 5_000,
        "a," * 2_000,
        "x" * 200_000,
    ),
]
FILES = {
    "one quote": b'"',
    "quotes": b'a,b\n"""",""\n' * 50,
    "open quotes": b"a,b,c\n" + b'x,"y,z\n' * 500,
    "NULs": b"a,b\n" + b"\0" * 70_000,
    "no ends of lines": b"a," * 40_000,
    "only ends of lines": b"\r\n" * 8_000,
    "many columns": ",".join(f"c{n}" for n in range(1_000)).encode() + b"\n" + b",".join([b"x"] * 1_000),
    "random": bytes(range(256)) * 300,
    "a zip": b"PK\x03\x04" + b"\0" * 99,
    "half of UTF-16": b"\xff\xfea\0,",
    "JSON": b'{"a": ' * 300,
    "deep JSON": b'{"email": ' + b"[" * 5_000,
    "mixed": "a;b\nJürgen;ü\n".encode() + b"J\xfcrgen;x\n" * 300,
}


def strings(data: Path) -> list[str]:
    """The naughty strings."""
    path = data / "naughty_strings.json"
    return OWN + (json.loads(path.read_text(encoding="utf-8")) if path.is_file() else [])


def as_file(text: str) -> bytes:
    """A table with the string in every cell of a row, below a good row, and with it as a column's name."""
    written = io.StringIO()
    writer = csv.writer(written)
    good = ["ada@acme.example", *[""] * (len(COLUMNS) - 1)]
    writer.writerows([(*COLUMNS[:-1], text or "X"), good, [text] * len(COLUMNS)])
    return written.getvalue().encode("utf-8", "surrogatepass")


def commands(path: Path) -> Iterator[tuple[str, Callable[[], object]]]:
    """What commands do with a file."""
    plan = RunPlan(path, config=FlowFile(country="DE"), dry=True)
    yield "rows", lambda: sum(1 for _ in table(path).rows())
    yield "columns", lambda: config_draft(*columns_in(plan))
    yield "check", lambda: check_file(plan)
    yield "learn", lambda: read_history(path, outcome=table(path).columns[0])
    yield "run", lambda: run(plan)


def seconds(work: Callable[[], object]) -> float:
    """CPU seconds of it; an error of leadflow is an answer."""
    begun = time.process_time()
    with contextlib.suppress(LeadflowError):
        work()
    return time.process_time() - begun


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, default=Path(os.environ.get("LEADFLOW_TEST_DATA", "nowhere")))
    parser.add_argument("--quick", action="store_true", help="every tenth string")
    given = parser.parse_args()
    every = 10 if given.quick else 1
    items = {f"string {at}": as_file(text) for at, text in enumerate(strings(given.data)) if at % every == 0}
    items |= FILES
    items |= {path.name: path.read_bytes() for path in sorted((given.data / "csv_spectrum").glob("*.csv"))}
    slowest: dict[str, tuple[float, float, float, str]] = {}
    empty: dict[str, float] = {}
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "leads.csv"
        path.write_bytes(b"E-Mail\nada@acme.example\n")
        for name, work in commands(path):
            seconds(work)  # what is loaded once
            empty[name] = min(seconds(work) for _ in range(3))
        for item, content in items.items():
            path.write_bytes(content)
            for name, work in commands(path):
                # A run makes a database first, which costs the same for any file
                spent = min(seconds(work), seconds(work)) - (empty[name] if name == "run" else 0.0)
                share = spent / max(LIMIT, PER_MB * len(content) / 2**20)
                slowest[name] = max(slowest.get(name, (0.0, 0.0, 0.0, "")), (share, spent, len(content) / 2**20, item))
    print(f"\n### Hostile tables: {len(items)} items through every command\n")
    print("| what | slowest item for its size | size | CPU | of what is allowed |\n|---|---|---|---|---|")
    for name, (share, spent, size, item) in slowest.items():
        print(f"| {name} | {item} | {size:.2f} MB | {spent * 1e3:.1f} ms | {share:.2f} |")
    if slow := [f"{item} through {name}" for name, (share, _, _, item) in slowest.items() if share > 1]:
        sys.exit(f"more than {LIMIT * 1e3:.0f} ms, and than {PER_MB * 1e3:.0f} ms per MB: {', '.join(slow)}")


if __name__ == "__main__":
    main()
