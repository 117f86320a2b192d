"""Leads that were found, as rows of a table or lines of JSON."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack, contextmanager
from datetime import date, datetime
from pathlib import Path
from typing import Any, Final

from leadflow.conditions import bind, field
from leadflow.conditions.values import COLLECTIONS, read
from leadflow.entities import Lead, lead_json
from leadflow.errors import DefinitionError, InvalidInput
from leadflow.files.output_files import csv_file, text_file
from leadflow.flow import LeadFlow
from leadflow.flow.search import Where

__all__ = ["COLUMNS", "checked_columns", "found_leads", "leads_file"]

COLUMNS: Final = (
    "id", "stage", "owner", "score.total", "score.grade", "score.at", "person.first_name", "person.last_name",
    "person.job_title", "company.name", "company.country", "email.address", "phone.number", "source", "created_at",
    "recorded_at",
)  # fmt: skip
"""The columns that are written by default."""
AT_ONCE: Final = 500


def found_leads(flow: LeadFlow, where: Where, order: str) -> Iterator[Lead[Any]]:
    """Go through all leads for which a condition is true, page by page."""
    after: str | None = None
    while True:
        page = flow.find(where, order=order, limit=AT_ONCE, after=after)
        yield from page
        if page.next is None:
            return
        after = page.next


def checked_columns(paths: Iterable[str], lead_type: type[Lead[Any]]) -> tuple[str, ...]:
    """Return the paths, each a field of a lead; ``InvalidInput`` names the nearest one."""
    columns = tuple(paths)
    for path in columns:
        try:
            bind(field(path).is_known(), lead_type)
        except DefinitionError as wrong:
            if "is a list" not in str(wrong):
                raise InvalidInput("--column", path, str(wrong)) from None
    return columns


@contextmanager
def leads_file(path: Path, columns: tuple[str, ...]) -> Iterator[Callable[[Lead[Any]], object]]:
    """Write leads into a file, whole or not at all: JSON lines if its name ends in ``.jsonl``, otherwise CSV."""
    with ExitStack() as files:
        if path.suffix.lower() == ".jsonl":
            lines = files.enter_context(text_file(path))
            yield lambda lead: lines.write(f"{lead_json(lead)}\n")
        else:
            writer = files.enter_context(csv_file(path, columns))
            yield lambda lead: writer.writerow([_cell(read(lead, column)) for column in columns])


def _cell(value: Any) -> object:
    if isinstance(value, COLLECTIONS):
        return "; ".join(str(_cell(one)) for one in value)
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, datetime):
        return value.isoformat().replace("+00:00", "Z")
    if isinstance(value, date):
        return value.isoformat()
    return "" if value is None else value if isinstance(value, str | int | float) else ""
