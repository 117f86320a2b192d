"""Whether the reps' ledgers tell what the leads do."""

from __future__ import annotations

from typing import Final

from leadflow.decisions.ledgers import Miscount, ledger_key, ledger_of, miscounts, recounted
from leadflow.flow.reading import Reading

__all__ = ["Recounting"]

ALL_TASKS: Final = 1_000_000


class Recounting(Reading):
    """The check of what the rotation counts."""

    def recount(self) -> tuple[Miscount, ...]:
        """Count every rep's open leads again, and return the ledgers that are wrong: none, unless something broke.

        It walks through all leads. What still waits as a task is counted in. Run it while nobody writes: a lead that
        moves meanwhile may be counted twice. ``str()`` of a ``Miscount`` is for people.
        """
        tasks = self.storage.tasks(limit=ALL_TASKS)
        counts = recounted(self.leads(), tasks, self.policy.lifecycle)
        reps = {*counts, *(self.policy.router.reps if self.policy.router is not None else ())}
        states = self.storage.states([ledger_key(rep) for rep in sorted(reps)])
        return miscounts(counts, {rep: ledger_of(rep, states.get(ledger_key(rep))) for rep in reps})
