"""Account links: which account was merged into which, which are different companies, and where a lead is by that."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from leadflow.decisions.accounts import account_digest
from leadflow.decisions.draft import Draft
from leadflow.decisions.policy import SYSTEM
from leadflow.decisions.reads import Asking, states
from leadflow.entities import Actor, Company, Entity, Lead, Line, Placement
from leadflow.entities.placement import own_account
from leadflow.entities.stored_form import refuse_newer, schema_of
from leadflow.events import AccountChanged, StateWrite
from leadflow.ports import State

__all__ = [
    "AccountLink",
    "StoredLink",
    "account_bases",
    "companies_accounts",
    "link_key",
    "link_with",
    "place",
    "place_anew",
    "present_accounts",
]


class AccountLink(Entity):
    """What people decided about an account: it is part of another (``into``), others are part of it, or differ."""

    into: Line | None = None
    absorbed: tuple[Line, ...] = ()
    not_same: tuple[Line, ...] = ()


UNLINKED: Final = AccountLink()


@dataclass(frozen=True)
class StoredLink:
    """An account's link, with the version at which it was read."""

    account: str
    link: AccountLink = UNLINKED
    version: int = 0

    def write(self, link: AccountLink) -> StateWrite:
        """Return the write that replaces it; it belongs to no lead."""
        value = link.model_dump(mode="json", exclude_defaults=True) | {"account": self.account}
        return StateWrite(key=link_key(self.account), read_version=self.version, value=value)


def link_key(account: str) -> str:
    """Return the state in which an account's link is kept."""
    return f"account:{account_digest(account)}"


def link_with(account: str) -> Asking[StoredLink]:
    """Read the link of an account."""
    return _read(account, (yield from states([link_key(account)])).get(link_key(account)))


def _read(account: str, state: State | None) -> StoredLink:
    if state is None:
        return StoredLink(account)
    refuse_newer(schema_of(state.value), f"what is known of the account {account}", 1)
    return StoredLink(account, AccountLink.model_validate(state.value, extra="ignore"), state.version)


def present_accounts(accounts: Iterable[str], read: Mapping[str, State] | None = None) -> Asking[dict[str, str]]:
    """Read which account each of these is part of by now; ``read`` has the states of all of them, if they were read."""
    accounts, found = frozenset(accounts), dict[str, AccountLink]()
    wanted: set[str] = {*accounts}
    while wanted:
        some = (yield from states([*map(link_key, sorted(wanted))])) if read is None else read
        found |= {one: _read(one, some.get(link_key(one))).link for one in wanted}
        wanted = {link.into for link in found.values() if link.into is not None} - found.keys()
        read = None
    return {one: _end(one, found) for one in accounts}


def _end(account: str, links: Mapping[str, AccountLink]) -> str:
    while (into := links[account].into) is not None:
        account = into
    return account


def companies_accounts(*companies: Company) -> frozenset[str]:
    """Return the accounts that these companies' data may name, in whichever way they complete each other."""
    mixed = (_completed(one, other) for one in companies for other in companies)
    return frozenset(account for one in mixed if (account := own_account(one)) is not None)


def _completed(one: Company, other: Company) -> Company:
    known = {name: getattr(other, name) for name in Company.model_fields if getattr(one, name) is None}
    blank = {name: value for name, value in known.items() if value is not None}
    return one.but(**blank) if blank else one


def place(draft: Draft, present: Mapping[str, str], by: Actor) -> None:
    """Put the lead where its account is part of by now, if that was read; its company's own words stay."""
    wanted = _placement(draft.lead, present)
    if wanted != draft.lead.placement:
        draft.say(AccountChanged, by=by, placement=wanted)


def place_anew(draft: Draft) -> Asking[None]:
    """Read which account the lead's own is part of, after whatever has changed its company, and put it there."""
    place(draft, (yield from present_accounts(account_bases(draft.lead))), SYSTEM)


def account_bases(lead: Lead[Any]) -> frozenset[str]:
    """Return the accounts by which it is decided where a lead is: its company's, and where it was put, and why."""
    put = lead.placement
    named = (own_account(lead.company), *((put.chosen, put.instead_of) if put is not None else ()))
    return frozenset(account for account in named if account is not None)


def _placement(lead: Lead[Any], present: Mapping[str, str]) -> Placement | None:
    own, put = own_account(lead.company), lead.placement
    counting = put if put is not None and put.counts(own) else None
    if counting is not None and counting.chosen is None and counting.instead_of != own:  # only its country is new
        linked = present.get(counting.instead_of or "", counting.account)
        if linked != counting.instead_of:
            return counting.but(account=linked)
    chosen = counting.chosen if counting is not None else None
    account = present.get(chosen or own or "")
    if account is None:  # nothing names one, or it was not read
        return put if own is not None or put is None or put.chosen is not None else None
    return None if account == own else Placement(account=account, instead_of=own, chosen=chosen)
