"""Rescoring the leads of an account after one of them has changed."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import replace

from leadflow.decisions.deadlines import look_again
from leadflow.decisions.policy import CommandContext
from leadflow.decisions.reads import leads_with
from leadflow.decisions.scoring_context import Colleague, colleagues_of, engagement_of
from leadflow.entities import Task
from leadflow.errors import Stale, Taken
from leadflow.events import Change
from leadflow.flow.effects import Program, save
from leadflow.flow.runner import Runner
from leadflow.flow.tasks import done

__all__ = ["do_colleagues"]

_log = logging.getLogger("leadflow")


def do_colleagues(runner: Runner, task: Task) -> Program[str | None]:
    """Rescore the leads of an account after one of them has changed.

    The account is read once: a lead that changes meanwhile puts the task again. One that can't be scored does not
    affect the others; its error is raised at the end.
    """
    moment = CommandContext(now=runner.now())
    of_account = yield from runner.asked(colleagues_of(runner.policy, [task.text("of")], moment.now))
    wrong: list[Exception] = []
    for one in of_account:
        others = [other for other in of_account if other is not one]
        try:
            yield from _scored_anew(runner, one, others, moment)
        except (Stale, Taken):
            raise
        except Exception as error:  # noqa: BLE001  # the host's own fields and rules may raise anything
            _log.warning("lead %s of an account can't be scored: %s", one.lead.id, type(error).__name__)
            wrong.append(error)
    if wrong:
        raise wrong[0]
    yield from save(Change(settle=(done(task),)))
    return None


def _scored_anew(runner: Runner, one: Colleague, others: Sequence[Colleague], moment: CommandContext) -> Program[None]:
    def attempt() -> Program[None]:
        lead, known = (yield from leads_with([one.lead.id])).get(one.lead.id), one.known
        if lead is None or runner.policy.scoring is None:
            return
        if lead.version != one.lead.version:
            (known,) = yield from runner.asked(engagement_of([lead], runner.policy.scoring, moment.now))
        yield from runner.save(
            look_again(runner.policy, moment, lead, replace(known, colleagues=others, account_read=one.lead.account))
        )

    yield from runner.until_saved(attempt)
