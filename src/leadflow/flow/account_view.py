"""The account view: everything about a company in one answer, and companies by conditions."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from leadflow.buying_center import AccountView, account_name, account_of, with_advice
from leadflow.conditions import bind, condition_from, evaluate, leaves
from leadflow.conditions.values import is_of_account, is_of_advice
from leadflow.decisions.account_insiders import Insider, center_members, center_states
from leadflow.decisions.account_links import present_accounts
from leadflow.decisions.accounts import account_key
from leadflow.decisions.arguments import line_of
from leadflow.decisions.commands.accounts import account_of_text
from leadflow.decisions.policy import Policy
from leadflow.decisions.reads import Asking, activities_of, matching, readable
from leadflow.decisions.scoring_context import Colleague, colleagues_of
from leadflow.entities import Account, Activity, Lead, LeadId
from leadflow.entities.lead import unknown
from leadflow.errors import DefinitionError, InvalidInput, NotFound
from leadflow.flow.effects import Program
from leadflow.flow.runner import Runner
from leadflow.flow.search import Where, count

__all__ = ["AccountPage", "account", "account_seen", "find_accounts"]

PAGE: Final = 1_000
TOGETHER: Final = 50
"""The accounts whose leads are read together."""
SHOWN: Final = 50
MEMBERS_LIMIT: Final = 1_000_000
ACTIVITIES: Final = 50


@dataclass(frozen=True)
class AccountPage:
    """A page of accounts in order of their keys; ``next`` is for the next page, None at the end."""

    accounts: tuple[AccountView, ...]
    next: str | None = None

    def __iter__(self) -> Iterator[AccountView]:
        return iter(self.accounts)

    def __len__(self) -> int:
        return len(self.accounts)


def account(runner: Runner, key: str, *, limit: int = SHOWN, after: str | None = None) -> Program[AccountView]:
    """Return everything about an account: leads, roles, deals, activities, owners, score and findings.

    ``key`` is ``lead.account``; one that was merged gives the account that it is part of. Leads come in pages, up to
    200 are looked at for the rest. Nothing is written. ``str()`` is for people. Raises ``NotFound`` without any lead.
    """
    key, limit = account_of_text("key", key), _page_of(limit)
    after = None if after is None else line_of("after", after)
    present = (yield from present_accounts([key]))[key]
    view = yield from runner.asked(account_seen(runner, present, limit, after))
    if view is None:
        raise NotFound("account", key)
    return view


def find_accounts(
    runner: Runner,
    where: Where = None,
    *,
    leads: Where = None,
    limit: int = 50,
    after: str | None = None,
    watch: Callable[[int], object] | None = None,
) -> Program[AccountPage]:
    """Return a page of accounts, in order of their keys.

    ``where`` is a condition on the account, such as ``field("account.coverage") < 50`` or
    ``field("account.missing").contains("decider")``; ``leads`` must be true for at least one of its leads, and is found
    by the storage's indexes (see ``find``). Scores are those of now: they are computed for every account with such
    leads until the page is full, and ``watch`` is called with the number so far. ``StorageError`` if the storage can't
    search.
    """
    if watch is not None and not callable(watch):
        raise InvalidInput("watch", watch, "give a function that takes the number so far")
    limit = _page_of(limit)
    after = None if after is None else _last_key(line_of("after", after))
    lead_type = runner.policy.lead_type
    condition = None if where is None else bind(condition_from(where), lead_type)
    advised = False
    for leaf in leaves(condition) if condition is not None else ():
        if not is_of_account(leaf.path):
            raise DefinitionError(f"{leaf.name}: give conditions on account.…; those on its leads go to leads=")
        if leaf.path == "account.win_as":
            raise DefinitionError(f"{leaf.name} is of a single lead; ask for account.next_role")
        advised = advised or is_of_advice(leaf.path)
    counted = yield from count(runner, leads, by="account")
    assert isinstance(counted, dict)
    keys = sorted(one for one in counted if one is not None and (after is None or one > after))
    anybody, found = unknown(lead_type, "any", runner.now()), list[AccountView]()
    for place in range(0, len(keys), TOGETHER):
        some = keys[place : place + TOGETHER]
        scores = (yield from runner.asked(_scores_of(runner, some, advised=advised))) if condition is not None else {}
        for key in some:
            if condition is not None:
                score = scores.get(key)
                if score is None or evaluate(condition, anybody, runner.now(), account=score) is not True:
                    continue
            if len(found) == limit:
                return AccountPage(tuple(found), found[-1].key)
            view = yield from runner.asked(account_seen(runner, key))
            if view is not None:
                found.append(view)
        if watch is not None:
            watch(place + len(some))
    return AccountPage(tuple(found))


def _scores_of(runner: Runner, keys: Sequence[str], *, advised: bool) -> Asking[dict[str, Account]]:
    """Compute several accounts, their leads read together; ``advised``: with the role to win next."""
    policy, now = runner.policy, runner.now()
    members: dict[str | None, list[Colleague]] = defaultdict(list)
    for one in (yield from colleagues_of(policy, [account_key(key) for key in keys], now)):
        if not one.lead.absorbed_by:
            members[one.lead.account].append(one)
    scores = {}
    for key in keys:
        known = members[key]
        if advised:
            acted = yield from _acted(one.lead for one in known)
            known = [one.having(acted[one.lead.id]) for one in known]
        insiders = [one.insider(policy, now) for one in known]
        score = account_of(key, (one.member for one in insiders), policy.centers_for([one.lead for one in known]))
        states = center_states(policy, insiders, center_members(policy, insiders)) if advised else ()
        scores[key] = with_advice(score, states)
    return {key: score for key, score in scores.items() if score.leads}


def _acted(leads: Iterable[Lead[Any]]) -> Asking[dict[LeadId, list[Activity]]]:
    acted: dict[LeadId, list[Activity]] = {}
    for lead in leads:
        acted[lead.id] = (yield from activities_of(lead)) if lead.acted_in else []
    return acted


def _page_of(limit: object) -> int:
    if not isinstance(limit, int) or isinstance(limit, bool) or not 0 < limit <= PAGE:
        raise InvalidInput("limit", limit, f"give 1 to {PAGE:,}; the next page continues after it")
    return limit


def _last_key(after: str) -> str:
    if "." not in after and "|" not in after:
        raise InvalidInput("after", after, "give the next of a page of accounts, or leave it out for the first page")
    return after


def account_seen(runner: Runner, key: str, limit: int = SHOWN, after: str | None = None) -> Asking[AccountView | None]:
    """Read an account by its present key; None without any lead."""
    entry, now, policy = account_key(key), runner.now(), runner.policy
    ids = (yield from matching([entry], MEMBERS_LIMIT)).get(entry, [])
    page = [one for one in ids if after is None or one > after][: limit + 1]
    leads = (yield from readable(page[:limit])).values()
    known = yield from colleagues_of(policy, [entry], now)
    known = [one for one in known if one.lead.account == key and not one.lead.absorbed_by]
    if not known:
        return None
    acted = yield from _acted({one.id: one for one in (*leads, *(one.lead for one in known))}.values())
    insiders = [one.having(acted[one.lead.id]).insider(policy, now) for one in known]
    shown = [one for lead in leads for one in acted[lead.id]]
    return _seen(policy, key, now, len(ids), leads, insiders, shown, page[limit - 1] if len(page) > limit else None)


def _seen(
    policy: Policy,
    key: str,
    now: datetime,
    number: int,
    leads: Iterable[Lead[Any]],
    insiders: Sequence[Insider],
    acted: Iterable[Activity],
    following: str | None,
) -> AccountView:
    everybody = [one.lead for one in insiders]
    members = center_members(policy, insiders)
    centers = center_states(policy, insiders, members)
    account = account_of(key, (one.member for one in insiders), policy.centers_for(everybody))
    return AccountView(
        key=key,
        name=account_name(everybody),
        spellings=dict(Counter(lead.company.name for lead in everybody if lead.company.name).most_common()),
        count=number,
        leads=tuple(sorted(leads, key=lambda lead: lead.id)),
        owners=dict(Counter(lead.owner for lead in everybody if lead.owner).most_common()),
        deals=tuple((lead.id, deal) for lead in everybody for deal in lead.deals),
        activities=tuple(sorted(acted, key=lambda one: (one.happened_at, one.id), reverse=True)[:ACTIVITIES]),
        score=with_advice(account, centers),
        centers=centers,
        members=tuple(members),
        findings=tuple((lead.id, finding) for lead in everybody for finding in lead.findings),
        at=now,
        next=following,
    )
