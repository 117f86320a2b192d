"""Queries: leads, their scores and explanations, tasks, suppressions."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any, Final, NamedTuple, get_args

from leadflow.conditions import Condition, bind
from leadflow.data_quality import LeadQuality, quality_of
from leadflow.decisions.arguments import count_of, lead_id_of, line_of, moment_of, one_of
from leadflow.decisions.commands import suppression
from leadflow.decisions.explanation import EXPLAINED, Explanation, outlook_of
from leadflow.decisions.explanation import explain as explained
from leadflow.decisions.policy import CommandContext
from leadflow.decisions.reads import Asking, lead_with, leads_with
from leadflow.decisions.scoring_context import known_of
from leadflow.decisions.suppression import contact_points, suppressions
from leadflow.entities import Lead, LeadId, Score, Suppression, Task, TaskStatus
from leadflow.errors import Unreadable
from leadflow.flow.account_view import account_seen
from leadflow.flow.effects import Program, collected, emit, on_storage
from leadflow.flow.fact_pages import facts_of
from leadflow.flow.history import history_of
from leadflow.flow.runner import Fields, Runner
from leadflow.flow.tasks import tasks_listed
from leadflow.scoring import Outlook
from leadflow.stage_times import TimeInStage, stage_entries
from leadflow.stage_times import times_in_stage as times_of

__all__ = [
    "UnreadableLead",
    "explain",
    "get",
    "lead_page",
    "leads",
    "outlook",
    "quality",
    "score",
    "suppressed",
    "tasks",
    "times_in_stage",
    "unreadable",
]

PAGE: Final = 500


class UnreadableLead(NamedTuple):
    """A lead that can't be read under the current definitions; ``why`` quotes none of it."""

    lead_id: LeadId
    why: str


def get(runner: Runner[Fields], lead_id: LeadId) -> Asking[Lead[Fields]]:  # noqa: ARG001  (the same for all queries)
    """Return the lead; an absorbed id gives its survivor. Raises ``NotFound``."""
    return (yield from lead_with(lead_id_of("lead_id", lead_id)))


def leads(runner: Runner[Fields], stage: str | None = None) -> Program[None]:
    """Iterate over all leads (in this stage), in order of id, without loading them all."""
    if stage is not None:
        stage = runner.policy.lifecycle.stage(line_of("stage", stage)).name
    former = [old for old, name in runner.policy.lifecycle.present.items() if name == stage]
    after: LeadId | None = None
    while page := (yield from _page_in(after, stage, former)):
        for lead in page:
            yield from emit(lead)
        after = page[-1].id


def _page_in(after: LeadId | None, stage: str | None, former: Collection[str]) -> Program[list[Lead[Any]]]:
    """Return the next leads in a stage, also those that are stored in one whose place it took."""
    page = yield from lead_page(after, stage)
    for one in former:
        page = sorted([*page, *(yield from lead_page(after, one))], key=lambda lead: lead.id)[:PAGE]
    return page


def lead_page(after: LeadId | None, stage: str | None = None) -> Program[list[Lead[Any]]]:
    """Return the next leads, in order of id."""
    return (yield from on_storage(lambda storage: storage.scan(after, PAGE, stage)))


def unreadable(runner: Runner) -> Program[None]:  # noqa: ARG001  (the same for all queries)
    """Iterate over the leads that can't be read, which everything else leaves out: each with its id and the reason.

    ``why`` quotes none of the stored data. Such a lead becomes readable again under the definitions with which it was
    written; ``erase`` works on it, too.
    """
    after: LeadId | None = None
    while page := (yield from _id_page(after)):
        for one in (yield from _unreadable_of(page)):
            yield from emit(one)
        after = page[-1]


def _id_page(after: LeadId | None) -> Program[list[LeadId]]:
    return (yield from on_storage(lambda storage: storage.lead_ids(after, PAGE)))


