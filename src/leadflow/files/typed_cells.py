"""Cells of a column as numbers, moments or texts, by what all of them hold."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Final, TypeAlias

from leadflow.entities.text import normal
from leadflow.files.date_parsing import moment_of, order_of

__all__ = ["Cell", "tidy", "typed"]

Cell: TypeAlias = float | str | datetime | None

MISSING: Final = frozenset({"", "na", "n/a", "#n/a", "nan", "null", "none", "nil", "-", "–", "?"})
NUMBER: Final = re.compile(r"[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d{1,3})?", re.ASCII)
UNIT: Final = re.compile(
    r"([+-]?)\s*(?:[€$£¥]|EUR|USD|GBP|CHF|INR|Rs\.?)?\s*([+-]?)([\d.,]+(?:[eE][+-]?\d{1,3})?)"
    r"\s*(?:[€$£¥%]|EUR|USD|GBP|CHF|INR)?"
)
"""A number with a currency or per cent beside it."""


def typed(cells: Iterable[str]) -> list[Cell]:
    """Cells as numbers if all of them are, as moments if all are, else as texts; what stands for missing is None.

    Numbers may have a decimal point or a decimal comma, one of both in the whole column; a currency or % beside them
    says nothing more.
    """
    tidied = [tidy(cell) for cell in cells]
    known = dict.fromkeys(cell for cell in tidied if cell is not None)
    for read in (_number, _grouped(known), _german_number, _moment(known)):
        try:
            values = {cell: read(cell) for cell in known}
        except ValueError:
            continue
        return [None if cell is None else values[cell] for cell in tidied]
    return list(tidied)


def tidy(cell: str) -> str | None:
    """The text of a cell; None for what stands for nothing."""
    text = normal(cell.strip())
    return None if text.casefold() in MISSING else text


def _number(text: str) -> float:
    """A number as programs write it; ``1.5``, ``1e3``, ``€ 12``, ``12 %``, but no ``1_000`` and no infinity."""
    found = NUMBER.fullmatch(_bare(text))
    if found is None:
        raise ValueError("no number")
    number = float(found[0])
    if number in (float("inf"), float("-inf")):
        raise ValueError("no finite number")
    return number


def _bare(text: str) -> str:
    """A number without its unit."""
    found = UNIT.fullmatch(text)
    return text if found is None else f"{found[1] or found[2]}{found[3]}"


def _german_number(text: str) -> float:
    """A number with a decimal comma, maybe with dots between thousands: ``1.234,5``."""
    bare = _bare(text)
    if re.fullmatch(r"[+-]?(?:\d+|\d{1,3}(?:\.\d{3})+)(?:,\d+)?", bare) is None:
        raise ValueError("no number")
    return _number(bare.replace(".", "").replace(",", "."))


def _grouped(cells: Iterable[str]) -> Callable[[str], float]:
    """Reads ``1,234.5``, where something in the column says that its commas stand between thousands."""
    bare = [_bare(cell) for cell in cells]
    says_so = any("." in cell or "," not in cell or cell.count(",") > 1 for cell in bare)

    def read(text: str) -> float:
        number = _bare(text)
        if not says_so or re.fullmatch(r"[+-]?(?:\d{1,3}|[1-9]\d{0,2}(?:,\d{3})+)(?:\.\d+)?", number) is None:
            raise ValueError("no number with commas between thousands")
        return _number(number.replace(",", ""))

    return read


def _moment(cells: Iterable[str]) -> Callable[[str], datetime]:
    order = order_of(cells)
    return lambda text: moment_of(text, order=order)
