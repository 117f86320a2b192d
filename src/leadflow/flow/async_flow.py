"""AsyncLeadFlow: the interface for asynchronous hosts. The same commands and programs, run in an event loop."""

from __future__ import annotations

from collections.abc import AsyncIterator, Coroutine, Iterable, Mapping
from typing import Any, TypeVar, overload

from leadflow.decisions.answers import Answer
from leadflow.decisions.capture import Captured
from leadflow.decisions.commands import (
    accounts,
    adjustment,
    enrichment,
    intake,
    merges,
    ownership,
    pairs,
    permission,
    retraction,
    sales,
    suppression,
)
from leadflow.decisions.commands.command import Command
from leadflow.decisions.commands.intake import Capture, Record, Visit
from leadflow.decisions.tracking import Recorded
from leadflow.errors import InvalidInput, LeadflowError
from leadflow.flow import (
    account_merges,
    account_suggestions,
    account_view,
    bulk_merges,
    custom_migration,
    dead_letters,
    doctor,
    due_tasks,
    enrichment_tasks,
    feature_refresh,
    health,
    lookups,
    queries,
    reassignment,
    recount,
    rescore,
    retirement,
    search,
    source_withdrawal,
    twins,
)
from leadflow.flow import history as histories
from leadflow.flow.async_drivers import AsyncPorts, carried_out_async
from leadflow.flow.async_verbs import command, fact_stream, lead_stream, program, stream, wish
from leadflow.flow.base import Flow
from leadflow.flow.effects import Program
from leadflow.flow.group import CommandResult, captures, carry_group, groups
from leadflow.flow.queries import UnreadableLead
from leadflow.flow.runner import Fields, Runner
from leadflow.flow.search import Where
from leadflow.ports import AsyncMailer, AsyncStorage, Mailer

__all__ = ["AsyncLeadFlow"]

R = TypeVar("R", bound=Answer)
T = TypeVar("T")

GROUP = 25
"""The number of commands that are decided together before other tasks of the loop get their turn."""


