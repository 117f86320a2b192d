"""A definition that was removed on purpose: what still waits for it is ended by a command, never by itself."""

from __future__ import annotations

from collections.abc import Callable, Collection
from typing import Final

from leadflow.decisions.given import acting, flag_of, line_of
from leadflow.decisions.retiring import retired
from leadflow.entities import ActedBy, Task
from leadflow.errors import InvalidInput, Refused
from leadflow.flow.defined import CONSEQUENCES, NEEDS, Defined

__all__ = ["Retiring"]

AT_ONCE: Final = 100
ALL: Final = 1_000_000


class Retiring(Defined):
    """The end of sequences, subscribers and rules that are there no more."""

    def retire(
        self,
        kind: str,
        *,
        by: ActedBy,
        dry_run: bool = False,
        watch: Callable[[int], object] | None = None,
    ) -> int:
        """End what waits for a definition that was removed on purpose, and return how many tasks that were.

        ``kind`` is as ``Ticked.skipped`` has it: ``nurture:welcome`` ends the enrolments in this sequence, each with a
        fact, ``notify:warehouse`` forgets this subscriber and its deliveries, ``cool``, ``qualify``, ``route``, … end
        what was planned; ``awaited`` and ``revisit`` wait no more for rules that no process has: a tick does them.
        Refused while this flow has the definition. ``dry_run`` only counts. It goes lead by lead and
        tells ``watch`` how far it is: interrupted, or run again, it ends what is left.
        """
        kind = line_of("kind", kind)
        self._check_removed(kind)
        if watch is not None and not callable(watch):
            raise InvalidInput("watch", watch, "give a function that takes how many are ended by now")
        acting(by)
        if flag_of("dry_run", dry_run):
            return len(self.storage.tasks(limit=ALL, kinds=[kind]))
        name = kind.partition(":")[2]
        if kind.startswith("notify:"):
            self._do(self._runner.until_saved(lambda: self._subscribers.strike(name)))
        if kind in {*CONSEQUENCES, "route"}:
            gone = CONSEQUENCES.get(kind, frozenset({"router"})) - self._runner.rulebook.own
            self._do(self._runner.until_saved(lambda: self._runner.rulebook.strike(gone)))
        if kind in CONSEQUENCES:
            return len(self.storage.tasks(limit=ALL, kinds=[kind]))
        ended = 0
        while tasks := self.storage.tasks(limit=AT_ONCE, kinds=[kind]):
            for task in tasks:
                self._until_saved(lambda task=task: self._end(task, by))  # type: ignore[misc]
            ended += len(tasks)
            if watch is not None:
                watch(ended)
        return ended

    def _check_removed(self, kind: str) -> None:
        what, _, name = kind.partition(":")
        named: dict[str, Collection[str]] = {"nurture": self.policy.sequences, "notify": self._subscribers.names()}
        kinds = (*NEEDS, *CONSEQUENCES)
        if not (what in named and name) and kind not in kinds:
            raise InvalidInput("kind", kind, f"give nurture:SEQUENCE, notify:SUBSCRIBER, or one of {', '.join(kinds)}")
        if name in named[what] if what in named else kind in self._kinds(kinds):
            raise Refused(f"{kind}: this flow has what it needs; remove the definition first")

    def _end(self, task: Task, by: ActedBy) -> None:
        lead = self.storage.load([task.lead_id]).get(task.lead_id) if task.lead_id else None
        self._save(retired(self.policy, self._moment(by), task, lead))
