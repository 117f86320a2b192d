"""Which column of a file means what: as given, and otherwise by the names that people use."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from difflib import get_close_matches
from typing import Final

from leadflow.errors import InvalidInput
from leadflow.files.column_headers import LEAD_HEADERS, heading_of

__all__ = ["NEXT", "choose_columns", "did_you_mean", "guess_columns", "is_contact", "known_column", "known_key"]

CONTACTS: Final = frozenset(
    {"email", "email2", "email3", "emails", "phone", "phone2", "phone3", "mobile", "phones", "email_or_phone",
     "linkedin", "xing", "twitter", "social", "city", "external_id", "visitor"}
)  # fmt: skip
"""Keys by which a person may be reachable, or known already."""
NEXT: Final[Mapping[str, tuple[str, ...]]] = {
    "email": ("email", "email2", "email3"),
    "email2": ("email2", "email3"),
    "phone": ("phone", "phone2", "phone3"),
    "phone2": ("phone2", "phone3"),
    "mobile": ("mobile", "phone2", "phone3"),
}
"""What a further column of the same meaning is."""


def guess_columns(columns: Iterable[str], headers: Mapping[str, str] = LEAD_HEADERS) -> dict[str, str]:
    """Return what the columns probably mean, by their names; of two that mean the same, the first one counts.

    A second address or number is ``email2``, ``phone2``, unless the names differ in nothing but capitals.
    """
    found: dict[str, str] = {}
    plain: set[str] = set()
    for column in columns:
        heading = heading_of(column, headers)
        if heading is None or heading.plain in plain:
            continue
        plain.add(heading.plain)
        key = next((key for key in NEXT.get(heading.key, (heading.key,)) if key not in found.values()), None)
        if key is not None:
            found[column] = key
    return found


def did_you_mean(text: str, known: Iterable[str]) -> str:
    """Return ``; did you mean …?`` if one of the names is near, else nothing."""
    near = get_close_matches(text, list(known), n=1)
    return f"; did you mean {near[0]!r}?" if near else ""


def known_key(key: str, keys: Iterable[str], custom: Iterable[str] = ()) -> str:
    """Return a key that a column may be given; ``ValueError`` with the nearest for any other."""
    allowed = {*keys, *(f"custom.{name}" for name in custom)}
    if key not in allowed:
        raise ValueError(f"{key!r} is nothing that a column can mean{did_you_mean(key, allowed)}")
    return key


def known_column(column: str, columns: Sequence[str], option: str) -> str:
    """The column, if the file has it; otherwise ``InvalidInput`` with the nearest name."""
    if column not in columns:
        there = did_you_mean(column, columns) or f"; there are: {', '.join(columns)[:300]}"
        raise InvalidInput(option, column, f"the file has no such column{there}")
    return column


def choose_columns(
    columns: tuple[str, ...],
    given: Mapping[str, str],
    headers: Mapping[str, str],
    *,
    ignore: Iterable[str] = (),
    where: str = "columns",
    guess: bool = True,
) -> dict[str, str]:
    """Return the meaning of a file's columns: those given, which must be there, and the guesses for the others."""
    ignored = set(ignore)
    for column in (*given, *ignored):
        known_column(column, columns, where)
    taken = {column: key for column, key in given.items() if column not in ignored}
    more = guess_columns((c for c in columns if c not in taken and c not in ignored), headers) if guess else {}
    return taken | {column: key for column, key in more.items() if key not in taken.values()}


def is_contact(keys: Iterable[str]) -> bool:
    """Say whether one of these keys can make a person reachable."""
    return not CONTACTS.isdisjoint(keys)
