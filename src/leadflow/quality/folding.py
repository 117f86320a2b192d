"""Spellings folded for comparing: case, accents, umlauts as ``ue`` or ``u``, and how a name sounds."""

from __future__ import annotations

import re

from leadflow.entities.text import normal, without_marks

__all__ = ["fold", "sound", "words_of"]

_LETTERS = str.maketrans(
    {"ä": "ae", "ö": "oe", "ü": "ue", "ß": "ss", "ø": "oe", "å": "aa", "æ": "ae", "œ": "oe", "ł": "l", "đ": "d",
     "ð": "d", "þ": "th", "ı": "i", "'": "", "’": ""}
)  # fmt: skip
# After a vowel or q the two letters are two sounds (Bauer, Neuer, quer), not an umlaut.
_UMLAUT = re.compile(r"(?<![aeiouq])([aou])e")
_WORD = re.compile(r"[^\W_]+")


def fold(text: str) -> str:
    """Return what stays when case, accents and umlauts don't count: Müller, Mueller and Muller are ``muller``."""
    text = without_marks(normal(text.casefold()).translate(_LETTERS)).casefold()
    return _UMLAUT.sub(r"\1", text)


def words_of(text: str) -> list[str]:
    """Return the folded words of a text, without punctuation."""
    return _WORD.findall(fold(text))


# Kölner Phonetik (Postel 1969): letter, what follows, code. Order matters; "" stands for any.
_SOUNDS = {**dict.fromkeys("aeijouy", "0"), **dict.fromkeys("fvw", "3"), **dict.fromkeys("gkq", "4"),
           **dict.fromkeys("mn", "6"), **dict.fromkeys("sz", "8"), "b": "1", "l": "5", "r": "7"}  # fmt: skip


def sound(name: str) -> str:
    """Return how a name sounds in German (Kölner Phonetik): Meier, Mayer and Maier are ``67``.

    Names without Latin letters are returned folded.
    """
    letters = "".join(words_of(name))
    latin = [c for c in letters if "a" <= c <= "z"]
    if not latin:
        return letters
    codes = [_code(latin, place) for place in range(len(latin))]
    text = ""
    for code in "".join(codes):
        if code != text[-1:]:
            text += code
    return text[:1] + text[1:].replace("0", "") or "0"


def _code(letters: list[str], place: int) -> str:
    letter = letters[place]
    before = letters[place - 1] if place else ""
    after = letters[place + 1] if place + 1 < len(letters) else ""
    if letter in _SOUNDS:
        return _SOUNDS[letter]
    if letter == "p":
        return "3" if after == "h" else "1"
    if letter in "dt":
        return "8" if after and after in "csz" else "2"
    if letter == "x":
        return "8" if before and before in "ckq" else "48"
    if letter == "c":
        return _c(before, after)
    return ""  # h


def _c(before: str, after: str) -> str:
    if not before:
        return "4" if after and after in "ahkloqrux" else "8"
    if before in "sz":
        return "8"
    return "4" if after and after in "ahkoqux" else "8"
