"""Text from outside, brought to one normal form in linear time."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from functools import lru_cache, wraps
from typing import Annotated, Final, Literal, TypeVar

from pydantic import BeforeValidator, StringConstraints

__all__ = [
    "LINE_LIMIT",
    "TEXT_LIMIT",
    "Line",
    "Text",
    "normal",
    "remembered",
    "safe_line",
    "safe_text",
    "without_marks",
]

T = TypeVar("T")

LINE_LIMIT: Final = 1_000
TEXT_LIMIT: Final = 100_000
SHORT: Final = 60
"""The longest text for which results are cached."""
RAW_LIMIT: Final = 10
"""Text this many times longer than its limit is refused unread: no folding could make it short enough."""
MARKS_LIMIT: Final = 30
"""The most combining marks in a row; no language has more. Unicode calls this Stream-Safe (UAX #15)."""
JOINER: Final = "\u034f"
"""Inserted between too many marks, as the standard specifies; nothing is lost."""
# Possible runs of marks: everything but words and blanks, and two marks that Python takes for letters.
MAYBE_MARKS: Final = re.compile(
    rf"(?:[^\w\s\x00-\x7f]|[\uff9e\uff9f]){{{MARKS_LIMIT - 3}}}"
)  # a letter has up to three marks of its own


def remembered(function: Callable[[str], T]) -> Callable[[str], T]:
    """Cache a function of short texts: names, companies and cities recur."""
    kept = lru_cache(maxsize=4096)(function)

    @wraps(function)
    def made(text: str) -> T:
        return kept(text) if len(text) <= SHORT else function(text)

    return made


def normal(text: str, form: Literal["NFC", "NFD", "NFKC", "NFKD"] = "NFC") -> str:
    """Return a text in a Unicode normal form; the only place that normalises.

    Sorting the marks of one letter takes quadratic time: 100,000 of them take ten seconds, in which no other thread
    runs. So a joiner is first inserted after every thirty marks (the Stream-Safe Text Format).
    """
    if text.isascii():
        return text
    safe = _stream_safe(text) if len(text) >= MARKS_LIMIT - 3 and MAYBE_MARKS.search(text) else text
    return safe if unicodedata.is_normalized(form, safe) else unicodedata.normalize(form, safe)


def _stream_safe(text: str) -> str:
    parts, run = [], 0
    for character in text:
        leading, trailing, only_marks = _marks(character)
        if run + leading > MARKS_LIMIT:
            parts.append(JOINER)
            run = 0
        run = run + leading if only_marks else trailing
        parts.append(character)
    return "".join(parts)


@lru_cache(maxsize=4096)
def _marks(character: str) -> tuple[int, int, bool]:
    """The number of marks at the start and end of a decomposed character, and whether it consists of marks only."""
    classes = [unicodedata.combining(part) != 0 for part in unicodedata.normalize("NFKD", character)]
    if all(classes):
        return len(classes), len(classes), True
    return classes.index(False), classes[::-1].index(False), False


def without_marks(text: str) -> str:
    """Return a text without its accents and other marks, and with one form of each letter (NFKD)."""
    if text.isascii():
        return text
    return "".join(c for c in normal(text, "NFKD") if not unicodedata.combining(c) and c != JOINER)


def safe_line(text: object) -> object:
    """Make text from outside safe for a single-line field; anything but text is returned unchanged.

    NFC, every control, line-break or unpaired-surrogate character becomes a blank, blanks are folded and stripped.
    """
    if not isinstance(text, str):
        return text
    if _is_plain(text) and "  " not in text:
        return text.strip(" ")
    return " ".join("".join(_visible(c) for c in normal(text)).split())


def safe_text(text: object) -> object:
    """Make text from outside safe for a multi-line field: like ``safe_line``, but keeps line feeds and tabs."""
    if not isinstance(text, str):
        return text
    if _is_plain(text):
        return text.strip(" ")
    lines = normal(text).replace("\r\n", "\n").replace("\r", "\n").split("\n")
    return "\n".join("".join(c if c == "\t" else _visible(c) for c in line).rstrip() for line in lines).strip()


def _is_plain(text: str) -> bool:
    """Whether the text is safe already: a quick test that settles nearly all text."""
    return text.isprintable() and (text.isascii() or normal(text) == text)


def _visible(character: str) -> str:
    # Cc control, Cs surrogate, Zl/Zp separators; bidirectional overrides can disguise a name or an address
    if unicodedata.category(character) in ("Cc", "Cs", "Zl", "Zp") or character in "\u202a\u202b\u202c\u202d\u202e":
        return " "
    return character


def _line(text: object) -> object:
    if type(text) is str and text.isascii() and text.isprintable() and "  " not in text:
        return text.strip(" ")  # the common case; the type refuses it if it is too long
    return text if _is_far_longer(text, LINE_LIMIT) else safe_line(text)


def _text(text: object) -> object:
    if type(text) is str and text.isascii() and text.isprintable():
        return text.strip(" ")  # the common case; the type refuses it if it is too long
    return text if _is_far_longer(text, TEXT_LIMIT) else safe_text(text)


def _is_far_longer(text: object, limit: int) -> bool:
    return isinstance(text, str) and len(text) > RAW_LIMIT * limit  # the type refuses it by its length


# the bounds are the inner annotation: pydantic checks them natively then
Line = Annotated[Annotated[str, StringConstraints(min_length=1, max_length=LINE_LIMIT)], BeforeValidator(_line)]
"""Text of one line: normalised, never empty, at most 1,000 characters."""
Text = Annotated[Annotated[str, StringConstraints(max_length=TEXT_LIMIT)], BeforeValidator(_text)]
"""Text of several lines, at most 100,000 characters."""
