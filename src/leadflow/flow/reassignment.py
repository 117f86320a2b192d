"""Leads that are handed on many at once: a rep leaves, is ill, or changes territory."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final, NamedTuple

from leadflow.decisions.arguments import acting, flag_of, line_of
from leadflow.decisions.commands.ownership import Assign, Unassign
from leadflow.decisions.commands.sales import SalesCommand
from leadflow.decisions.roster import check_actor, check_given_to, check_queue
from leadflow.entities import ActedBy, LeadId
from leadflow.errors import InvalidInput, LeadflowError, NotFound, Refused
from leadflow.flow.effects import Program
from leadflow.flow.group import carry_group
from leadflow.flow.runner import Runner
from leadflow.flow.search import Where, find

__all__ = ["Reassigned", "reassign"]

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
    if watch is not None and not callable(watch):
        raise InvalidInput("watch", watch, "give a function that takes how many were looked at by now")
    dry_run = flag_of("dry_run", dry_run)
    check_actor(runner.policy, acting(by))
    if to is not None:
        check_given_to(runner.policy, line_of("to", to))
    if queue is not None:
        check_queue(runner.policy, line_of("queue", queue))
    after: str | None = None
    handed_on, seen = Reassigned(), 0
    while True:
        page = yield from find(runner, where, order="id", limit=PAGE, after=after)
        commands = [_handed_on(lead.id, to, queue, by, reason) for lead in page]
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
