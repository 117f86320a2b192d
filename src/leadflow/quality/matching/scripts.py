"""Names in other scripts than Latin, in Latin letters: Анна as Anna, 王伟 as Wang Wei."""

from __future__ import annotations

from functools import cache
from unicodedata import category

from leadflow.entities.text import remembered

__all__ = ["in_latin_letters", "split_short_name"]

_HAN = (0x4E00, 0x9FFF)
_HANGUL = (0xAC00, 0xD7A3)


@remembered
def in_latin_letters(text: str) -> str:
    """Return a text with the letters of other scripts in Latin ones, by anyascii; Latin letters stay as they are.

    There are several ways to do that for any script, and vowels are lost where it has none: an equal result is weaker
    evidence than an equal name.
    """
    if text.isascii():
        return text
    return "".join(_letter(sign) if _is_foreign(sign) else sign for sign in text)


def split_short_name(name: str) -> tuple[str, str]:
    """Return the first and the last name of a Chinese or Korean name written as one word: 王伟 is 伟 and 王.

    Names of two or three characters begin with the family name, which is one of them but for a few.
    """
    if 2 <= len(name) <= 3 and any(all(low <= ord(sign) <= high for sign in name) for low, high in (_HAN, _HANGUL)):
        return name[1:], name[0]
    return "", name


def _is_foreign(sign: str) -> bool:
    code = ord(sign)
    return code > 0x36F and not 0x1E00 <= code <= 0x1EFF and category(sign)[0] in "LM"


@cache
def _letter(sign: str) -> str:
    from anyascii import anyascii

    return anyascii(sign)
