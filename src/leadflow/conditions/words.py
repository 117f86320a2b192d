"""Word search: some words by their beginnings, in any order and spelling."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import lru_cache
from typing import Final

from leadflow.entities.folding import words_of

__all__ = ["has_words", "searched_words", "words_in"]

LONGEST: Final = 100
"""The number of characters by which words are compared."""
_NUMBER: Final = re.compile(r"(?<!\w)(?:\+|0)[\d ()/.-]{4,}\d")
"""A phone number as people write it, with blanks and punctuation."""
_NO_DIGITS: Final = re.compile(r"\D")


def words_in(text: str) -> frozenset[str]:
    """Return the searchable words of a text: folded, numbers without leading zeros."""
    return frozenset(map(_short, words_of(text)))


@lru_cache(maxsize=256)
def searched_words(text: str) -> tuple[str, ...]:
    """Return the word beginnings to search for; a phone number is one word, however it is written."""
    return tuple(sorted(words_in(_NUMBER.sub(_together, text))))


def has_words(text: str) -> Callable[[str], bool]:
    """Return a test for texts in which each of these words begins a word."""
    asked = searched_words(text)

    def test(there: str) -> bool:
        words = words_in(there)
        return all(any(word.startswith(beginning) for word in words) for beginning in asked)

    return test


def _short(word: str) -> str:
    word = word[:LONGEST]
    return word.lstrip("0") or "0" if word.isascii() and word.isdecimal() else word


def _together(number: re.Match[str]) -> str:
    return f" {_NO_DIGITS.sub('', number[0])} "
