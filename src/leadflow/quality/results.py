"""The result of every check, and how text from outside becomes a clean line."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable
from decimal import Decimal
from typing import Any, Final, Generic, NamedTuple, TypeVar

from leadflow.entities import Finding, Severity, safe_line, safe_text
from leadflow.entities.base import made
from leadflow.entities.bounds import exact_text
from leadflow.entities.text import normal

__all__ = ["NOTHING", "Checked", "error", "line", "means_nothing", "note", "shown", "warning"]

T_co = TypeVar("T_co", covariant=True)

RAW_LIMIT = 10_000
"""Longer text is refused unread, so that nobody can make leadflow normalise a gigabyte."""
NUMBERS_LIMIT = 10**300
SHOWN_LIMIT = 200

# Zero-width and direction marks: invisible, so two values that look alike would differ.
_INVISIBLE = dict.fromkeys(
    [0xAD, 0x200B, 0x200E, 0x200F, 0x2060, 0xFEFF, *range(0x202A, 0x202F), *range(0x2066, 0x206A)]
)
_WIDE = re.compile("[\uff01-\uff5e]")
_PLAIN = _INVISIBLE | {wide: wide - 0xFEE0 for wide in range(0xFF01, 0xFF5F)} | {0x3000: " "}
"""Latin letters, digits and signs as Japanese and Chinese keyboards write them."""
# What people and programs write for "nothing". Not "na": Namibia, and a family name.
_NOTHING = frozenset(
    word.replace("|", " ")
    for word in """
    - -- --- . .. ... / ? _ n/a #n/a n.n. n.a. n.v. #nv k.a. k.a keine|angabe keine none null (null) nil nan undefined
    #ref! #name? #value! #div/0! #null! #num! #wert! #bezug! undef unknown unbekannt not|provided not|specified
    please|select select bitte|wählen""".split()
)
_LONGEST_NOTHING = max(map(len, _NOTHING))


class Checked(NamedTuple, Generic[T_co]):
    """The normalised value (None if there was nothing usable), and the findings about it."""

    value: T_co | None
    findings: tuple[Finding, ...] = ()

    @property
    def errors(self) -> tuple[Finding, ...]:
        """The findings about what was not used."""
        return tuple(finding for finding in self.findings if finding.severity == "error")


NOTHING: Final[Checked[Any]] = Checked(None)
"""The result for an empty value."""


def _finding(severity: Severity, code: str, field: str, message: str, value: object, suggestion: str | None) -> Finding:
    return made(
        Finding,
        code=code,
        field=field,
        severity=severity,
        message=safe_text(message),
        value=None if value is None else safe_text(shown(value)),
        suggestion=None if suggestion is None else safe_text(suggestion),
    )


def error(code: str, field: str, message: str, value: object = None, suggestion: str | None = None) -> Finding:
    """Return a finding for what was not used."""
    return _finding("error", code, field, message, value, suggestion)


def warning(code: str, field: str, message: str, value: object = None, suggestion: str | None = None) -> Finding:
    """Return a finding for what was used but is doubtful."""
    return _finding("warning", code, field, message, value, suggestion)


def note(code: str, field: str, message: str, value: object = None, suggestion: str | None = None) -> Finding:
    """Return a finding for what was corrected."""
    return _finding("note", code, field, message, value, suggestion)


def shown(value: object) -> str:
    """Return a value as findings show it: at most 200 characters, never an object's own ``str``."""
    if isinstance(value, bool) or not isinstance(value, str | int | float | Decimal):
        text = f"({type(value).__name__})"
    else:
        text = _as_text(value) or f"({type(value).__name__})"
    return text if len(text) <= SHOWN_LIMIT else f"{text[:SHOWN_LIMIT]}… ({len(text)} characters)"


def line(field: str, raw: object, limit: int = 1_000, keep: Iterable[str] = ()) -> Checked[str]:
    """Return outside input as one clean line of text; None for blank and for "n/a", "-", "null" and the like.

    Whole numbers become their digits (a spreadsheet's 80331.0 is "80331"). ``limit`` is the greatest length;
    ``keep`` lists words that mean something in this field although they look like "nothing".
    """
    if raw is None:
        return NOTHING
    if type(raw) is str and len(raw) <= limit and _is_clean(raw):
        text = raw.strip(" ")
    else:
        if isinstance(raw, float) and math.isnan(raw):
            return NOTHING
        given = _as_text(raw)
        if given is None:
            return Checked(None, (error("not_text", field, "is not text; give a string", raw),))
        text = given if len(given) > RAW_LIMIT else str(safe_line(given.translate(_PLAIN)))
        if len(text) > limit:
            return Checked(None, (error("too_long", field, f"is longer than {limit} characters; shorten it", text),))
    return NOTHING if means_nothing(text) and text not in keep else Checked(text)


def _is_clean(text: str) -> bool:
    """Whether all that there is to fold are blanks at the ends: a quick test that settles nearly all text."""
    if not text.isprintable() or "  " in text:
        return False
    return text.isascii() or (_WIDE.search(text) is None and normal(text) == text)


def _as_text(raw: object) -> str | None:
    if isinstance(raw, str):
        return exact_text(raw)
    if isinstance(raw, bool) or not isinstance(raw, int | float | Decimal):
        return None
    if isinstance(raw, int):
        return str(raw) if raw.bit_length() < RAW_LIMIT else None
    if not math.isfinite(raw) or not -NUMBERS_LIMIT < raw < NUMBERS_LIMIT:
        return None
    whole = int(raw)
    return str(whole) if raw == whole and abs(whole) < 10**18 else str(raw)


def means_nothing(text: str) -> bool:
    """Whether a clean text is blank, or a word for nothing."""
    return not text or (len(text) <= _LONGEST_NOTHING and text.casefold() in _NOTHING)
