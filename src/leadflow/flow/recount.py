"""Recounting: comparing the reps' ledgers with the leads during operation, and correcting them."""

from __future__ import annotations

import logging
from collections import defaultdict
from collections.abc import Collection, Mapping
from typing import Final, NamedTuple

from leadflow.decisions.arguments import flag_of
from leadflow.decisions.ledgers import is_readable, ledger_key
from leadflow.decisions.miscounts import Count, Miscount, miscount, put_right, recounted
from leadflow.decisions.reads import Asking, states
from leadflow.entities import LeadId, Task
from leadflow.errors import Stale
from leadflow.flow.effects import Program, save
from leadflow.flow.queries import lead_page
from leadflow.flow.runner import Runner
from leadflow.flow.tasks import tasks_listed
from leadflow.ports import State

__all__ = ["recount"]

_log = logging.getLogger("leadflow")

ALL_TASKS: Final = 1_000_000
ROUNDS: Final = 5
"""How often a count is repeated for reps with changes in the meantime."""


class _Tally(NamedTuple):
    """A count of all leads, the ledgers before it, and the reps without changes in the meantime."""

    counts: Mapping[str, Count]
    ledgers: Mapping[str, State]
    quiet: frozenset[str]

    def wrong(self, rep: str) -> Miscount | None:
        return miscount(rep, self.ledgers.get(rep), self.counts.get(rep, Count()))


def recount(runner: Runner, *, repair: bool = False) -> Program[tuple[Miscount, ...]]:
    """Count every rep's open leads again, and return the wrong ledgers: none, unless something broke.

    With ``repair`` each is corrected, unless somebody changes it at that moment or holds the rotation's lease: a
    process that died while routing blocks it for five seconds. Others may continue to work: a rep with changes during
    the count is counted again, up to five times, and then left for the next time, which is logged (``leadflow``). It
    goes through all leads; unreadable ones are not counted. Waiting tasks are included. Only ``open`` and ``assigned``
    are corrected, not the counts per day. ``str()`` of a ``Miscount`` is for people.
    """
    repair = flag_of("repair", repair)
    found: dict[str, Miscount] = {}
    sure: set[str] = set()
    left = set(runner.policy.router.reps if runner.policy.router is not None else ())
    for _ in range(ROUNDS):
        tally = yield from _tally(runner, left)
        left |= tally.counts.keys() - sure
        for rep in sorted(left & tally.quiet):
            wrong = tally.wrong(rep)
            if wrong is None:
                sure.add(rep)
            elif not repair or (yield from _repaired(runner, rep, tally)):
                sure.add(rep)
                found[rep] = wrong.but(repaired=repair)
        left -= sure
        if not left:
            break
    else:
        said = "leads of %d reps changed during every count, or the rotation was held; recount again"
        _log.warning(said, len(left))
    return tuple(found[rep] for rep in sorted(found))


def _tally(runner: Runner, reps: Collection[str]) -> Program[_Tally]:
    """Count all leads. A rep's leads change together with a task or the ledger: if neither changed, the count is exact.

    For reps on no roster that is known only from the next count on: their ledgers were not read before.
    """
    ledgers, tasks = (yield from _ledgers(reps)), (yield from _ledger_tasks())
    counts = recounted((), [one for some in tasks.values() for one in some], runner.policy.lifecycle)
    after: LeadId | None = None
    while page := (yield from lead_page(after)):
        counts = recounted(page, (), runner.policy.lifecycle, counts)
        after = page[-1].id
    tasks_now, ledgers_now = (yield from _ledger_tasks()), (yield from _ledgers(reps))

    def stood_still(rep: str) -> bool:
        return tasks.get(rep) == tasks_now.get(rep) and ledgers.get(rep) == ledgers_now.get(rep)

    return _Tally(counts, ledgers_now, frozenset(filter(stood_still, reps)))


def _ledgers(reps: Collection[str]) -> Asking[dict[str, State]]:
    found = yield from states([ledger_key(rep) for rep in sorted(reps)])
    return {rep: found[ledger_key(rep)] for rep in reps if ledger_key(rep) in found}


def _ledger_tasks() -> Program[dict[str, list[Task]]]:
    """Return the waiting ledger entries by rep; a lease does not count as a change."""
    by_rep: defaultdict[str, list[Task]] = defaultdict(list)
    for task in (yield from tasks_listed(limit=ALL_TASKS, kinds=["ledger"])):
        if not is_readable(task):
            _log.warning("task %s can't be read, and is not counted", task.key)
            continue
        by_rep[task.text("rep")].append(Task(key=task.key, kind=task.kind, due_at=task.due_at, payload=task.payload))
    return dict(by_rep)


def _repaired(runner: Runner, rep: str, tally: _Tally) -> Program[bool]:
    """Correct the ledger by the count; False if it has changed or is being written, so that the count is outdated."""
    change = put_right(rep, tally.ledgers.get(rep), tally.counts.get(rep, Count()))
    try:
        lease = yield from runner.rotation.stays_free()
        yield from save(change.but(states=(*change.states, lease)))
    except Stale:
        if not runner.lasting:
            raise
        return False
    _log.warning("the ledger of rep %s was wrong, and has been corrected", rep)
    return True
