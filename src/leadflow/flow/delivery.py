"""Delivering facts to the host's subscribers: at least once, separately for each subscriber and fact.

One task for each Change, then one for each of its facts and subscribers, which waits for a process with the handler.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from leadflow.decisions.policy import AT_ONCE
from leadflow.decisions.reads import Asking, facts
from leadflow.entities import Task
from leadflow.events import Change, Fact
from leadflow.flow.effects import Program, call, save
from leadflow.flow.runner import Runner
from leadflow.flow.tasks import done

__all__ = ["do_deliver", "do_notify", "unheard"]

FEW: Final = 50
"""The number of facts read at once: a Change writes few, and a lead may have 100,000 after them."""


def unheard(runner: Runner, tasks: Sequence[Task]) -> Program[list[Task]]:
    """Return the deliveries without any subscriber in any process."""
    deliveries = [task for task in tasks if task.kind == "deliver"]
    if not deliveries:
        return []
    kinds = set((yield from runner.listed_subscribers()).values())
    return [task for task in deliveries if None not in kinds and kinds.isdisjoint(_kinds_in(task))]


def do_deliver(runner: Runner, task: Task) -> Program[str | None]:
    """Create one task for each fact and subscriber: each is retried separately, by a process with the handler."""
    listed = yield from runner.listed_subscribers()
    put = tuple(
        Task(
            key=f"notify:{name}:{fact.lead_id}:{fact.version:08}:{fact.seq:04}",
            kind=f"notify:{name}",
            due_at=AT_ONCE,
            lead_id=fact.lead_id,
            payload={"subscriber": name, "version": fact.version, "seq": fact.seq},
        )
        for fact in (yield from _facts_for(task))
        for name, kind in listed.items()
        if kind in (fact.kind, None)
    )
    yield from save(Change(put=put, settle=(done(task),)))
    return None


def do_notify(runner: Runner, task: Task) -> Program[str | None]:
    """Call the subscriber's handler."""
    one = runner.subscribers[task.text("subscriber")]
    for fact in (yield from _facts_for(task)):
        if fact.seq == task.number("seq") and isinstance(fact, one.fact):
            yield from call(one.handler, fact)
    yield from save(Change(settle=(done(task),)))
    return None


def _facts_for(task: Task) -> Asking[list[Fact]]:
    version, limit = task.number("version"), FEW
    while True:
        found = yield from facts(task.lead_id or "", version - 1, limit=limit)
        if len(found) < limit or found[-1].version > version:
            return [fact for fact in found if fact.version == version]
        limit *= 2


def _kinds_in(task: Task) -> list[str]:
    kinds = task.payload.get("kinds")
    return [str(kind) for kind in kinds] if isinstance(kinds, list) else []
