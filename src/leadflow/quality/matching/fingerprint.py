"""The fingerprint of a lead: its match keys and features, each computed once for the same details."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from functools import cached_property
from typing import Any, Final

from leadflow.entities import Lead
from leadflow.entities.folding import words_of
from leadflow.quality.company import company_key
from leadflow.quality.email import same_mailbox
from leadflow.quality.matching.features import Features, features_of
from leadflow.quality.matching.scripts import in_latin_letters
from leadflow.quality.phonetics import sound

__all__ = ["Fingerprint", "match_keys"]

MADE_OF: Final = ("emails", "phones", "social", "external_ids", "address", "person", "company")
_LONGEST = 200
_SHORTEST_LOCAL_PART = 7
"""Shorter local parts (anna@, mueller@) are shared by too many people to be worth an index entry."""


class Fingerprint:
    """The match keys and features of a lead, computed on demand."""

    def __init__(self, lead: Lead[Any]) -> None:
        self._lead = lead

    @cached_property
    def match_keys(self) -> frozenset[str]:
        """The index entries under which its twins are found."""
        return match_keys(self._lead)

    @cached_property
    def features(self) -> Features:
        """What ``likeness`` compares."""
        return features_of(self._lead)

    def is_of(self, lead: Lead[Any]) -> bool:
        """Whether that lead has the same fingerprint: none of the details behind it has changed."""
        mine, others = self._lead.__dict__, lead.__dict__
        return all(mine[name] is others[name] or mine[name] == others[name] for name in MADE_OF)

    def of(self, lead: Lead[Any]) -> Fingerprint:
        """Return the fingerprint of that lead: this one, if nothing has changed."""
        return self if self.is_of(lead) else Fingerprint(lead)


def match_keys(lead: Lead[Any]) -> frozenset[str]:
    """Return at most twelve index entries; leads of one person share at least one, strangers rarely do.

    Mailboxes (without ``+tag``), distinctive local parts, phones, profiles, the full name in any order, and the
    phonetic code of the last name together with company, domain or postcode. Role addresses are left out: they
    identify nobody.
    """
    return frozenset(_short(key) for key in (*_contacts(lead), *_names(lead)))


def _contacts(lead: Lead[Any]) -> Iterator[str]:
    personal = [email for email in lead.emails if email.address and email.kind != "role"]
    own = [email.address or "" for email in sorted(personal, key=lambda email: not email.claimed)][:3]
    yield from (f"mail|{same_mailbox(address)}" for address in own)
    locals_ = [same_mailbox(address).rpartition("@")[0] for address in own[:1]]
    yield from (f"local|{local}" for local in locals_ if len(local) >= _SHORTEST_LOCAL_PART)
    yield from (f"phone|{phone.number}" for phone in lead.phones[:2] if phone.number)
    yield from (f"{profile.network}|{profile.handle}" for profile in lead.social[:2])


def _names(lead: Lead[Any]) -> Iterator[str]:
    first = in_latin_letters(lead.person.first_name or "")
    last = in_latin_letters(lead.person.last_name or "")
    words = sorted(words_of(f"{first} {last}"))
    if first and last and len(words) > 1:
        yield f"name|{' '.join(words)}"
    if not last:
        return
    heard, initial = sound(last), "".join(words_of(first))[:1]
    if lead.company.domain:
        yield f"domain|{heard}|{lead.company.domain}"
    if lead.company.name and (key := company_key(lead.company.name)):
        yield f"company|{heard}|{key}"
    if lead.address.postcode and initial:
        yield f"place|{initial}{heard}|{lead.address.postcode.replace(' ', '')}"


def _short(key: str) -> str:
    if len(key) <= _LONGEST:
        return key
    kind = key.partition("|")[0]
    return f"{kind}#{hashlib.sha256(key.encode('utf-8', 'replace')).hexdigest()}"
