"""Streets: the house number and the words that tell one street from another, however they are written."""

from __future__ import annotations

import re
from typing import Final, NamedTuple

from leadflow.entities.text import remembered

__all__ = ["StreetParts", "street_parts"]

_KINDS: Final = frozenset(
    """st str street strasse ave av avenue rd road dr drive blvd bd boulevard pl place ln lane ct court cir circle
    circuit cres crescent pkwy parkway hwy highway ter terrace sq square way plz plaza close parade grove allee weg
    platz gasse rue via calle straat laan n s e w north south east west ne nw se sw apt apartment suite ste unit
    floor fl""".split()
)
"""Kinds of streets, directions, and what leads to a part of the house: often left out or shortened."""
_NUMBER: Final = re.compile(r"\d+[a-z]?")
_ENDING: Final = re.compile(r"(?<=[a-z]{3})(?:strasse|str)$")


class StreetParts(NamedTuple):
    """The house number, and the words of the street without those that say nothing."""

    number: str
    route: str


@remembered
def street_parts(street: str) -> StreetParts:
    """Take folded words of an address apart: ``221 e 51st st`` is number 221 of ``51st``."""
    words = street.split()
    number = next((word for word in words if _NUMBER.fullmatch(word)), "")
    rest = [_ENDING.sub("", word) for word in words if word != number and not word.isdigit()]
    named = [word for word in rest if word not in _KINDS]
    return StreetParts(number.rstrip("abcdefghijklmnopqrstuvwxyz"), " ".join(named or rest))
