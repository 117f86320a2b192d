"""Bounds on values from outside, checked before anything else: what is too large is refused with the reason.

Measuring looks only at lengths, and never further than the bounds: it is cheap, whatever the input.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping
from decimal import Decimal
from itertools import islice
from typing import Any, Final

from pydantic import BaseModel

from leadflow.entities.text import LINE_LIMIT, TEXT_LIMIT, safe_line, safe_text

__all__ = [
    "DIGITS_LIMIT",
    "KEY_LIMIT",
    "LIST_LIMIT",
    "SUBMISSION_LIMIT",
    "Bounds",
    "PlainJson",
    "exact_text",
    "stored_bounds",
]

SUBMISSION_LIMIT: Final = 1_000_000
"""The most bytes (UTF-8) in one submission, or in the properties of one activity."""
VALUES_LIMIT: Final = 10_000
"""The most single values in it, counted through all lists and mappings."""
LIST_LIMIT: Final = 1_000
DEPTH_LIMIT: Final = 10
KEY_LIMIT: Final = LINE_LIMIT
"""The most characters in a key."""
DIGITS_LIMIT: Final = 300
"""The most digits of a number, before and after the point: longer ones measure nothing, and no float can hold them."""
BITS_LIMIT: Final = 997
GROWTH: Final = 4
"""Normalisation makes text at most three times longer, plus some joiners between marks."""


class PlainJson(dict[str, Any]):
    """JSON values by name, known to be bounded and safe, so that nobody checks them again.

    Must not be changed.
    """


class Bounds:
    """The budget of one submission: each value that is taken leaves less for the next.

    ``taken`` returns plain values: text, numbers, lists and mappings of exactly the built-in types, so that no method
    of a subclass runs. Text is made safe, unless ``safe`` is off (for comparisons). Dates and the host's own objects
    stay unchanged, and none of their methods is called. A ``ValueError`` says what is too much.
    """

    def __init__(
        self,
        size: int = SUBMISSION_LIMIT,
        *,
        values: int = VALUES_LIMIT,
        text: int = TEXT_LIMIT,
        key: int = KEY_LIMIT,
        depth: int = DEPTH_LIMIT,
        finite: bool = False,
        safe: bool = True,
    ) -> None:
        self._whole, self._size, self._values, self._text = size, size, values, text
        self._key_limit, self._depth, self._finite = key, depth, finite
        self._safe = safe

    def taken(self, value: object) -> Any:
        """Return the value, plain and safe; a value that is too large uses up none of the budget."""
        before = self._size, self._values
        try:
            return self._taken(value, 0)
        except ValueError:
            self._size, self._values = before
            raise

    def _taken(self, value: object, depth: int) -> Any:
        self._values -= 1
        if self._values < 0:
            raise ValueError("contains too many single values")
        if isinstance(value, str):
            return safe_text(self._measured(value)) if self._safe else self._measured(value)
        if value is None or isinstance(value, bool):
            return value
        if isinstance(value, int | float | Decimal):
            return self._number(value)
        if not isinstance(value, Mapping | list | tuple | set | frozenset):
            return self._opaque(value)
        if depth >= self._depth:
            raise ValueError(f"is nested deeper than {self._depth} levels")
        return self._mapping(value, depth) if isinstance(value, Mapping) else self._list(value, depth)

    def _measured(self, text: str) -> str:
        text = exact_text(text)
        if len(text) > self._text:
            raise ValueError(f"has more than {self._text:,} characters")
        self._size -= len(text) if text.isascii() else len(text.encode("utf-8", "surrogatepass"))
        if self._size < 0:
            raise ValueError(f"makes it more than {self._whole:,} bytes in all")
        return text

    def _number(self, number: float | Decimal) -> int | float | Decimal:
        if isinstance(number, float):
            if self._finite and not math.isfinite(number):
                raise ValueError("must be a finite number")
            return float.__pos__(number)
        if _is_long(number):
            raise ValueError(f"has more than {DIGITS_LIMIT} digits")
        if isinstance(number, int):
            return int.__pos__(number)
        return Decimal("NaN") if Decimal.is_nan(number) else number  # a signalling NaN raises in every operation

    def _opaque(self, value: object) -> object:
        if isinstance(value, bytes):
            if bytes.__len__(value) > self._text:
                raise ValueError(f"has more than {self._text:,} bytes")
        elif hasattr(type(value), "__iter__") and not isinstance(value, BaseModel):  # it may be infinite
            raise ValueError("is neither a value nor a list; give a list")
        return value

    def _mapping(self, given: Mapping[Any, Any], depth: int) -> dict[str, Any]:
        read: dict[str, Any] = {}
        for name, inner in _first(dict.items(given) if isinstance(given, dict) else given.items()):
            key = self._key(name)
            if key in read:
                raise ValueError(f"contains the name {key[:40]!r} twice (ignoring control characters and extra blanks)")
            read[key] = self._taken(inner, depth + 1)
        return read

    def _key(self, name: object) -> str:
        text = exact_text(name) if isinstance(name, str) else _named(name)
        if len(text) > self._key_limit:
            raise ValueError(f"contains a name of more than {self._key_limit:,} characters")
        return str(safe_line(self._measured(text))) if self._safe else self._measured(text)

    def _list(self, given: Any, depth: int) -> list[Any]:
        kind: Any = next(kind for kind in (list, tuple, set, frozenset) if isinstance(given, kind))
        items = [self._taken(inner, depth + 1) for inner in _first(kind.__iter__(given))]
        return items if kind in (list, tuple) else sorted(items, key=_order)


def stored_bounds(*, safe: bool = True) -> Bounds:
    """Return the bounds for stored values: wide enough for whatever input within its bounds can become."""
    return Bounds(
        GROWTH * SUBMISSION_LIMIT,
        values=GROWTH * VALUES_LIMIT,
        text=GROWTH * TEXT_LIMIT,
        key=GROWTH * KEY_LIMIT,
        depth=2 * DEPTH_LIMIT,
        finite=True,
        safe=safe,
    )


def exact_text(text: str) -> str:
    """Return a text as a plain ``str``, without calling methods of a subclass."""
    return str.__str__(text)


def _is_long(number: int | Decimal) -> bool:
    if isinstance(number, int):
        return int.bit_length(number) > BITS_LIMIT
    if not Decimal.is_finite(number):
        return False
    _, digits, exponent = Decimal.as_tuple(number)
    return max(len(digits), len(digits) + int(exponent), -int(exponent)) > DIGITS_LIMIT


def _first(items: Iterable[Any]) -> Iterator[Any]:
    for count, item in enumerate(islice(items, LIST_LIMIT + 1)):
        if count == LIST_LIMIT:
            raise ValueError(f"has more than {LIST_LIMIT:,} values")
        yield item


def _named(name: object) -> str:
    if isinstance(name, int) and int.bit_length(name) <= BITS_LIMIT:  # true and false, too
        return str(bool(name)) if isinstance(name, bool) else str(int.__pos__(name))
    raise ValueError("contains a name that is not a text")


def _order(value: object) -> tuple[str, str]:
    """A stable order for sets: by type, then by value."""
    plain = isinstance(value, str | int | float)
    return type(value).__name__, str(value) if plain else ""