def _unreadable_of(ids: Collection[LeadId]) -> Asking[list[UnreadableLead]]:
    try:
        yield from leads_with(ids)
    except Unreadable as error:
        return [UnreadableLead(one, str(error.wrong[one])) for one in ids if one in error.wrong]
    return []


def score(runner: Runner, lead_id: LeadId, at: datetime | None = None) -> Program[Score]:
    """Return the current score, or the one at a different moment by what is known now; nothing is written.

    ``lead.score`` is as of its ``at``, when it was last computed. Raises ``InvalidInput`` without a scoring model.
    """
    policy, lead = runner.policy, (yield from get(runner, lead_id))
    at = runner.now() if at is None else moment_of("at", at)
    return (yield from known_of(policy, lead, at)).score(policy, lead, at)


def times_in_stage(runner: Runner, lead_id: LeadId) -> Program[Mapping[str, TimeInStage]]:
    """Return for every stage of the lead the latest and the total time in it, and how often it was entered."""
    lead = yield from get(runner, lead_id)
    moves = yield from collected(facts_of(lead.id, kinds=["stage_changed"]))
    return times_of(stage_entries(moves, lead.created_at, runner.policy.lifecycle.present), runner.now())


def quality(runner: Runner, lead_id: LeadId, at: datetime | None = None) -> Program[LeadQuality]:
    """Measure how complete, valid and fresh the data of a lead is, now or ``at`` a moment, with every reason.

    Only ageing is foreseen or undone by another moment: the data is that of now.
    """
    lead = yield from lead_with(lead_id_of("lead_id", lead_id))
    return quality_of(lead, runner.now() if at is None else moment_of("at", at))


def explain(runner: Runner, lead_id: LeadId) -> Program[Explanation]:
    """Explain every point, every gate, every candidate and every message, with reasons.

    ``str()`` is for people, ``.text("de")`` the same in German, ``.model_dump_json()`` for programs.
    Includes what is missing for MQL and what would help, or until when a lead stays an MQL by ageing alone.
    """
    lead, moment = (yield from get(runner, lead_id)), CommandContext(now=runner.now())
    known = yield from known_of(runner.policy, lead, moment.now)
    listed = yield from runner.asked(suppressions(contact_points(lead.emails, lead.phones)))
    facts = yield from collected(history_of(runner, lead, EXPLAINED))
    tasks = yield from tasks_listed(lead_id=lead.id)
    account = (yield from runner.asked(account_seen(runner, lead.account))) if lead.account else None
    return explained(runner.policy, moment, lead, facts, known=known, listed=listed, tasks=tasks, account=account)


def outlook(runner: Runner, lead_id: LeadId, goal: Condition) -> Program[Outlook]:
    """Return what the lead lacks for a goal, such as ``field("score.fit") >= 40``, and what would reach it.

    If the goal is reached: until when, by ageing alone. Raises ``InvalidInput`` without a scoring model.
    """
    lead, moment = (yield from get(runner, lead_id)), CommandContext(now=runner.now())
    known = yield from known_of(runner.policy, lead, moment.now)
    return outlook_of(runner.policy, moment, lead, known, bind(goal, type(lead)))


def suppressed(runner: Runner, address: str, purpose: str | None = None) -> Program[tuple[Suppression, ...]]:
    """Return the suppressions of a mailbox or number, for one purpose or for any; empty if it is open.

    One that has been lifted for a single lead still applies to all others.
    """
    return (yield from runner.asked(suppression.suppressed(runner.policy, address, purpose)))


def tasks(
    runner: Runner,  # noqa: ARG001  (the same for all queries)
    status: TaskStatus | None = None,
    lead_id: LeadId | None = None,
    limit: int = 100,
) -> Program[list[Task]]:
    """Return the tasks that wait, are running, or have failed permanently (``dead``)."""
    if status is not None:
        one_of("status", status, get_args(TaskStatus))
    lead_id = None if lead_id is None else lead_id_of("lead_id", lead_id)
    return (yield from tasks_listed(status, lead_id, count_of("limit", limit)))
