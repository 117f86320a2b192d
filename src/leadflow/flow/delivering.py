"""Facts for the host's subscribers: at least once, each subscriber and fact on its own."""

from __future__ import annotations

from collections.abc import Callable
from itertools import takewhile
from typing import TypeVar

from leadflow.decisions.policy import AT_ONCE
from leadflow.entities import Task
from leadflow.errors import DefinitionError, Refused
from leadflow.events import Change, Fact
from leadflow.flow.core import Subscriber
from leadflow.flow.tasks import Tasks, done

__all__ = ["Delivering"]

FEW = 50
"""So many facts at a time: a Change writes few, and a lead may have 100,000 after them."""
F = TypeVar("F", bound=Fact)


class Delivering(Tasks):
    """One task for each Change, then one for each of its facts and subscribers."""

    def on(self, fact: type[F], handler: Callable[[F], object], *, name: str) -> None:
        """Call ``handler`` for every fact of this class, at least once, from ``tick``; ``name`` must stay the same.

        Every process that ticks must know the same subscribers. A handler that raises is tried again, later and later.
        """
        if name in self._subscribers or not name or ":" in name:
            raise DefinitionError(f"subscriber name {name!r} is taken, empty or has a colon; give each its own")
        if not (isinstance(fact, type) and issubclass(fact, Fact)):
            raise DefinitionError(f"{fact!r} is no class of facts; give one such as StageChanged")
        self._subscribers[name] = Subscriber(fact, handler)

    def _heard(self, task: Task) -> bool:
        kinds = task.payload.get("kinds")
        listed = kinds if isinstance(kinds, list) else []
        return any(_kind(one.fact) in (*listed, None) for one in self._subscribers.values())

    def _do_deliver(self, task: Task) -> None:
        """Make one task for each fact and subscriber, so that each is tried on its own."""
        put = tuple(
            Task(
                key=f"notify:{name}:{fact.lead_id}:{fact.version:08}:{fact.seq:04}",
                kind="notify",
                due_at=AT_ONCE,
                lead_id=fact.lead_id,
                payload={"subscriber": name, "version": fact.version, "seq": fact.seq},
            )
            for fact in self._facts_of(task)
            for name, one in self._subscribers.items()
            if isinstance(fact, one.fact)
        )
        self.storage.save(Change(put=put, settle=(done(task),)))

    def _do_notify(self, task: Task) -> None:
        name = task.text("subscriber")
        if name not in self._subscribers:
            raise Refused(
                f"{task.key}: this process has no such subscriber; every process that ticks must call flow.on for it"
            )
        for fact in self._facts_of(task):
            if fact.seq == task.number("seq"):
                self._subscribers[name].handler(fact)
        self.storage.save(Change(settle=(done(task),)))

    def _facts_of(self, task: Task) -> list[Fact]:
        version = task.number("version")
        later = self._facts(task.lead_id or "", version - 1, page=FEW)
        return list(takewhile(lambda fact: fact.version == version, later))


def _kind(fact: type[Fact]) -> str | None:
    """Return the kind that a class of facts has; None for the base class, which stands for all."""
    default = fact.model_fields["kind"].default
    return default if isinstance(default, str) else None
