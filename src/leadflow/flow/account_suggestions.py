"""Account suggestions: whose company a lead probably belongs to, for a person or a policy to accept."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any, Final

from leadflow.buying_center import account_name
from leadflow.decisions.accounts import account_key, company_key_of
from leadflow.decisions.arguments import acting, count_of, flag_of, lead_id_of
from leadflow.decisions.commands.accounts import SetAccount, are_apart
from leadflow.decisions.reads import Asking, lead_with, matching, readable
from leadflow.entities import ActedBy, Lead, LeadId
from leadflow.entities.domains import registrable_domain
from leadflow.entities.folding import words_of
from leadflow.errors import InvalidInput
from leadflow.flow.effects import Program
from leadflow.flow.queries import lead_page
from leadflow.flow.runner import Runner
from leadflow.quality import is_own_domain, match_keys
from leadflow.quality.account_evidence import LEAST, AccountSuggestion, suggested_accounts
from leadflow.search.words import asked_keys

__all__ = ["PlacedAll", "place_all", "suggest_accounts"]

CANDIDATES_PER_KEY: Final = 50
"""However many leads share a word or a number, others are found by what only few share."""


@dataclass(frozen=True)
class PlacedAll:
    """What ``place_all`` has put into accounts (or would); ``unsure`` leads have several likely ones.

    ``more``: the limit was reached.
    """

    placed: tuple[tuple[LeadId, AccountSuggestion], ...] = ()
    unsure: tuple[LeadId, ...] = ()
    more: bool = False


def suggest_accounts(
    runner: Runner,  # noqa: ARG001  (the same for all programs)
    lead_id: LeadId,
    *,
    limit: int = 5,
) -> Asking[list[AccountSuggestion]]:
    """Return the accounts that the lead probably belongs to, besides its own, the most likely first, with reasons.

    By its e-mail domains, the spelling of its company, phone numbers and the place. Nothing is stored: accept one with
    ``set_account``, or, where the whole account is the same company, with ``merge_accounts``. For a lead that is in the
    account of a domain it suggests what may be the same company under another domain, or a name alone.
    """
    limit = count_of("limit", limit)
    lead = yield from lead_with(lead_id_of("lead_id", lead_id))
    return (yield from _suggested(lead))[:limit]


def _suggested(lead: Lead[Any]) -> Asking[list[AccountSuggestion]]:
    found = yield from matching(_asked(lead), CANDIDATES_PER_KEY)
    others = yield from readable(sorted({one for some in found.values() for one in some} - {lead.id}))
    members = defaultdict[str, list[Lead[Any]]](list)
    for other in others.values():
        if other.account is not None and other.account != lead.account and not other.absorbed_by:
            members[other.account].append(other)
    likely = []
    for one in suggested_accounts(lead, members, account_name):
        if lead.account and (yield from are_apart(lead.account, one.account)):
            continue
        likely.append(one)
    return likely


def _asked(lead: Lead[Any]) -> frozenset[str]:
    """Return the index entries of leads that may be at the same company."""
    asked = set(match_keys(lead))
    if lead.company.name:
        words = (word for word in words_of(lead.company.name) if len(word) > 2)
        asked |= {company_key_of(lead.company.name), *(key for word in words for key in asked_keys(word))}
    domains = (registrable_domain(email.domain) for email in lead.emails if email.domain)
    return frozenset(asked | {account_key(domain) for domain in domains if domain and is_own_domain(domain)})


def place_all(
    runner: Runner,
    *,
    above: float,
    by: ActedBy,
    limit: int = 1_000,
    dry_run: bool = False,
    watch: Callable[[int], object] | None = None,
) -> Program[PlacedAll]:
    """Put leads without a domain of their own into the account that is at least ``above`` likely, at most ``limit``.

    A lead with several accounts above it stays, as one to be decided by a person; so does one that somebody has put
    where it is. Each is a Change of its own: interrupted and run again, it does the rest. A dry run writes nothing.
    """
    if not isinstance(above, int | float) or isinstance(above, bool) or not LEAST <= above <= 1:
        raise InvalidInput("above", above, f"give a likelihood of {LEAST} to 1, such as 0.9")
    if watch is not None and not callable(watch):
        raise InvalidInput("watch", watch, "give a function that takes the number so far")
    by, limit, dry_run = acting(by), count_of("limit", limit), flag_of("dry_run", dry_run)
    result, after = PlacedAll(), None
    while page := (yield from lead_page(after)):
        for lead in page:
            if lead.company.domain or lead.placement or lead.absorbed_by or lead.stage == "prospect":
                continue
            likely = [one for one in (yield from _suggested(lead)) if one.likelihood >= above]
            if len(likely) > 1:
                result = replace(result, unsure=(*result.unsure, lead.id))
            if len(likely) != 1:
                continue
            if len(result.placed) == limit:
                return replace(result, more=True)
            if not dry_run:
                yield from runner.run(SetAccount(lead.id, likely[0].account, by=by))
            result = replace(result, placed=(*result.placed, (lead.id, likely[0])))
            if watch is not None:
                watch(len(result.placed))
        after = page[-1].id
    return result
