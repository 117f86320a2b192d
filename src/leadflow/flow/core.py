"""The synchronous flow: programs run in the caller's thread."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import TypeVar

from leadflow.decisions.answers import Answer
from leadflow.decisions.capture import Captured
from leadflow.decisions.commands.command import Command
from leadflow.decisions.commands.intake import Capture, Record, Visit
from leadflow.decisions.tracking import Recorded
from leadflow.errors import InvalidInput, LeadflowError
from leadflow.flow.base import Flow
from leadflow.flow.drivers import SyncPorts, carried_out
from leadflow.flow.effects import Program
from leadflow.flow.group import GROUP, CommandResult, captures, carry_group, groups
from leadflow.flow.runner import Fields
from leadflow.ports import Mailer, Storage

__all__ = ["Core"]

R = TypeVar("R", bound=Answer)
T = TypeVar("T")


class Core(Flow[Storage, Mailer, Fields]):
    """Runs commands and programs, one after the other or many at once."""

    def _do(self, program: Program[T]) -> T:
        """Run a program."""
        return carried_out(program, SyncPorts(self.storage))

    def run(self, command: Command[R]) -> R:
        """Carry out a command that was made as a value: ``flow.run(Capture({…}, source="fair"))``."""
        if not isinstance(command, Command):
            raise InvalidInput("command", command, "give a command, such as Record(lead_id, 'page_viewed')")
        return self._do(self._runner.run(command))

    def run_many(self, commands: Iterable[Command[R]], *, group: int = GROUP) -> Iterator[CommandResult[R]]:
        """Carry out many commands, ``group`` at a time, and yield the result of each, in order.

        The results are the same as one by one, only faster: reads and writes are shared. A refused command affects no
        other. If interrupted, it has written complete groups: run again, commands with a ``key``, submissions and
        activities that were carried out before are answered as ``repeated``.
        """
        return self._carried(commands, group)

    def _carried(self, commands: Iterable[Command[R] | LeadflowError], group: int) -> Iterator[CommandResult[R]]:
        for some in groups(commands, group):
            yield from self._do(carry_group(self._runner, some))

    def capture_many(
        self, rows: Iterable[Mapping[str, object] | Capture], *, source: str | None = None, group: int = GROUP
    ) -> Iterator[CommandResult[Captured]]:
        """Capture many submissions: like ``capture`` for each, only faster; yields the result of each, in order.

        A row is a mapping of values (``source`` applies to all of them), or a ``Capture`` with its own ``id``, moment
        and consents. A row that can't be used is reported with its index and error, and affects no other. Submissions
        that were captured before are ``repeated``: simply run an interrupted import again.
        """
        return self._carried(captures(rows, source), group)

    def record_many(self, rows: Iterable[Record | Visit], *, group: int = GROUP) -> Iterator[CommandResult[Recorded]]:
        """Record many activities: like ``record`` and ``visit`` for each, only faster; yields results in order."""
        return self.run_many(rows, group=group)
