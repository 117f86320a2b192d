"""Which tasks a flow can do: those that it has a definition for. All others are left to who has it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection
from datetime import datetime
from typing import Final

from leadflow.decisions.policy import Policy
from leadflow.flow.core import Core
from leadflow.scoring import ScoringModel

__all__ = ["Defined"]

LOOKED_AT: Final = 100
"""So many of the tasks that are due and left alone are counted."""


def _looks_at_account(model: ScoringModel | None) -> bool:
    return model is not None and model.looks_at_account


NEEDS: Final[dict[str, Callable[[Policy], bool]]] = {
    "route": lambda policy: policy.router is not None,
    "cool": lambda policy: policy.moves_by_age,
    "qualify": lambda policy: policy.moves_by_age,
    "adjustment": lambda policy: policy.scoring is not None,
    "colleagues": lambda policy: _looks_at_account(policy.scoring),
}
"""What tasks of a kind need; the other kinds need nothing but the lead."""
CONSEQUENCES: Final[dict[str, frozenset[str]]] = {
    "awaited": frozenset({"scoring", "qualification", "sequences"}),
    "revisit": frozenset({"scoring", "qualification"}),
}
"""What draws consequences from tasks of a kind: a process that lacks what another has would lose them."""


class Defined(Core):
    """The kinds of tasks that this flow has the rules, the mailer and the handlers for."""

    def _kinds(self, all_kinds: Collection[str]) -> frozenset[str]:
        """Return the kinds that it can do, each sequence and subscriber by its name."""
        lacks = self._lacks()
        can = {kind: NEEDS[kind](self.policy) for kind in NEEDS}
        can |= {kind: lacks.isdisjoint(rules) for kind, rules in CONSEQUENCES.items()}
        anybody = [kind for kind in all_kinds if can.get(kind, True)]
        sequences = self.policy.sequences.items()
        mailed = [name for name, one in sequences if self.mailer is not None or one.channel != "email"]
        named = [f"nurture:{name}" for name in mailed] + [f"notify:{name}" for name in self._subscribers.names()]
        return frozenset((*anybody, *named))

    def _lacks(self) -> frozenset[str]:
        """Return the rules that another process has, and this one has not."""
        return self._do(self._runner.known_rules()) - self._runner.rulebook.own

    def _left_alone(self, now: datetime, kinds: Collection[str]) -> tuple[tuple[str, int], ...]:
        """Return what is due and of no kind of ours, with how many there are among the first.

        What somebody had leased who did not come back is due, too. Leads wait for a router where there is one anywhere.
        """
        ours = {*kinds} if "router" in self._lacks() else {*kinds, "route"}
        waiting = (task for task in self.storage.tasks("waiting", limit=LOOKED_AT) if task.due_at <= now)
        leased = self.storage.tasks("leased", limit=LOOKED_AT)
        lapsed = (task for task in leased if task.leased_until is not None and task.leased_until <= now)
        return tuple(sorted(Counter(task.kind for task in (*waiting, *lapsed) if task.kind not in ours).items()))
