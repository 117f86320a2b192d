"""Account merges: two accounts that are one company, and the leads that follow."""

from __future__ import annotations

from functools import partial
from typing import Final

from leadflow.decisions.account_links import account_bases, place, present_accounts
from leadflow.decisions.accounts import account_key
from leadflow.decisions.arguments import acting
from leadflow.decisions.commands.accounts import AccountsLinked, MergeAccounts, NotSameAccounts, UnmergeAccounts
from leadflow.decisions.consequences import follow_up
from leadflow.decisions.draft import Draft, change_of
from leadflow.decisions.policy import CommandContext
from leadflow.decisions.reads import Asking, matching, readable
from leadflow.decisions.scoring_context import known_of
from leadflow.entities import ActedBy, Actor, LeadId, Task
from leadflow.events import Change
from leadflow.flow.effects import Program, save
from leadflow.flow.runner import Runner
from leadflow.flow.tasks import done

__all__ = ["do_account", "merge_accounts", "not_same_accounts", "unmerge_accounts"]

MEMBERS_LIMIT: Final = 1_000_000


def merge_accounts(runner: Runner, account: str, other: str, *, by: ActedBy) -> Program[AccountsLinked]:
    """Decide that two accounts are one company: the leads of ``other`` are in ``account`` from now on, new ones, too.

    Scores, roles and conditions of ``account`` see them; each keeps its company's own words. ``unmerge_accounts`` takes
    it back. Raises ``Refused`` if somebody decided that they are different, or ``other`` is part of a third one.
    """
    linked = yield from runner.settle(MergeAccounts(account, other, by=by))
    return linked.but(leads=(yield from _regroup(runner, linked.other, acting(by))))


def unmerge_accounts(runner: Runner, account: str, other: str, *, by: ActedBy) -> Program[AccountsLinked]:
    """Take the merge of ``other`` into ``account`` back: its leads are in it again, those captured since, too."""
    linked = yield from runner.settle(UnmergeAccounts(account, other, by=by))
    return linked.but(leads=(yield from _regroup(runner, linked.account, acting(by))))


def not_same_accounts(runner: Runner, account: str, other: str, *, by: ActedBy) -> Program[AccountsLinked]:
    """Decide that two accounts are different companies: they are not suggested any more, and can't be merged."""
    return (yield from runner.settle(NotSameAccounts(account, other, by=by)))


def do_account(runner: Runner, task: Task) -> Program[str | None]:
    """Put the leads of an account where it is part of by now; some came in while it was merged."""
    by = task.payload.get("by")
    yield from _regroup(runner, task.text("account"), Actor.model_validate(by))
    yield from save(Change(settle=(done(task),)))
    return None


def _regroup(runner: Runner, account: str, by: Actor) -> Program[int]:
    """Put every lead of an account where it belongs by the merges of now; return how many have moved."""
    key = account_key(account)
    found = yield from matching([key], MEMBERS_LIMIT)
    moved = 0
    for lead_id in found.get(key, ()):
        moved += yield from runner.until_saved(partial(_moved, runner, lead_id, by))
    return moved


def _moved(runner: Runner, lead_id: LeadId, by: Actor) -> Program[bool]:
    change = yield from runner.asked(_regrouped(runner, lead_id, CommandContext(now=runner.now(), by=by)))
    yield from runner.save(change)
    return not change.is_empty


def _regrouped(runner: Runner, lead_id: LeadId, moment: CommandContext) -> Asking[Change]:
    lead = (yield from readable([lead_id])).get(lead_id)
    if lead is None:
        return Change()
    draft = Draft.of(lead, runner.policy, moment)
    place(draft, (yield from present_accounts(account_bases(lead))), moment.by)
    if not draft.facts:
        return Change()
    follow_up(draft, (yield from known_of(runner.policy, draft.lead, moment.now)))
    return change_of(draft)
