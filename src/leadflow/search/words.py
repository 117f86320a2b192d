"""The words of leads as index entries: match keys that begin with ``word|``."""

from __future__ import annotations

from typing import Any, Final

from leadflow.conditions.words import searched_words, words_in
from leadflow.entities import Lead

__all__ = ["asked_keys", "word_index"]

WORD: Final = "word|"


def word_index(lead: Lead[Any]) -> frozenset[str]:
    """Return the index entries of the words of a lead's text."""
    return frozenset(f"{WORD}{word}" for word in words_in(lead.text))


def asked_keys(text: str) -> tuple[str, ...]:
    """Return the prefixes of the entries to search for."""
    return tuple(f"{WORD}{word}" for word in searched_words(text))
