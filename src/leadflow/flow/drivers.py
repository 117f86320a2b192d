"""What carries programs out: one step after the other, or awaited in an event loop."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

from leadflow.decisions.reads import Read
from leadflow.flow.effects import Program
from leadflow.ports import Storage

__all__ = ["SyncPorts", "carried_out"]

T = TypeVar("T")


@dataclass(frozen=True)
class SyncPorts:
    """A storage and the clock of this thread."""

    storage: Storage

    def pause(self, seconds: float) -> None:
        """Sleep."""
        time.sleep(seconds)

    def call(self, function: Callable[..., object], *arguments: object) -> object:
        """Call it here and now."""
        return function(*arguments)


def carried_out(program: Program[T], ports: SyncPorts) -> T:
    """Carry a program out; what goes wrong outside is thrown in where it was asked for."""
    try:
        step = next(program)
        while True:
            try:
                came = step.on(ports.storage) if isinstance(step, Read) else step.on(ports)
            except BaseException as wrong:  # noqa: BLE001  (also Ctrl-C: the program puts in order what it has begun)
                step = program.throw(wrong)
            else:
                step = program.send(came)
    except StopIteration as end:
        answer: T = end.value
        return answer
