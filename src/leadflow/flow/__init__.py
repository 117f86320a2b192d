"""LeadFlow: the interface for hosts. It reads, runs decisions, and saves."""

from __future__ import annotations

from typing import Any, overload

from leadflow.decisions.adjustments import Adjusted
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
from leadflow.decisions.commands.merges import Merged, Unmerged
from leadflow.decisions.commands.pairs import ToldApart
from leadflow.decisions.commands.retraction import Retracted
from leadflow.decisions.enrichment import Enriched
from leadflow.decisions.explanation import Explanation
from leadflow.decisions.merge_choices import MergedField, Survivorship
from leadflow.decisions.message_log import MessageFate
from leadflow.decisions.miscounts import Miscount
from leadflow.decisions.steps import Moved
from leadflow.decisions.tracking import Corrected, Recorded
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
from leadflow.flow.bulk_merges import MergedAll, MergeRefusal
from leadflow.flow.core import Core
from leadflow.flow.due_tasks import Ticked
from leadflow.flow.group import CommandResult
from leadflow.flow.queries import UnreadableLead
from leadflow.flow.runner import Fields, Runner
from leadflow.flow.search import Where
from leadflow.flow.source_withdrawal import SourceWithdrawal
from leadflow.flow.twins import TwinPage, TwinPair
from leadflow.flow.verbs import command, fact_stream, lead_stream, program, stream, wish

__all__ = [
    "Adjusted",
    "Captured",
    "CommandResult",
    "Corrected",
    "Enriched",
    "Explanation",
    "LeadFlow",
    "MergeRefusal",
    "Merged",
    "MergedAll",
    "MergedField",
    "MessageFate",
    "Miscount",
    "Moved",
    "Recorded",
    "Retracted",
    "SourceWithdrawal",
    "Survivorship",
    "Ticked",
    "ToldApart",
    "TwinPage",
    "TwinPair",
    "Unmerged",
    "UnreadableLead",
]


class LeadFlow(Core[Fields]):
    """The whole journey of your leads, with your rules, on your storage and mail server.

    Only a ``storage`` is required. ``scoring``, ``qualification``, ``router``, ``sequences`` with ``contents``, and
    ``service_levels`` are your rules; each is checked here, once, against the lead with your ``custom`` fields.
    ``secrets`` (the newest first; keep the old ones) sign unsubscribe links and hash suppressed addresses; without
    them a key in the storage is used, which is weaker: whoever has the database has the key. ``delivers=False``
    writes no deliveries: use it if no process subscribes to facts. ``clock`` and ``new_id`` are for tests.

    ``by`` is a rep's id, or an ``Actor`` for everybody else: ``Actor(kind="marketing", id="eva")``. Every command
    accepts a ``key``: given twice with one key it is carried out once. Commands raise ``Refused`` if they can't be
    carried out, ``InvalidInput`` for a value that can't be used, ``NotFound`` for an unknown id, and ``StorageError``
    if they collide with others for longer than ``budget``; nothing is written then.
    """

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
    def count(self, where: Where = None, by: None = None) -> int: ...
    @overload
    def count(self, where: Where = None, *, by: str) -> dict[Any, int]: ...
    @overload
    def count(self, where: Where, by: str) -> dict[Any, int]: ...
    def count(self, where: Where = None, by: str | None = None) -> int | dict[Any, int]:
        """Count the leads for which a condition is true; with ``by``, per value of that field, most leads first.

        Leads without a value are counted under None.
        """
        return self._do(search.count(self._runner, where, by))

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
