"""Cells of a column as numbers, moments or texts, by what nearly all of them hold."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Final, NamedTuple, TypeAlias

from leadflow.entities.text import normal
from leadflow.files.date_parsing import moment_of, order_of
from leadflow.files.number_parsing import decimal_sign_of, number_of

__all__ = ["Cell", "TypedColumn", "tidy", "typed"]

Cell: TypeAlias = float | str | datetime | None

MISSING: Final = frozenset({"", "na", "n/a", "#n/a", "nan", "null", "none", "nil", "-", "–", "?"})
NEARLY_ALL: Final = 0.95
"""The share of the cells that makes a column one of numbers or of moments; the others are odd."""


class TypedColumn(NamedTuple):
    """The values of a column, and the places of the cells that are not what all others are: they count as missing."""

    values: list[Cell]
    odd: tuple[int, ...] = ()


def typed(cells: Iterable[str]) -> TypedColumn:
    """Cells as numbers if nearly all of them are, as moments if nearly all are, else as texts; missing ones are None.

    Numbers may have a decimal point or a decimal comma, one of both in the whole column; a currency or % beside them
    says nothing more.
    """
    tidied = [tidy(cell) for cell in cells]
    known = dict.fromkeys(cell for cell in tidied if cell is not None)
    decimal = decimal_sign_of(known) or ("." if all(map(_is_plain, known)) else ",")
    order = order_of(known)
    found = [
        _read(tidied, known, read)
        for read in (lambda text: number_of(text, decimal), lambda text: moment_of(text, order=order))
    ]
    best = min(found, key=lambda column: len(column.odd))
    filled = sum(cell is not None for cell in tidied)
    return best if len(best.odd) <= (1 - NEARLY_ALL) * filled else TypedColumn([*tidied])


def _read(tidied: list[str | None], known: Iterable[str], read: Callable[[str], Cell]) -> TypedColumn:
    values: dict[str, Cell] = {}
    for cell in known:
        try:
            values[cell] = read(cell)
        except ValueError:
            continue
    odd = (place for place, cell in enumerate(tidied) if cell is not None and cell not in values)
    return TypedColumn([None if cell is None else values.get(cell) for cell in tidied], tuple(odd))


def _is_plain(text: str) -> bool:
    return "," not in text


def tidy(cell: str) -> str | None:
    """The text of a cell; None for what stands for nothing."""
    text = normal(cell.strip())
    return None if text.casefold() in MISSING else text
