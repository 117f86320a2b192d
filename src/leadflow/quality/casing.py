"""Proper case for text that was typed in all capitals or all lower case."""

from __future__ import annotations

import re
from collections.abc import Callable

__all__ = ["PARTICLES", "proper_case", "shouts_or_whispers"]

PARTICLES = frozenset(
    "von van der den dem vom zu zum zur de da das dos do af av ten ter te und e y auf an am im bei of the".split()
)
_LETTERS = re.compile(r"[^\W\d_]+")
_VOWELS = frozenset("aeiouyäöüàáâãåæèéêëìíîïòóôõøùúûœAEIOUYÄÖÜÀÁÂÃÅÆÈÉÊËÌÍÎÏÒÓÔÕØÙÚÛŒ")


def shouts_or_whispers(text: str) -> bool:
    """Whether all cased letters are capitals, or none are."""
    return text.isupper() or text.islower()


def proper_case(
    text: str,
    small: frozenset[str] = PARTICLES,
    keep: Callable[[str], bool] | None = None,
    *,
    small_first: bool = False,
) -> str:
    """Return text in proper case if it was typed in all capitals or all lower case; otherwise unchanged.

    ``small`` lists words that stay in lower case: never the last one, the first one only with ``small_first`` ("von
    Arnim"). ``keep`` decides which words stay unchanged. Handles Müller-Lüdenscheidt, O'Neill and McDonald.
    """
    if not shouts_or_whispers(text):
        return text
    words = text.split(" ")
    keep = keep or _is_abbreviation
    inner = range(0 if small_first else 1, len(words) - 1)
    return " ".join(_word(word, place in inner and word.lower() in small, keep) for place, word in enumerate(words))


def _is_abbreviation(word: str) -> bool:
    return word.isupper() and 1 < len(word) <= 3 and word.isalpha() and not _VOWELS.intersection(word)


def _word(word: str, is_small: bool, keep: Callable[[str], bool]) -> str:
    if is_small:
        return word.lower()
    if keep(word):
        return word
    return _LETTERS.sub(_capital, word)


def _capital(found: re.Match[str]) -> str:
    piece = found.group().lower()
    if len(piece[0].upper()) != 1 or len(piece) != len(found.group()):
        return found.group()  # ß, ﬁ and İ have no single-letter counterpart
    after_apostrophe = found.start() > 1 and found.string[found.start() - 1] == "'"
    if len(piece) == 1 and after_apostrophe:
        return piece  # Karl's
    if len(piece) > 3 and piece.startswith("mc"):
        return f"Mc{piece[2].upper()}{piece[3:]}"
    return piece[0].upper() + piece[1:]
