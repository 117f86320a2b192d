"""Folding text for comparison: case, accents, umlauts as ``ue`` or ``u``."""

from __future__ import annotations

import re

from leadflow.entities.text import normal, remembered, without_marks

__all__ = ["fold", "fold_umlauts", "name_key", "words_of"]

_LETTERS = str.maketrans(
    {"ä": "ae", "ö": "oe", "ü": "ue", "ß": "ss", "ø": "oe", "å": "aa", "æ": "ae", "œ": "oe", "ł": "l", "đ": "d",
     "ð": "d", "þ": "th", "ı": "i", "'": "", "’": ""}
)  # fmt: skip
# After a vowel or q the two letters are two sounds (Bauer, Neuer, quer), not an umlaut.
_UMLAUT = re.compile(r"(?<![aeiouq])([aou])e")
_WORD = re.compile(r"[^\W_]+")


@remembered
def fold(text: str) -> str:
    """Return text without the differences of case, accents and umlauts: Müller, Mueller and Muller are ``muller``."""
    text = without_marks(normal(text.casefold()).translate(_LETTERS)).casefold()
    return fold_umlauts(text)


def fold_umlauts(text: str) -> str:
    """Return a text of small letters without the ``e`` that stands for the dots of an umlaut."""
    return _UMLAUT.sub(r"\1", text)


def words_of(text: str) -> list[str]:
    """Return the folded words of a text, without punctuation."""
    return _WORD.findall(fold(text))


_JOINTS = frozenset("und and u et & + the".split())


@remembered
def name_key(name: str) -> str:
    """Return what different spellings of a company's name, without its legal form, have in common."""
    return "".join(word for word in words_of(name) if word not in _JOINTS) or fold(name)
