"""Withdrawal of a source: everything that it has said of any lead is taken back."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final, NamedTuple, TypeAlias

from leadflow.conditions import condition_from, field
from leadflow.decisions.arguments import acting, flag_of, line_of
from leadflow.decisions.commands.enrichment import WithdrawEnrichment
from leadflow.decisions.enrichment import Enriched
from leadflow.decisions.roster import check_actor
from leadflow.entities import ActedBy, LeadId
from leadflow.errors import InvalidInput, LeadflowError, NotFound, Refused
from leadflow.flow.effects import Program
from leadflow.flow.group import carry_group
from leadflow.flow.runner import Runner
from leadflow.flow.search import Where, find

__all__ = ["SourceWithdrawal", "withdraw_source"]

PAGE: Final = 50
_Outcome: TypeAlias = tuple[Enriched | None, LeadflowError | None]


class SourceWithdrawal(NamedTuple):
    """Of how many leads a source was taken back, and how many of their values changed; which were refused, and why."""

    leads: int = 0
    values: int = 0
    refused: tuple[tuple[LeadId, str], ...] = ()


def withdraw_source(
    runner: Runner,
    source: str,
    *,
    by: ActedBy,
    where: Where = None,
    reason: str | None = None,
    dry_run: bool = False,
    watch: Callable[[int], object] | None = None,
) -> Program[SourceWithdrawal]:
    """Take back what a source has said, of all leads or of those for which a condition is true.

    What was before it is there again: a blank, or what another source says. ``dry_run`` counts and writes nothing.
    ``watch`` is called with the number of leads so far. Interrupted, run it again: it does the rest.
    """
    check_actor(runner.policy, acting(by))
    source, dry_run = line_of("source", source, 200), flag_of("dry_run", dry_run)
    if watch is not None and not callable(watch):
        raise InvalidInput("watch", watch, "give a function that takes how many leads were looked at by now")
    theirs = field("enrichments.source").contains(source)
    asked = theirs if where is None else theirs & condition_from(where)
    leads, values, after = 0, 0, None
    refused: list[tuple[LeadId, str]] = []
    while True:
        page = yield from find(runner, asked, order="id", limit=PAGE, after=after)
        commands = [WithdrawEnrichment(lead.id, source, by=by, reason=reason) for lead in page]
        results = yield from (_foretold(runner, commands) if dry_run else _withdrawn(runner, commands))
        for command, (answer, error) in zip(commands, results, strict=True):
            if answer is None:
                refused.append((command.lead_id, str(error)))
            elif not answer.repeated:
                leads, values = leads + 1, values + len(answer.changed)
        if watch is not None and commands:
            watch(leads)
        if page.next is None:
            return SourceWithdrawal(leads, values, tuple(refused))
        after = page.next


def _withdrawn(runner: Runner, commands: list[WithdrawEnrichment]) -> Program[list[_Outcome]]:
    carried = yield from carry_group(runner, list(enumerate(commands)))
    return [(one.answer, one.error) for one in carried]


def _foretold(runner: Runner, commands: list[WithdrawEnrichment]) -> Program[list[_Outcome]]:
    outcomes: list[_Outcome] = []
    for command in commands:
        try:
            outcomes.append(((yield from runner.decided(command, runner.now())).result, None))
        except (Refused, NotFound) as error:
            outcomes.append((None, error))
    return outcomes
