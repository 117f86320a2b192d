"""Columns of a second contact person in a row: they belong to nobody else's lead."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final

from leadflow.files.column_headers import heading_of, plain_header

__all__ = ["of_other_people"]

_PERSON: Final = (
    r"(?:contact(?: person)?|kontakt(?:person)?|ansprechpartner(?:in)?|person|contactpersoon|persona de contacto"
    r"|contacto|contatto|referente|interlocuteur|osoba kontaktowa)"
)
_FURTHER: Final = (
    r"(?:[2-9]|second|secondary|2nd|3rd|third|zweiter|zweite|dritter|weiterer|weitere|deuxieme|segundo|secondo|tweede"
    r"|druga)"
)
OTHER: Final = re.compile(rf"\b(?:{_PERSON} (?:no |nr |number )?[2-9]|{_FURTHER} {_PERSON})\b", re.ASCII)
GLUED: Final = re.compile(r"(?<=[a-z])(?=[2-9]\b)")
"""``Contact2``."""
NUMBER: Final = re.compile(r"\b([2-9])\b", re.ASCII)
NAMES: Final = frozenset({"first_name", "last_name"})
OF_A_PERSON: Final = NAMES | frozenset(
    "name middle_name salutation title job_title department email email2 phone phone2 mobile linkedin xing".split()
)


def of_other_people(columns: Iterable[str]) -> frozenset[str]:
    """Return the columns of further people: ``Contact 2 Email``, and ``E-Mail 2`` beside ``Vorname 2``.

    A second address or number alone is one of the same person; so is ``2. Vorname``, unless there is ``2. Nachname``.
    """
    columns = tuple(columns)
    keyed = {column: heading.key for column in columns if (heading := heading_of(column)) is not None}
    numbers = {column: number for column in keyed if (number := _number(column))}
    named = {numbers[column] for column, key in keyed.items() if key in NAMES and column in numbers}
    by_name = {column for column in columns if OTHER.search(_words(column))}
    by_number = {column for column, number in numbers.items() if number in named and keyed[column] in OF_A_PERSON}
    return frozenset(by_name | by_number)


def _words(column: str) -> str:
    return GLUED.sub(" ", plain_header(column))


def _number(column: str) -> str | None:
    found = NUMBER.search(_words(column))
    return found[1] if found else None
