"""Streets: the house number and the words that tell one street from another, however they are written."""

from __future__ import annotations

import re
from itertools import takewhile
from typing import Final, NamedTuple

from leadflow.entities.folding import words_of
from leadflow.entities.text import remembered

__all__ = ["ORDINAL", "ORDINALS", "TENS", "StreetParts", "street_in", "street_parts"]

_KINDS: Final = frozenset(
    """st str street strasse ave av avenu rd road dr drive blvd bd boulevard pl place ln lane ct court cir circle
    circuit cres crescent pkwy parkway hwy highway ter terrace sq square way plz plaza close parade grove allee weg
    platz gasse rue r via v calle c straat laan way wy n s e w north south east west ne nw se sw""".split()
)
"""Kinds of streets and directions: often left out or shortened."""
_PARTS: Final = frozenset("apt appt apartment suite ste unit floor fl room rm whg wohnung stock etage top".split())
"""What leads to a part of the house, whose number is not the house's."""
_HOUSES: Final = _PARTS | frozenset("bld bldg building block flat geb gebaeude haus house tower turm".split())
"""What a number may follow that is no house's of a street."""
_DIRECTIONS: Final = frozenset("n s e w north south east west ne nw se sw".split())
TENS: Final = {word: ten for ten, word in enumerate("twenty thirty forty fifty sixty seventy eighty ninety".split(), 2)}
ORDINALS: Final = {
    word: number
    for number, word in enumerate("first second third fourth fifth sixth seventh eighth ninth tenth".split(), 1)
}
ORDINAL: Final = re.compile(r"(\d+)(?:st|nd|rd|th)")
_NUMBER: Final = re.compile(r"\d+[a-z]?")
_ENDING: Final = re.compile(r"(?<=[a-z]{3})(?:strasse|str|platz|weg|gasse|allee|straat|laan)$")


class StreetParts(NamedTuple):
    """The house number, and the words of the street without those that say nothing."""

    number: str
    route: str


def street_in(text: str) -> str:
    """Return the part between commas that is the street, where others say the building, the flat or the place.

    It is the first one with a house number and a name: ``Hughes Plaza, 100 Howard Hughes Way, Las Vegas``. Where the
    number stands by itself (``Calle Mayor, 12``), or nothing is one, it is the whole text.
    """
    if "," not in text:
        return text
    for part in text.split(","):
        words = words_of(part)
        if not any(_NUMBER.fullmatch(word) for word in words) or part.lstrip().startswith("#"):
            continue
        if not _HOUSES.isdisjoint(words):
            continue
        named = any(len(word) > 2 and word.isalpha() and word not in _KINDS for word in words)
        return part if named else text
    return text


@remembered
def street_parts(street: str) -> StreetParts:
    """Take folded words of an address apart: ``221 e 51st st`` and ``suite 9, fifty first street 221`` are one."""
    words = _without_building(_without_parts(_ordinals(street.split())))
    number = next((word for word in words if _NUMBER.fullmatch(word)), "")
    rest = [_ENDING.sub("", word) for word in words if word != number and not word.isdigit()]
    named = [word for word in rest if word not in _KINDS]
    return StreetParts(number.rstrip("abcdefghijklmnopqrstuvwxyz"), " ".join(named or rest))


def _without_parts(words: list[str]) -> list[str]:
    """Leave out what leads to a part of the house, and its number: ``suite 200``."""
    before = ["", *words]
    return [
        word
        for word, last in zip(words, before, strict=False)
        if word not in _PARTS and not (last in _PARTS and any(sign.isdigit() for sign in word))
    ]


def _without_building(words: list[str]) -> list[str]:
    """Leave out what stands before a number that a street's name and kind follow: ``skyline 705 main st``."""
    before = [*takewhile(lambda word: not _NUMBER.fullmatch(word), words)]
    named = words[len(before) + 2 :]  # behind the number and a word of the name
    is_street = any(word in _KINDS and word not in _DIRECTIONS for word in named)
    has_kind = any(word in _KINDS or _ENDING.search(word) for word in before)
    return words[len(before) :] if before and is_street and not has_kind else words


def _ordinals(words: list[str]) -> list[str]:
    """Return ordinals in one spelling: ``forty second`` and ``42nd`` are ``42th``."""
    found: list[str] = []
    for word in words:
        number = ORDINALS.get(word)
        if number is not None and found and found[-1] in TENS:
            number += 10 * TENS[found.pop()]
        written = ORDINAL.fullmatch(word)
        found.append(f"{number}th" if number else f"{written[1]}th" if written else word)
    return found
