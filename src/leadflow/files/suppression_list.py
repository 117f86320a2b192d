"""Addresses and numbers in a file, to be closed or opened one after the other."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from leadflow.entities import Suppression
from leadflow.errors import InvalidInput
from leadflow.files.columns import guess_columns, known_column
from leadflow.files.run_summary import Refusal
from leadflow.files.tables import FileTable, Row, Watch, table, unwatched, watched
from leadflow.flow import LeadFlow

__all__ = ["ListResult", "apply_list"]

KEPT: Final = 1_000
ONE_COLUMN: Final = ("email", "phone")


@dataclass
class ListResult:
    """What became of the rows of a list: changed, as it was already, refused."""

    file: str
    changed: int = 0
    unchanged: int = 0
    refused: int = 0
    refusals: list[Refusal] = field(default_factory=list)
    """The first thousand."""

    @property
    def rows(self) -> int:
        """How many there were."""
        return self.changed + self.unchanged + self.refused

    def as_json(self) -> dict[str, object]:
        """Return it for programs."""
        refusals = [{"line": one.row.line, "reason": one.reason} for one in self.refusals]
        counted = {"changed": self.changed, "unchanged": self.unchanged, "refused": self.refused}
        return {"file": self.file, "rows": self.rows, **counted, "refusals": refusals}


def apply_list(
    path: Path,
    flow: LeadFlow,
    change: Callable[[str], tuple[Suppression, ...]],
    *,
    column: str | None = None,
    watch: Watch = unwatched,
) -> ListResult:
    """Close or open what a file lists, by ``change``; a row that can't be read costs only itself. Again is harmless.

    The file is CSV with a column of addresses or numbers, or one of them on each line.
    """
    read = table(path)
    result = ListResult(path.name)
    for row in _rows(read, _column(read, column), watch):
        try:
            if row.problem:
                raise InvalidInput("row", row.line, row.problem)
            address = row.cells.get("", "")
            if flow.suppressed(address) == change(address):
                result.unchanged += 1
            else:
                result.changed += 1
        except InvalidInput as wrong:
            result.refused += 1
            if len(result.refusals) < KEPT:
                result.refusals.append(Refusal(path.name, row, row.problem or str(wrong)))
    return result


def _rows(read: FileTable, column: str, watch: Watch) -> Iterator[Row]:
    """Yield the rows with their one cell; the name of the only column may be the first address itself."""
    if len(read.columns) == 1 and _is_address(column):
        yield Row(read.header_line, {"": column})
    for row in watched(read.path.name, read, watch):
        yield Row(row.line, {"": row.cells.get(column, "")}, row.problem)


def _column(read: FileTable, wanted: str | None) -> str:
    if wanted is not None:
        return known_column(wanted, read.columns, "--column")
    columns = {key: name for name, key in guess_columns(read.columns).items()}
    found = next((columns[key] for key in ONE_COLUMN if key in columns), None)
    if found is None and len(read.columns) > 1:
        raise InvalidInput("--column", None, f"say which column has them: {', '.join(read.columns)}")
    return found or read.columns[0]


def _is_address(text: str) -> bool:
    return "@" in text or sum(character.isdigit() for character in text) >= len(text) / 2
