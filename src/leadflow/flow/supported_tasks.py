"""Supported tasks: those for which a flow has the definition. All others are left to flows that have it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection
from datetime import datetime
from typing import Final

from leadflow.decisions.policy import Policy
from leadflow.flow.effects import Program
from leadflow.flow.runner import Runner
from leadflow.flow.tasks import tasks_listed

__all__ = ["CONSEQUENCES", "NEEDS", "kinds_for", "left_alone"]

LOOKED_AT: Final = 100
"""The number of due but unsupported tasks that are counted."""


NEEDS: Final[dict[str, Callable[[Policy], bool]]] = {
    "route": lambda policy: policy.router is not None,
    "offer": lambda policy: policy.router is not None,
    "cool": lambda policy: policy.moves_by_age,
    "qualify": lambda policy: policy.moves_by_age,
    "adjustment": lambda policy: policy.scoring is not None,
    "colleagues": lambda policy: policy.scoring is not None and policy.scoring.needs_account,
}
"""What tasks of a kind need; other kinds need only the lead."""
CONSEQUENCES: Final[dict[str, frozenset[str]]] = {
    "awaited": frozenset({"scoring", "qualification", "sequences"}),
    "revisit": frozenset({"scoring", "qualification"}),
}
"""The rules that act on tasks of a kind: a process that lacks rules which others have would lose their effects."""


def kinds_for(runner: Runner, all_kinds: Collection[str]) -> Program[frozenset[str]]:
    """Return the kinds that this flow has the rules, the mailer and the handlers for.

    Each sequence, subscriber and enricher is listed by name.
    """
    lacks = yield from _lacks(runner)
    can = {kind: NEEDS[kind](runner.policy) for kind in NEEDS}
    can |= {kind: lacks.isdisjoint(rules) for kind, rules in CONSEQUENCES.items()}
    anybody = [kind for kind in all_kinds if can.get(kind, True)]
    sequences = runner.policy.sequences.items()
    mailed = [name for name, one in sequences if runner.mailer is not None or one.channel != "email"]
    mailed_or_heard = [f"nurture:{name}" for name in mailed] + [f"notify:{name}" for name in runner.subscribers.names()]
    looked_up = [f"enrich:{name}" for name in runner.policy.enrichers]
    return frozenset((*anybody, *mailed_or_heard, *looked_up))


def _lacks(runner: Runner) -> Program[frozenset[str]]:
    """Return the rules that another process has and this one lacks."""
    return (yield from runner.known_rules()) - runner.rulebook.own


def left_alone(runner: Runner, now: datetime, kinds: Collection[str]) -> Program[tuple[tuple[str, int], ...]]:
    """Return the kinds of due but unsupported tasks, with their numbers among the first ones.

    Tasks with an expired lease are due, too. Leads wait for a router if any process has one.
    """
    ours = {*kinds} if "router" in (yield from _lacks(runner)) else {*kinds, "route", "offer"}
    waiting = yield from tasks_listed("waiting", limit=LOOKED_AT)
    leased = yield from tasks_listed("leased", limit=LOOKED_AT)
    due = [task for task in waiting if task.due_at <= now]
    due += [task for task in leased if task.leased_until is not None and task.leased_until <= now]
    return tuple(sorted(Counter(task.kind for task in due if task.kind not in ours).items()))
