"""An index in memory: which account a lead belongs to, of those that a host or a CRM knows."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any, Final, TypeAlias

from leadflow.buying_center import account_name
from leadflow.entities import Lead, with_fields
from leadflow.entities.domains import registrable_domain
from leadflow.entities.folding import name_key, words_of
from leadflow.errors import InvalidInput
from leadflow.quality import FIELDS, check
from leadflow.quality.account_evidence import AccountSuggestion, suggested_accounts, switchboard
from leadflow.quality.countries import home_country
from leadflow.quality.phonetics import sound

__all__ = ["AccountIndex"]

AccountRecord: TypeAlias = Lead[Any] | Mapping[str, object]
PER_KEY: Final = 50
"""However many accounts share a word or a number, others are found by what only few share."""
PER_ACCOUNT: Final = 50
"""So many records of an account are compared."""
_NO_MOMENT: Final = datetime(1970, 1, 1, tzinfo=UTC)


class AccountIndex:
    """Accounts, each known by one record or more (the company, or who works there), to find a lead's account in.

    What speaks for an account, and how likely that makes it, is what ``flow.suggest_accounts`` weighs: domains, the
    spelling of the company, phone numbers and the place. Records are leads, or mappings with what a capture takes
    (``company``, ``website``, ``email``, ``phone``, ``street``, ``postcode``, …); of mappings other keys are left
    aside. An index belongs to one thread.
    """

    def __init__(self, *, default_country: str | None = None) -> None:
        self._country = home_country(default_country)
        self._members = defaultdict[str, list[Lead[Any]]](list)
        self._blocks = defaultdict[tuple[str, str], dict[str, None]](dict)

    def __len__(self) -> int:
        return len(self._members)

    def __contains__(self, account: str) -> bool:
        return account in self._members

    def add(self, account: str, record: AccountRecord) -> None:
        """Add a record of an account; an account may have several, of which the first fifty are compared."""
        if not isinstance(account, str) or not account:
            raise InvalidInput("account", account, "give the key or the id of an account")
        lead, members = self._lead(record), self._members[account]
        if len(members) == PER_ACCOUNT:
            return
        members.append(lead)
        for key in {*_keys(lead), *_domain_keys(lead)}:
            if len(block := self._blocks[key]) < PER_KEY:
                block[account] = None

    def find(self, record: AccountRecord, *, limit: int = 5) -> list[AccountSuggestion]:
        """Return the accounts that somebody probably belongs to, the most likely first, with reasons; or nothing."""
        lead = self._lead(record)
        found = {account for key in {*_keys(lead), *_mail_keys(lead)} for account in self._blocks.get(key, ())}
        return suggested_accounts(lead, {one: self._members[one] for one in found}, account_name)[:limit]

    def _lead(self, record: AccountRecord) -> Lead[Any]:
        if isinstance(record, Lead):
            return record
        if not isinstance(record, Mapping):
            raise InvalidInput("record", record, "give a lead, or a mapping such as {'company': …, 'website': …}")
        known = {key: value for key, value in record.items() if key in FIELDS}
        details = check(known, default_country=self._country, gazetteer=None).value
        empty = Lead[Any](id="-", created_at=_NO_MOMENT, recorded_at=_NO_MOMENT, version=1)
        return with_fields(empty, details.values) if details is not None else empty


def _keys(lead: Lead[Any]) -> Iterator[tuple[str, str]]:
    """Return what members of one account may share."""
    if lead.company.name:
        yield "name", name_key(lead.company.name)
        for word in words_of(lead.company.name):
            if len(word) > 2:
                yield "word", sound(word) or word
    for phone in lead.phones:
        if phone.number:
            yield "phone", phone.number
            yield "phone", switchboard(phone.number)
    address = lead.address
    if address.postcode and address.street:
        yield "place", " ".join((address.postcode, *words_of(address.street), address.house_number or ""))


def _domain_keys(lead: Lead[Any]) -> Iterator[tuple[str, str]]:
    if domain := lead.company.domain and registrable_domain(lead.company.domain):
        yield "domain", domain
        yield "name", name_key(domain.partition(".")[0])


def _mail_keys(lead: Lead[Any]) -> Iterator[tuple[str, str]]:
    for domain in (lead.company.domain, *(email.domain for email in lead.emails)):
        if own := domain and registrable_domain(domain):
            yield "domain", own
