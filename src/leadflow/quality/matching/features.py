"""Features: what ``likeness`` compares, computed once when a lead is written, and stored with it."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from functools import lru_cache
from typing import Any, Final, NamedTuple, Self

from pydantic_core import from_json

from leadflow.entities import Lead
from leadflow.entities.folding import words_of
from leadflow.quality.company import company_key
from leadflow.quality.email import same_mailbox
from leadflow.quality.matching.scripts import in_latin_letters, split_short_name
from leadflow.quality.phonetics import sound

__all__ = ["ALGORITHM", "LISTED", "Features", "NameFeatures", "features_of", "stored_features"]

ALGORITHM: Final = 3
"""Increased whenever a feature is computed differently: features with a different number are not compared."""


class NameFeatures(NamedTuple):
    """A first or last name: its folded words, their phonetic code, its first word, and the phonetic code of that.

    They are in Latin letters; ``script`` has the words as they are written, if that is in others.
    """

    text: str
    sound: str
    start: str
    start_sound: str
    script: str = ""

    @classmethod
    def of(cls, name: str | None) -> Self:
        """Return the features of a name."""
        latin = in_latin_letters(name) if name else ""
        words = [*latin.lower()] if _INITIALS.fullmatch(latin) else words_of(latin)
        text, start = " ".join(words), words[0] if words else ""
        heard = sound(text) if text else ""
        script = " ".join(words_of(name)) if name and latin != name else ""
        return cls(text, heard, start, heard if start == text else sound(start), script)

    @classmethod
    def of_person(cls, first: str | None, last: str | None) -> tuple[Self, Self]:
        """Return the features of first and last name; a Chinese or Korean name in one word is both."""
        if last and not first and not last.isascii():
            first, last = split_short_name(last)
        return cls.of(first), cls.of(last)


class Features(NamedTuple):
    """The comparable part of a lead; empty where the lead has nothing."""

    first: NameFeatures
    last: NameFeatures
    mailboxes: dict[str, int]
    """Each with the certainty that it is the lead's own: 0 unclaimed, 1 claimed, 2 verified, ``LISTED`` in a table."""
    phones: dict[str, str]
    """Each with its kind."""
    profiles: frozenset[tuple[str, str]]
    external_ids: frozenset[tuple[str, str]]
    domain: str
    company: str
    postcode: str
    street: str
    city: str
    born: str = ""
    """The date of birth, in ISO form; known of records of a table only, as what follows."""
    identifiers: frozenset[tuple[str, str]] = frozenset()
    """Numbers by which an authority knows somebody, such as a passport's, each with its kind."""
    organisation: str = ""
    """The words of its name, if it is an organisation and no person."""
    other_names: frozenset[str] = frozenset()
    """The names of an organisation by the keys of which it is known besides ``company``."""
    generation: str = ""
    """Which of a family's people of one name: 1 for sen., 2 for jun. or II, and so on; nothing if it isn't said."""

    def as_text(self) -> str:
        """Return the stored form of a lead's, with the number of the algorithm."""
        first, last, mailboxes, phones, profiles, external_ids, *words = self[:STORED]
        sets = (sorted(profiles), sorted(external_ids))
        return json.dumps([ALGORITHM, first, last, mailboxes, phones, *sets, *words], separators=(",", ":"))


_INITIALS: Final = re.compile("[BCDFGHJKLMNPQRSTVWXZ]{2}")
"""Two letters that are no name."""
LISTED: Final = 3
"""The certainty of a mailbox in a table: nobody unknown has typed it in, whoever keeps the table answers for it."""
STORED: Final = 11
SHAPE: Final = [int, list, list, dict, dict, list, list, str, str, str, str, str]
INT: Final = frozenset({int})
TEXT: Final = frozenset({str})
NONE: Final = frozenset[tuple[str, str]]()


@lru_cache(maxsize=1024)
def stored_features(text: str) -> Features | None:
    """Parse stored features; None if they are from a different algorithm or invalid.

    The latest are cached: a candidate with a common name in one place is often a candidate again.
    """
    try:
        found = from_json(text)
        if found[0] != ALGORITHM or list(map(type, found)) != SHAPE:
            return None
        _, first, last, mailboxes, phones, profiles, external_ids, *words = found
        pairs = _pairs(profiles) if profiles else NONE, _pairs(external_ids) if external_ids else NONE
        if {*map(type, mailboxes.values())} - INT or {*map(type, (*phones.values(), *first, *last))} - TEXT:
            return None
        return Features(NameFeatures(*first), NameFeatures(*last), mailboxes, phones, *pairs, *words)
    except (ValueError, TypeError, LookupError, RecursionError):
        return None


def _pairs(pairs: Iterable[Iterable[str]]) -> frozenset[tuple[str, str]]:
    return frozenset((one, other) for one, other in pairs)


def features_of(lead: Lead[Any]) -> Features:
    """Return the features of a lead."""
    person, company, address = lead.person, lead.company, lead.address
    first, last = NameFeatures.of_person(person.first_name, person.last_name)
    return Features(
        first=first,
        last=last,
        mailboxes=_mailboxes(lead),
        phones={phone.number: phone.kind or "" for phone in lead.phones if phone.number},
        profiles=frozenset((profile.network, profile.handle) for profile in lead.social),
        external_ids=frozenset((external.system, external.id) for external in lead.external_ids),
        domain=company.domain or "",
        company=company_key(company.name) if company.name else "",
        postcode=address.postcode or "",
        street=" ".join((*words_of(address.street or ""), *words_of(address.house_number or ""))),
        city=" ".join(words_of(address.city)) if address.city else "",
    )


def _mailboxes(lead: Lead[Any]) -> dict[str, int]:
    found: dict[str, int] = {}
    for email in lead.emails:
        if email.address and email.kind != "role":
            mailbox = same_mailbox(email.address)
            found[mailbox] = max(found.get(mailbox, 0), email.claimed + (email.claimed and email.verified))
    return found
