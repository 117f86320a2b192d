"""Retiring a definition that was removed on purpose: its waiting tasks are ended by a command, never automatically."""

from __future__ import annotations

from collections.abc import Callable, Collection
from functools import partial
from typing import Final

from leadflow.decisions.arguments import acting, flag_of, line_of
from leadflow.decisions.commands.command import moment_by
from leadflow.decisions.retirement import retired
from leadflow.entities import ActedBy, Task
from leadflow.errors import InvalidInput, Refused
from leadflow.flow.effects import Program
from leadflow.flow.runner import Runner
from leadflow.flow.supported_tasks import CONSEQUENCES, NEEDS, kinds_for
from leadflow.flow.tasks import lead_of, tasks_listed

__all__ = ["retire"]

AT_ONCE: Final = 100
ALL: Final = 1_000_000


def retire(
    runner: Runner,
    kind: str,
    *,
    by: ActedBy,
    dry_run: bool = False,
    watch: Callable[[int], object] | None = None,
) -> Program[int]:
    """End what waits for a definition that was removed on purpose, and return the number of tasks.

    ``kind`` is one of ``Ticked.skipped``: ``nurture:welcome`` ends the enrolments in this sequence, each with a fact,
    ``notify:warehouse`` removes this subscriber and its deliveries, ``cool``, ``qualify``, ``route``, … end what was
    planned; ``awaited`` and ``revisit`` no longer wait for rules that no process has: a tick runs them. Refused while
    this flow has the definition. ``dry_run`` only counts. It goes lead by lead and calls ``watch`` with the number so
    far: if interrupted and run again, it does the rest.
    """
    kind = line_of("kind", kind)
    yield from _check_removed(runner, kind)
    if watch is not None and not callable(watch):
        raise InvalidInput("watch", watch, "give a function that takes the number so far")
    acting(by)
    if not flag_of("dry_run", dry_run):
        yield from _struck(runner, kind)
    if dry_run or kind in CONSEQUENCES:
        return len((yield from tasks_listed(limit=ALL, kinds=[kind])))
    ended = 0
    while tasks := (yield from tasks_listed(limit=AT_ONCE, kinds=[kind])):
        for task in tasks:
            yield from runner.until_saved(partial(_end, runner, task, by))
        ended += len(tasks)
        if watch is not None:
            watch(ended)
    return ended


def _struck(runner: Runner, kind: str) -> Program[None]:
    """Remove the definition from the lists by which other processes know of it."""
    name = kind.partition(":")[2]
    if kind.startswith("notify:"):
        yield from runner.until_saved(lambda: runner.subscribers.strike(name))
    if kind in {*CONSEQUENCES, "route", "offer"}:
        gone = CONSEQUENCES.get(kind, frozenset({"router"})) - runner.rulebook.own
        yield from runner.until_saved(lambda: runner.rulebook.strike(gone))


def _check_removed(runner: Runner, kind: str) -> Program[None]:
    what, _, name = kind.partition(":")
    named: dict[str, Collection[str]] = {
        "nurture": runner.policy.sequences,
        "notify": runner.subscribers.names(),
        "enrich": runner.policy.enrichers,
    }
    kinds = (*NEEDS, *CONSEQUENCES)
    if not (what in named and name) and kind not in kinds:
        raise InvalidInput(
            "kind", kind, f"give nurture:SEQUENCE, notify:SUBSCRIBER, enrich:ENRICHER, or one of {', '.join(kinds)}"
        )
    if name in named[what] if what in named else kind in (yield from kinds_for(runner, kinds)):
        raise Refused(f"{kind}: this flow has what it needs; remove the definition first")


def _end(runner: Runner, task: Task, by: ActedBy) -> Program[None]:
    lead = yield from lead_of(task)
    yield from runner.save(retired(runner.policy, moment_by(runner.now(), by), task, lead))
