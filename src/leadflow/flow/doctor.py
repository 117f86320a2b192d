"""Looking through everything that is stored for what does not fit the definitions."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Final

from leadflow.decisions.feature_refresh import misplaced
from leadflow.decisions.misfits import Misfit, MisfitCounts
from leadflow.decisions.reads import leads_with, readable
from leadflow.entities import LeadId, Task
from leadflow.errors import InvalidInput, StorageError, Unreadable
from leadflow.flow.due_tasks import KINDS
from leadflow.flow.effects import Program, on_storage
from leadflow.flow.runner import Runner
from leadflow.flow.supported_tasks import kinds_for
from leadflow.flow.tasks import tasks_listed

__all__ = ["doctor"]

PAGE: Final = 500
ALL: Final = 1_000_000
LOOKED_AT: Final = 10_000
LEFT_AFTER: Final = timedelta(days=1)


def doctor(runner: Runner, *, watch: Callable[[int], object] | None = None) -> Program[tuple[Misfit, ...]]:
    """Return what is stored and does not fit the definitions, each with how often, example ids and what to do.

    Leads that can't be read; values kept aside, by field; stages, reps, sequences and steps that no longer exist;
    scores of another model or version; leads that are not stored under their account as it is computed now; tasks that
    this flow has no definition for and nobody has done for a day (of a subscriber that is gone, say; ten thousand are
    looked at); dead tasks. Empty means that everything fits. Nothing is written, and nothing that is stored is quoted
    but names. It goes through all leads, and calls ``watch`` with the number so far.
    """
    if watch is not None and not callable(watch):
        raise InvalidInput("watch", watch, "give a function that takes the number so far")
    found, seen = MisfitCounts(runner.policy), 0
    after: LeadId | None = None
    while ids := (yield from _ids(after)):
        wrong: Mapping[LeadId, StorageError] = {}
        try:
            leads = yield from leads_with(ids)
        except Unreadable as error:
            leads, wrong = dict(error.leads), error.wrong
        found.add_unreadable(one for one in ids if one in wrong)
        for asked, lead in leads.items():
            if lead.id == asked:
                found.add_misfits_of(lead)
        found.add_misplaced(sorted((yield from misplaced([lead for asked, lead in leads.items() if lead.id == asked]))))
        after, seen = ids[-1], seen + len(ids)
        if watch is not None:
            watch(seen)
    found.add_left((yield from _left(runner)))
    found.add_dead((yield from tasks_listed("dead", limit=ALL)))
    return found.listed()


def _left(runner: Runner) -> Program[list[Task]]:
    """Return waiting tasks that are overdue by a day, and that this flow can't do."""
    kinds = yield from kinds_for(runner, KINDS)
    waiting = yield from tasks_listed("waiting", limit=LOOKED_AT)
    lacking = [task for task in waiting if task.kind not in kinds]
    made = yield from readable([task.lead_id for task in lacking if task.lead_id is not None])
    overdue = runner.now() - LEFT_AFTER
    since = {task.key: made[task.lead_id].recorded_at for task in lacking if task.lead_id in made}
    return [task for task in lacking if max(task.due_at, since.get(task.key, task.due_at)) < overdue]


def _ids(after: LeadId | None) -> Program[list[LeadId]]:
    return (yield from on_storage(lambda storage: storage.lead_ids(after, PAGE)))
