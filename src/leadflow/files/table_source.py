"""What every kind of file is to the table reader: records of cells, in the order of the file."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple, Protocol

__all__ = ["CellDoubt", "RecordSource", "TableRecord"]


class CellDoubt(NamedTuple):
    """What is wrong with one cell of a record: its place among them, a code, and why."""

    place: int
    code: str
    why: str


class TableRecord(NamedTuple):
    """One row as it stands in the file: where it begins, its cells, and why none of them can be used.

    ``opened`` is the place of a cell whose quote is never closed: it has all the rest of its line.
    """

    line: int
    cells: list[str]
    problem: str | None = None
    doubts: tuple[CellDoubt, ...] = ()
    opened: int | None = None


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

    @property
    def delimiter(self) -> str | None:
        """What stands between the cells of a line; None if a cell can't be taken for two."""

    def records(self) -> Iterator[TableRecord]:
        """Read the records that have anything in them."""
