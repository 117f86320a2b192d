"""Accounts, as people decide: whose company a lead belongs to, which two are one company, and which are not."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Mapping
from dataclasses import KW_ONLY, dataclass
from datetime import datetime, timedelta
from typing import ClassVar, Final

from leadflow.decisions.account_links import AccountLink, StoredLink, link_with, present_accounts
from leadflow.decisions.accounts import account_digest
from leadflow.decisions.answers import Answer
from leadflow.decisions.arguments import acting, line_of
from leadflow.decisions.commands.command import LeadCommand, Wish, moment_by
from leadflow.decisions.consequences import follow_up
from leadflow.decisions.draft import Decided, Draft, change_of
from leadflow.decisions.policy import Policy
from leadflow.decisions.reads import Asking, lead_with
from leadflow.decisions.roster import check_actor
from leadflow.decisions.scoring_context import known_of
from leadflow.entities import ActedBy, Entity, Placement, Task
from leadflow.entities.domains import registrable_domain
from leadflow.entities.placement import own_account
from leadflow.errors import InvalidInput, Refused
from leadflow.events import AccountChanged, Change
from leadflow.quality import is_own_domain
from leadflow.quality.company import host_of

__all__ = [
    "AccountsLinked",
    "MergeAccounts",
    "NotSameAccounts",
    "Placed",
    "SetAccount",
    "UnmergeAccounts",
    "account_of_text",
    "are_apart",
]

CAUGHT_UP: Final = timedelta(minutes=1)
"""By then every capture that has read the links before a merge has ended."""


class Placed(Answer):
    """The account that the lead is in now; ``repeated``: it was there already, nothing was written."""

    nothing: ClassVar = {"repeated": True}

    account: str | None = None
    repeated: bool = False


class AccountsLinked(Entity):
    """What was decided about two accounts: what ``account`` is part of, and ``other``.

    ``leads`` have changed theirs, ``repeated``: it was decided before.
    """

    account: str
    other: str
    leads: int = 0
    repeated: bool = False


def account_of_text(field: str, value: object) -> str:
    """Return an account's key as it is stored: ``acme.example`` of any address there, else the key of a name."""
    account = line_of(field, value)
    if "|" in account:
        return account
    host = host_of(account)
    domain = registrable_domain(host) if host is not None else None
    if domain is None or not is_own_domain(domain):
        raise InvalidInput(
            field, account, "give the key of an account: a company's own domain, or lead.account of one of its leads"
        )
    return domain


@dataclass(frozen=True)
class SetAccount(LeadCommand[Placed]):
    """Put a lead into an account, whatever its company's data says; None: into the one that the data names.

    The lead keeps its own words: name and domain of the company stay as they are. It counts until the lead's company
    changes. ``account`` is a key such as ``acme.example`` (of a web or e-mail address its registered domain counts), or
    ``lead.account`` of a colleague.
    """

    answer: ClassVar = Placed

    account: str | None

    def __post_init__(self) -> None:
        super().__post_init__()
        self._read(account=None if self.account is None else account_of_text("account", self.account))

    def decide(self, policy: Policy, now: datetime) -> Asking[Decided[Placed]]:
        moment = moment_by(now, self.by, self.at)
        check_actor(policy, moment.by)
        lead = yield from lead_with(self.lead_id)
        own = own_account(lead.company)
        named = self.account or own
        account = (yield from present_accounts([named]))[named] if named is not None else None
        chosen = self.account if self.account != own else None
        put = Placement(account=account, instead_of=own, chosen=chosen) if account and account != own else None
        if put == lead.placement:
            return Decided(Change(), Placed(lead_id=lead.id, account=lead.account, repeated=True))
        draft = Draft.of(lead, policy, moment)
        draft.say(AccountChanged, placement=put)
        follow_up(draft, (yield from known_of(policy, draft.lead, now)))
        return Decided(change_of(draft), Placed(lead_id=lead.id, account=draft.lead.account))


