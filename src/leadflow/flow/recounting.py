"""Whether the reps' ledgers tell what the leads do, while everybody goes on working; and their repair."""

from __future__ import annotations

import logging
from collections import defaultdict
from collections.abc import Collection, Mapping
from typing import Final, NamedTuple

from leadflow.decisions.given import flag_of
from leadflow.decisions.ledgers import is_readable, ledger_key
from leadflow.decisions.miscounts import Count, Miscount, miscount, put_right, recounted
from leadflow.entities import Task
from leadflow.errors import Stale
from leadflow.flow.reading import Reading
from leadflow.ports import State

__all__ = ["Recounting"]

_log = logging.getLogger("leadflow")

ALL_TASKS: Final = 1_000_000
ROUNDS: Final = 5
"""So often it is counted what somebody has moved meanwhile."""


class _Tally(NamedTuple):
    """A count of all leads, the ledgers as they were before it, and the reps of whom nothing moved meanwhile."""

    counts: Mapping[str, Count]
    ledgers: Mapping[str, State]
    quiet: frozenset[str]

    def wrong(self, rep: str) -> Miscount | None:
        return miscount(rep, self.ledgers.get(rep), self.counts.get(rep, Count()))


class Recounting(Reading):
    """The check of what the rotation counts."""

    def recount(self, *, repair: bool = False) -> tuple[Miscount, ...]:
        """Count every rep's open leads again, and return the ledgers that are wrong: none, unless something broke.

        With ``repair`` each is put right, unless somebody moves it at that moment. Others may go on working: a rep with
        whom something happened while it was counted is counted again, up to five times, and then left to the next time,
        which the log (``leadflow``) says. It walks through all leads; those that can't be read count for nobody. What
        still waits as a task is counted in. Only ``open`` and ``assigned`` are put right, not what was given today.
        ``str()`` of a ``Miscount`` is for people.
        """
        repair = flag_of("repair", repair)
        found: dict[str, Miscount] = {}
        sure: set[str] = set()
        left = set(self.policy.router.reps if self.policy.router is not None else ())
        for _ in range(ROUNDS):
            tally = self._tally(left)
            left |= tally.counts.keys() - sure
            for rep in sorted(left & tally.quiet):
                wrong = tally.wrong(rep)
                if wrong is None:
                    sure.add(rep)
                elif not repair or self._repaired(rep, tally):
                    sure.add(rep)
                    found[rep] = wrong.but(repaired=repair)
            left -= sure
            if not left:
                break
        else:
            _log.warning("leads of %d reps moved whenever they were counted; recount again", len(left))
        return tuple(found[rep] for rep in sorted(found))

    def _tally(self, reps: Collection[str]) -> _Tally:
        """Count all leads. A rep's lead moves together with a task or the ledger: where both stood still, it is exact.

        Of reps that are on no roster it is known only from the next count on: their ledgers were not read before it.
        """
        ledgers, tasks = self._ledgers(reps), self._ledger_tasks()
        counts = recounted(self.leads(), [one for some in tasks.values() for one in some], self.policy.lifecycle)
        tasks_now, ledgers_now = self._ledger_tasks(), self._ledgers(reps)

        def stood_still(rep: str) -> bool:
            return tasks.get(rep) == tasks_now.get(rep) and ledgers.get(rep) == ledgers_now.get(rep)

        return _Tally(counts, ledgers_now, frozenset(filter(stood_still, reps)))

    def _ledgers(self, reps: Collection[str]) -> dict[str, State]:
        states = self.storage.states([ledger_key(rep) for rep in sorted(reps)]) if reps else {}
        return {rep: states[ledger_key(rep)] for rep in reps if ledger_key(rep) in states}

    def _ledger_tasks(self) -> dict[str, list[Task]]:
        """Return what waits to be noted, by rep; a lease is nothing new."""
        by_rep: defaultdict[str, list[Task]] = defaultdict(list)
        for task in self.storage.tasks(limit=ALL_TASKS, kinds=["ledger"]):
            if not is_readable(task):
                _log.warning("task %s can't be read, and counts for nobody", task.key)
                continue
            by_rep[task.text("rep")].append(
                Task(key=task.key, kind=task.kind, due_at=task.due_at, payload=task.payload)
            )
        return dict(by_rep)

    def _repaired(self, rep: str, tally: _Tally) -> bool:
        """Put the ledger right as it was counted; False if it has moved: that is no more what is right."""
        try:
            self.storage.save(put_right(rep, tally.ledgers.get(rep), tally.counts.get(rep, Count())))
        except Stale:
            if not self._runner.lasting:
                raise
            return False
        _log.warning("the ledger of rep %s was wrong, and is put right", rep)
        return True
