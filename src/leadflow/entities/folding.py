"""Spellings folded for comparing: case, accents, umlauts as ``ue`` or ``u``."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Final

from leadflow.entities.text import normal, without_marks

__all__ = ["fold", "words_of"]

_LETTERS = str.maketrans(
    {"ä": "ae", "ö": "oe", "ü": "ue", "ß": "ss", "ø": "oe", "å": "aa", "æ": "ae", "œ": "oe", "ł": "l", "đ": "d",
     "ð": "d", "þ": "th", "ı": "i", "'": "", "’": ""}
)  # fmt: skip
# After a vowel or q the two letters are two sounds (Bauer, Neuer, quer), not an umlaut.
_UMLAUT = re.compile(r"(?<![aeiouq])([aou])e")
_WORD = re.compile(r"[^\W_]+")
_SHORT: Final = 60
"""Texts up to this length, in characters, are remembered when they are folded: names and cities come again."""


def fold(text: str) -> str:
    """Return what stays when case, accents and umlauts don't count: Müller, Mueller and Muller are ``muller``."""
    return _remembered(text) if len(text) <= _SHORT else _folded(text)


def _folded(text: str) -> str:
    text = without_marks(normal(text.casefold()).translate(_LETTERS)).casefold()
    return _UMLAUT.sub(r"\1", text)


_remembered = lru_cache(maxsize=4096)(_folded)


def words_of(text: str) -> list[str]:
    """Return the folded words of a text, without punctuation."""
    return _WORD.findall(fold(text))