@dataclass(frozen=True)
class _Link(Wish[AccountsLinked]):
    """A decision about two accounts."""

    account: str
    other: str
    _: KW_ONLY
    by: ActedBy

    def __post_init__(self) -> None:
        account, other = (account_of_text(name, getattr(self, name)) for name in ("account", "other"))
        self._read(account=account, other=other, by=acting(self.by))

    def decide(self, policy: Policy, now: datetime) -> Asking[Decided[AccountsLinked]]:
        check_actor(policy, acting(self.by))
        one, other = (yield from link_with(self.account)), (yield from link_with(self.other))
        present = yield from present_accounts([self.account, self.other])
        change = yield from self.change(one, other, present, now)
        linked = AccountsLinked(account=present[self.account], other=self.other, repeated=change.is_empty)
        return Decided(change, linked)

    @abstractmethod
    def change(self, one: StoredLink, other: StoredLink, present: Mapping[str, str], now: datetime) -> Asking[Change]:
        """Return what to write; nothing if it was decided before. ``present``: what each of the two is part of."""

    def _task(self, account: str, now: datetime) -> Task:
        """Return the task that looks once more for leads that came in meanwhile."""
        payload = {"account": account, "by": acting(self.by).model_dump(mode="json", exclude_defaults=True)}
        key = f"account:{account_digest(account)}"
        return Task(key=key, kind="account", due_at=now + CAUGHT_UP, payload=payload)


class MergeAccounts(_Link):
    """Decide that two accounts are one company: the leads of ``other`` are in ``account`` from now on, new ones, too.

    ``unmerge_accounts`` takes it back.
    """

    def change(self, one: StoredLink, other: StoredLink, present: Mapping[str, str], now: datetime) -> Asking[Change]:
        into = present[self.account]
        if present[self.other] == into:
            if other.link.into is None:
                raise Refused(f"{self.other} and {self.account} are one account ({into}); name two different ones")
            return Change()
        if other.link.into is not None:
            raise Refused(f"{self.other} is part of {present[self.other]}; merge that one, or unmerge it first")
        if (yield from are_apart(self.account, self.other)):
            raise Refused(f"somebody decided that {self.account} and {self.other} are different companies")
        end = one if into == self.account else (yield from link_with(into))
        return Change(
            states=(
                other.write(other.link.but(into=into)),
                end.write(end.link.but(absorbed=(*end.link.absorbed, self.other))),
            ),
            put=(self._task(self.other, now),),
        )


class UnmergeAccounts(_Link):
    """Take the merge of ``other`` into ``account`` back: its leads are in it again, those captured since, too."""

    def change(self, one: StoredLink, other: StoredLink, present: Mapping[str, str], now: datetime) -> Asking[Change]:
        if other.link.into is None:
            raise Refused(f"{self.other} is part of no other account; name one that was merged")
        into = one if other.link.into == self.account else (yield from link_with(other.link.into))
        if present[self.account] != present[self.other]:
            raise Refused(f"{self.other} is part of {other.link.into}, not of {self.account}")
        absorbed = tuple(account for account in into.link.absorbed if account != self.other)
        return Change(
            states=(other.write(other.link.but(into=None)), into.write(into.link.but(absorbed=absorbed))),
            put=(self._task(present[self.account], now),),
        )


class NotSameAccounts(_Link):
    """Decide that two accounts are different companies: they are not suggested any more, and can't be merged."""

    def change(
        self,
        one: StoredLink,
        other: StoredLink,
        present: Mapping[str, str],
        now: datetime,  # noqa: ARG002  (as all)
    ) -> Asking[Change]:
        if present[self.account] == present[self.other]:
            raise Refused(f"{self.account} and {self.other} are one account; unmerge them, or name two different ones")
        if (yield from are_apart(self.account, self.other)):
            return Change()
        sides = ((one, self.other), (other, self.account))
        return Change(
            states=tuple(
                side.write(side.link.but(not_same=tuple(dict.fromkeys((*side.link.not_same, name)))))
                for side, name in sides
            )
        )


def are_apart(account: str, other: str) -> Asking[bool]:
    """Whether somebody decided that two accounts, or any that were merged into them, are different companies."""
    one, two = (yield from _family(account)), (yield from _family(other))
    return any(name in two for link in one.values() for name in link.not_same)


def _family(account: str) -> Asking[dict[str, AccountLink]]:
    """Read an account as it is now, with all that were merged into it."""
    found = dict[str, AccountLink]()
    wanted = [(yield from present_accounts([account]))[account]]
    while wanted:
        name = wanted.pop()
        found[name] = (yield from link_with(name)).link
        wanted += [one for one in found[name].absorbed if one not in found]
    return found
