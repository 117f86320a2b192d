"""The synchronous driver of programs: one step after the other."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, TypeVar

from leadflow.decisions.reads import Read
from leadflow.flow.effects import Effect, Emit, Program
from leadflow.ports import Storage

__all__ = ["SyncPorts", "carried_out", "streamed"]

T = TypeVar("T")


@dataclass(frozen=True)
class SyncPorts:
    """A storage and the clock of this thread."""

    storage: Storage

    def pause(self, seconds: float) -> None:
        """Sleep."""
        time.sleep(seconds)

    def call(self, function: Callable[..., object], *arguments: object) -> object:
        """Call it in this thread."""
        return function(*arguments)


def carried_out(program: Program[T], ports: SyncPorts) -> T:
    """Run a program; errors from outside are thrown in where it waits."""
    try:
        step = next(program)
        while True:
            step = _next(program, step, ports)
    except StopIteration as end:
        answer: T = end.value
        return answer


def streamed(program: Program[None], ports: SyncPorts) -> Iterator[Any]:
    """Run a program as far as its values are consumed."""
    try:
        step = next(program)
        while not isinstance(step, Emit):
            step = _next(program, step, ports)
    except StopIteration:
        return iter(())
    return _rest(program, step, ports)


def _rest(program: Program[None], step: Read | Effect, ports: SyncPorts) -> Iterator[Any]:
    try:
        while True:
            if isinstance(step, Emit):
                yield step.value
                step = program.send(None)
            else:
                step = _next(program, step, ports)
    except StopIteration:
        return


def _next(program: Program[Any], step: Read | Effect, ports: SyncPorts) -> Read | Effect:
    try:
        came = step.on(ports.storage) if isinstance(step, Read) else step.on(ports)
    except BaseException as wrong:  # noqa: BLE001  (also Ctrl-C: the program cleans up)
        return program.throw(wrong)
    return program.send(came)
