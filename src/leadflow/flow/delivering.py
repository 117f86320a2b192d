"""Facts for the host's subscribers: at least once, each subscriber and fact on its own."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import takewhile
from typing import TypeVar

from leadflow.decisions.policy import AT_ONCE
from leadflow.entities import Task
from leadflow.errors import DefinitionError, shown
from leadflow.events import Change, Fact
from leadflow.flow.subscribers import Subscriber
from leadflow.flow.tasks import Tasks, done

__all__ = ["Delivering"]

FEW = 50
"""So many facts at a time: a Change writes few, and a lead may have 100,000 after them."""
F = TypeVar("F", bound=Fact)


class Delivering(Tasks):
    """One task for each Change, then one for each of its facts and subscribers, which waits for who has the handler."""

    def on(self, fact: type[F], handler: Callable[[F], object], *, name: str) -> None:
        """Call ``handler`` for every fact of this class, at least once, from ``tick``; ``name`` must stay the same.

        The storage remembers the name: from the next write on, what this subscriber is to hear waits for a process that
        has it, whoever ticks; one that is there no more is ended with ``flow.retire("notify:NAME")``. A handler that
        raises is tried again, later and later.
        """
        if not (isinstance(fact, type) and issubclass(fact, Fact)):
            raise DefinitionError(f"{shown(fact)} is no class of facts; give one such as StageChanged")
        if not callable(handler):
            raise DefinitionError(f"handler {shown(handler)} can't be called; give a function that takes a fact")
        self._subscribers.add(name, Subscriber(fact, handler))

    def _unheard(self, tasks: Sequence[Task]) -> list[Task]:
        """Return the deliveries that nobody anywhere listens to."""
        deliveries = [task for task in tasks if task.kind == "deliver"]
        kinds = set(self._do(self._runner.listed_subscribers()).values()) if deliveries else set()
        return [task for task in deliveries if None not in kinds and kinds.isdisjoint(_kinds_in(task))]

    def _do_deliver(self, task: Task) -> None:
        """Make one task for each fact and subscriber, so that each is tried on its own, by who has the handler."""
        listed = self._do(self._runner.listed_subscribers())
        put = tuple(
            Task(
                key=f"notify:{name}:{fact.lead_id}:{fact.version:08}:{fact.seq:04}",
                kind=f"notify:{name}",
                due_at=AT_ONCE,
                lead_id=fact.lead_id,
                payload={"subscriber": name, "version": fact.version, "seq": fact.seq},
            )
            for fact in self._facts_of(task)
            for name, kind in listed.items()
            if kind in (fact.kind, None)
        )
        self.storage.save(Change(put=put, settle=(done(task),)))

    def _do_notify(self, task: Task) -> None:
        one = self._subscribers[task.text("subscriber")]
        for fact in self._facts_of(task):
            if fact.seq == task.number("seq") and isinstance(fact, one.fact):
                one.handler(fact)
        self.storage.save(Change(settle=(done(task),)))

    def _facts_of(self, task: Task) -> list[Fact]:
        version = task.number("version")
        later = self._facts(task.lead_id or "", version - 1, page=FEW)
        return list(takewhile(lambda fact: fact.version == version, later))


def _kinds_in(task: Task) -> list[str]:
    kinds = task.payload.get("kinds")
    return [str(kind) for kind in kinds] if isinstance(kinds, list) else []
