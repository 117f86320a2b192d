"""Leads that are handed on many at once: a rep leaves, is ill, or changes territory."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Final, NamedTuple

from leadflow.conditions import field
from leadflow.decisions.arguments import acting, flag_of, line_of
from leadflow.decisions.commands.ownership import Assign, HandOver, Unassign
from leadflow.decisions.commands.sales import SalesCommand
from leadflow.decisions.handover import is_open, way_of
from leadflow.decisions.policy import Policy
from leadflow.decisions.roster import check_actor, check_given_to, check_queue, nearest, why_absent
from leadflow.entities import ActedBy, Lead, LeadId
from leadflow.errors import InvalidInput, LeadflowError, NotFound, Refused
from leadflow.flow.effects import Program
from leadflow.flow.group import carry_group
from leadflow.flow.runner import Runner
from leadflow.flow.search import Where, count, find

__all__ = ["Reassigned", "hand_over", "reassign"]

PAGE: Final = 50


class Reassigned(NamedTuple):
    """How many leads were handed on, and which were refused, each with the reason."""

    leads: int = 0
    refused: tuple[tuple[LeadId, str], ...] = ()


def reassign(
    runner: Runner,
    where: Where,
    *,
    to: str | None = None,
    queue: str | None = None,
    by: ActedBy,
    reason: str,
    dry_run: bool = False,
    watch: Callable[[int], object] | None = None,
) -> Program[Reassigned]:
    """Hand on all leads for which a condition is true: ``to`` a rep, into a ``queue``, or (neither) to the rotation.

    ``where=(field("owner") == "anna") & field("stage").is_in("mql", "sal")`` are open leads of a rep who leaves. Each
    is handed on as by ``assign`` or ``unassign``; one that is refused stays, and is reported. ``dry_run`` writes
    nothing and counts what would be handed on or refused. ``watch`` is called with the number that were looked at.
    Interrupted, run it again: who has left the condition is passed over.
    """
    if to is not None and queue is not None:
        raise InvalidInput("queue", queue, "give a rep or a queue, not both")
    check_actor(runner.policy, acting(by))
    if to is not None:
        check_given_to(runner.policy, line_of("to", to))
    if queue is not None:
        check_queue(runner.policy, line_of("queue", queue))
    return (yield from _each_of(runner, where, lambda lead: _handed_on(lead.id, to, queue, by, reason), dry_run, watch))


def hand_over(
    runner: Runner,
    rep: str | None = None,
    *,
    by: ActedBy,
    reason: str | None = None,
    dry_run: bool = False,
    watch: Callable[[int], object] | None = None,
) -> Program[Reassigned]:
    """Hand on the open leads of a rep who is away or gone (or of all such reps), as the router's ``handover`` says.

    Open are leads for sales, and customers with an open deal. Whoever comes back finds what is still theirs, and gets
    nothing back. The rest is as with ``reassign``; run it daily, or when somebody leaves. ``InvalidInput`` for a rep
    who is there, or whom neither the roster nor a lead knows.
    """
    policy, now = runner.policy, runner.now()
    if policy.router is None:
        raise InvalidInput("router", None, "give LeadFlow a router: it says who is there, and where leads go")
    check_actor(policy, acting(by))
    counted = yield from count(runner, None, by="owner")
    owners: set[str] = {one for one in counted if one is not None} if isinstance(counted, dict) else set()
    if rep is not None:
        rep = line_of("rep", rep)
        if rep not in owners | policy.roster:
            raise InvalidInput("rep", rep, f"nobody is called so; {nearest(rep, owners | policy.roster)}")
        if why_absent(policy, rep, now) is None:
            raise InvalidInput("rep", rep, "this rep is there; give who is away or gone, or use flow.reassign")
    stages = [one.name for one in policy.lifecycle.stages if one.kind in ("marketing", "sales", "customer")]
    handed_on = Reassigned()
    for owner in sorted(owners if rep is None else {rep}):
        if why_absent(policy, owner, now) is None or way_of(policy, owner) == "keep":
            continue
        theirs = (field("owner") == owner) & field("stage").is_in(*stages)
        some = yield from _each_of(runner, theirs, _leaving(policy, owner, by, reason), dry_run, watch)
        handed_on = Reassigned(handed_on.leads + some.leads, (*handed_on.refused, *some.refused))
    return handed_on


def _leaving(policy: Policy, owner: str, by: ActedBy, reason: str | None) -> Callable[[Lead[Any]], SalesCommand | None]:
    return lambda lead: HandOver(lead.id, owner, by=by, reason=reason) if is_open(policy, lead) else None


def _each_of(
    runner: Runner,
    where: Where,
    command_for: Callable[[Lead[Any]], SalesCommand | None],
    dry_run: bool,
    watch: Callable[[int], object] | None,
) -> Program[Reassigned]:
    """Carry out, or foretell, a command for each lead for which the condition is true, page by page."""
    if watch is not None and not callable(watch):
        raise InvalidInput("watch", watch, "give a function that takes how many were looked at by now")
    dry_run = flag_of("dry_run", dry_run)
    after: str | None = None
    handed_on, seen = Reassigned(), 0
    while True:
        page = yield from find(runner, where, order="id", limit=PAGE, after=after)
        commands = [command for lead in page if (command := command_for(lead)) is not None]
        errors = yield from (_foreseen(runner, commands) if dry_run else _carried_out(runner, commands))
        refused = [(command.lead_id, str(error)) for command, error in zip(commands, errors, strict=True) if error]
        handed_on = Reassigned(handed_on.leads + errors.count(None), (*handed_on.refused, *refused))
        seen += len(commands)
        if watch is not None and commands:
            watch(seen)
        if page.next is None:
            return handed_on
        after = page.next


def _handed_on(lead_id: LeadId, to: str | None, queue: str | None, by: ActedBy, reason: str) -> SalesCommand:
    if to is not None:
        return Assign(lead_id, to, by=by, reason=reason)
    return Unassign(lead_id, queue, by=by, reason=reason)


def _foreseen(runner: Runner, commands: Sequence[SalesCommand]) -> Program[list[LeadflowError | None]]:
    errors: list[LeadflowError | None] = []
    for command in commands:
        try:
            yield from runner.decided(command, runner.now())
        except (Refused, InvalidInput, NotFound) as error:
            errors.append(error)
        else:
            errors.append(None)
    return errors


def _carried_out(runner: Runner, commands: Sequence[SalesCommand]) -> Program[list[LeadflowError | None]]:
    return [result.error for result in (yield from carry_group(runner, list(enumerate(commands))))]
