"""Progress on long work: a bar on a terminal, a line now and then in a pipe or a log."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from rich.console import Console
from rich.progress import (
    BarColumn,
    Progress,
    SpinnerColumn,
    TaskID,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
)

from leadflow.files.tables import Watch, unwatched

__all__ = ["progress"]

EVERY: Final = 50
"""Rows between two movements of the bar."""
PAUSE = 10.0
"""Seconds between two lines where there is no terminal."""


@contextmanager
def progress(quiet: bool) -> Iterator[Watch]:
    """Show on the error stream how many rows are done, of about how many, and the time that is left."""
    console = Console(stderr=True, markup=False)
    if quiet:
        yield unwatched
    elif console.is_terminal:
        with Progress(
            SpinnerColumn(),
            TextColumn("{task.description}"),
            BarColumn(),
            TextColumn("{task.fields[count]}"),
            TimeElapsedColumn(),
            TextColumn("left:"),
            TimeRemainingColumn(),
            console=console,
            transient=True,
        ) as bars:
            yield _Bars(bars)
    else:
        yield _Lines(console)


def _count(rows: int, of: int | None) -> str:
    return f"{rows:,} rows" if of is None else f"{rows:,} of about {max(rows, of):,} rows"


class _Bars:
    def __init__(self, bars: Progress) -> None:
        self._bars = bars
        self._tasks: dict[str, TaskID] = {}

    def __call__(self, name: str, rows: int, of: int | None = None, /) -> None:
        if name not in self._tasks:
            self._tasks[name] = self._bars.add_task(name, total=of, count="")
        if rows % EVERY == 0 or rows == of:
            self._bars.update(self._tasks[name], completed=rows, count=_count(rows, of))


class _Lines:
    def __init__(self, console: Console) -> None:
        self._console = console
        self._begun: dict[str, float] = {}
        self._next = time.monotonic() + PAUSE

    def __call__(self, name: str, rows: int, of: int | None = None, /) -> None:
        now = time.monotonic()
        begun = self._begun.setdefault(name, now)
        if now >= self._next:
            self._next = now + PAUSE
            left = f", about {(now - begun) / rows * (of - rows):,.0f} s left" if of is not None and rows < of else ""
            self._console.print(f"{name}: {_count(rows, of)}{left}", highlight=False, soft_wrap=True)
