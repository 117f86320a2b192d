"""Match keys: the index entries under which a lead's twins are found."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from typing import Any

from leadflow.entities import Lead
from leadflow.entities.folding import words_of
from leadflow.quality.company import company_key
from leadflow.quality.email import same_mailbox
from leadflow.quality.sounds import sound

__all__ = ["match_keys"]

_LONGEST = 200
_SHORTEST_LOCAL_PART = 7
"""Shorter local parts (anna@, mueller@) are shared by too many people to be worth an index entry."""


def match_keys(lead: Lead[Any]) -> frozenset[str]:
    """Return at most twelve index entries; leads of one person share at least one, strangers seldom do.

    Mailboxes (without ``+tag``), the telling part of an address, phones, profiles, the full name in any order, and
    the sound of the last name together with company, domain or postcode. Role addresses are no key: they identify
    nobody.
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
    first, last = lead.person.first_name or "", lead.person.last_name or ""
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