class AsyncLeadFlow(Flow[AsyncStorage, AsyncMailer | Mailer, Fields]):
    """``LeadFlow`` in an event loop: the same rules, commands and answers, over an ``AsyncStorage``, awaited.

    Iterators are used with ``async for``. A ``mailer`` and subscribers may be asynchronous; others are called in
    threads. A cancelled command is written completely or not at all; a cancelled ``tick`` returns the tasks that it has
    not begun, and a message that may have been sent is ``uncertain`` once its lease has expired.
    """

    _awaits = True

    def _do(self, program: Program[T]) -> Coroutine[Any, Any, T]:
        return carried_out_async(program, AsyncPorts(self.storage))

    async def run(self, command: Command[R]) -> R:
        """Carry out a command that was made as a value: ``await flow.run(Capture({…}, source="fair"))``."""
        if not isinstance(command, Command):
            raise InvalidInput("command", command, "give a command, such as Record(lead_id, 'page_viewed')")
        return await self._do(self._runner.run(command))

    def run_many(self, commands: Iterable[Command[R]], *, group: int = GROUP) -> AsyncIterator[CommandResult[R]]:
        """Carry out many commands, ``group`` at a time, and yield the result of each, in order.

        As ``LeadFlow.run_many``; between groups, and whenever the storage is awaited, other tasks of the loop continue.
        """
        return self._carried(commands, group)

    async def _carried(
        self, commands: Iterable[Command[R] | LeadflowError], group: int
    ) -> AsyncIterator[CommandResult[R]]:
        for some in groups(commands, group):
            for result in await self._do(carry_group(self._runner, some)):
                yield result

    def capture_many(
        self, rows: Iterable[Mapping[str, object] | Capture], *, source: str | None = None, group: int = GROUP
    ) -> AsyncIterator[CommandResult[Captured]]:
        """Capture many submissions, as ``LeadFlow.capture_many`` does."""
        return self._carried(captures(rows, source), group)

    def record_many(
        self, rows: Iterable[Record | Visit], *, group: int = GROUP
    ) -> AsyncIterator[CommandResult[Recorded]]:
        """Record many activities, as ``LeadFlow.record_many`` does."""
        return self.run_many(rows, group=group)

    # intake: something new becomes known of a person
    capture = command(intake.Capture)
    identify = command(intake.identify)
    visit = command(intake.Visit)
    record = command(intake.Record)
    correct = command(intake.Correct)
    retract = command(retraction.Retract)

    # what sources know, beside what people said
    enrich = command(enrichment.Enrich)
    look_up = program(enrichment_tasks.look_up)
    look_up_all = program(enrichment_tasks.look_up_all)
    enrichers = program(enrichment_tasks.enrichers)
    withdraw_enrichment = command(enrichment.WithdrawEnrichment)
    withdraw_source = program(source_withdrawal.withdraw_source)

    # two leads that are probably one person
    twins = program(twins.twins)
    merge = command(merges.Merge)
    merge_all = program(bulk_merges.merge_all)
    unmerge = command(merges.Unmerge)
    not_same = command(pairs.NotSame)
    give_held = command(pairs.GiveHeld)

    # accounts: leads of one company
    account = program(account_view.account)
    find_accounts = program(account_view.find_accounts)
    suggest_accounts = program(account_suggestions.suggest_accounts)
    set_account = command(accounts.SetAccount)
    place_all = program(account_suggestions.place_all)
    merge_accounts = program(account_merges.merge_accounts)
    unmerge_accounts = program(account_merges.unmerge_accounts)
    not_same_accounts = program(account_merges.not_same_accounts)

    # permission
    consent = command(permission.GiveWord)
    unsubscribe = command(permission.Unsubscribe)
    complain = command(permission.Complain)
    erase = command(permission.Erase)
    suppress = wish(suppression.Suppress)
    unsuppress = wish(suppression.Unsuppress)

    # moves by marketing and sales
    move = command(sales.MakeMove)
    qualify = command(sales.qualify)
    accept = command(sales.Accept)
    reject = command(sales.reject)
    confirm = command(sales.confirm)
    recycle = command(sales.recycle)
    step_back = command(sales.step_back)
    fast_track = command(sales.fast_track)
    promote = command(sales.promote)
    settle = command(sales.settle)
    lapse = command(sales.lapse)
    disqualify = command(sales.disqualify)
    reopen = command(sales.reopen)
    open_deal = command(sales.OpenDeal)
    change_deal = command(sales.ChangeDeal)
    reopen_deal = command(sales.ReopenDeal)
    win = command(sales.Win)
    lose = command(sales.Lose)
    assign = command(ownership.Assign)
    unassign = command(ownership.Unassign)
    reassign = program(reassignment.reassign)
    hand_over = program(reassignment.hand_over)
    adjust = command(adjustment.Adjust)
    withdraw_adjustment = command(adjustment.WithdrawAdjustment)

    # looking
    get = program(queries.get)
    by_email = program(lookups.by_email)
    by_phone = program(lookups.by_phone)
    by_external_id = program(lookups.by_external_id)
    by_visitor = program(lookups.by_visitor)
    leads = lead_stream(queries.leads)
    unreadable = stream(UnreadableLead, queries.unreadable)
    doctor = program(doctor.doctor)
    score = program(queries.score)
    explain = program(queries.explain)
    quality = program(queries.quality)
    outlook = program(queries.outlook)
    times_in_stage = program(queries.times_in_stage)
    history = fact_stream(histories.history)
    messages = program(histories.messages)
    as_of = program(histories.as_of)
    export = stream(dict[str, Any], histories.export)
    held = program(histories.held)
    suppressed = program(queries.suppressed)
    answered = program(Runner.is_answered)

    # finding
    find = program(search.find)
    first = program(search.first)

    @overload
    async def count(self, where: Where = None, by: None = None) -> int: ...
    @overload
    async def count(self, where: Where = None, *, by: str) -> dict[Any, int]: ...
    @overload
    async def count(self, where: Where, by: str) -> dict[Any, int]: ...
    async def count(self, where: Where = None, by: str | None = None) -> int | dict[Any, int]:
        """Count the leads for which a condition is true; with ``by``, per value of that field, most leads first.

        Leads without a value are counted under None.
        """
        return await self._do(search.count(self._runner, where, by))

    # tasks: what happens later or elsewhere
    route = program(Runner.route)
    tick = program(due_tasks.tick)
    run_due = program(due_tasks.run_due)
    tasks = program(queries.tasks)
    health = program(health.health)
    retry = program(dead_letters.retry)
    dismiss = program(dead_letters.dismiss)
    retire = program(retirement.retire)
    recount = program(recount.recount)
    rescore = program(rescore.rescore)
    refresh_features = program(feature_refresh.refresh_features)
    migrate_custom = program(custom_migration.migrate_custom)
