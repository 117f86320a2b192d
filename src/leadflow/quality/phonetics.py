"""Phonetic codes of names."""

from __future__ import annotations

from leadflow.entities.folding import words_of
from leadflow.entities.text import remembered

__all__ = ["sound"]

# Kölner Phonetik (Postel 1969): letter, what follows, code. Order matters; "" stands for any.
_SOUNDS = {**dict.fromkeys("aeijouy", "0"), **dict.fromkeys("fvw", "3"), **dict.fromkeys("gkq", "4"),
           **dict.fromkeys("mn", "6"), **dict.fromkeys("sz", "8"), "b": "1", "l": "5", "r": "7"}  # fmt: skip


@remembered
def sound(name: str) -> str:
    """Return the German phonetic code of a name (Kölner Phonetik): Meier, Mayer and Maier are ``67``.

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
