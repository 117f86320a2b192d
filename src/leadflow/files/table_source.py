"""What every kind of file is to the table reader: records of cells, in the order of the file."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple, Protocol

__all__ = ["RecordSource", "TableRecord"]


class TableRecord(NamedTuple):
    """One row as it stands in the file: where it begins, its cells, and why it can't be used."""

    line: int
    cells: list[str]
    problem: str | None = None


class RecordSource(Protocol):
    """A file that was looked at; its records are read on demand, as often as one likes."""

    @property
    def form(self) -> str:
        """How the file is written, for people: ``utf-8, comma``."""

    @property
    def notes(self) -> tuple[str, ...]:
        """What a person should know about how it was read, such as an encoding that is a guess."""

    @property
    def length(self) -> int | None:
        """About how many lines or rows it has, if that is known."""

    def records(self) -> Iterator[TableRecord]:
        """Read the records that have anything in them."""
