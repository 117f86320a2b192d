"""What a program asks of the outside: all reads, the one write, and what only a clock, a mailer or a handler can do.

A program is a generator like a decision, and a decision is a program that only reads. Nothing in it knows whether a
synchronous or an asynchronous driver answers.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Generator
from dataclasses import dataclass
from typing import Any, Protocol, TypeAlias, TypeVar

from leadflow.decisions.reads import Read
from leadflow.events import Change
from leadflow.ports import Storage

__all__ = [
    "Effect",
    "Emit",
    "HostCall",
    "OnStorage",
    "Pause",
    "Ports",
    "Program",
    "Save",
    "call",
    "collected",
    "emit",
    "on_storage",
    "save",
]

T = TypeVar("T")


class Ports(Protocol):
    """What a driver carries effects out on: each method does it, or gives something to await."""

    @property
    def storage(self) -> Any:
        """What answers reads, and saves."""

    def pause(self, seconds: float) -> Any:
        """Do nothing for a while."""

    def call(self, function: Callable[..., object], *arguments: object) -> Any:
        """Call what the host has given: a handler, a mailer's ``send``."""


class Effect(ABC):
    """Something that only a driver can do."""

    @abstractmethod
    def on(self, ports: Ports) -> Any:
        """Do it; an asynchronous driver gets something to await."""


Program: TypeAlias = Generator[Read | Effect, Any, T]
"""A use case under way: it yields reads and effects, is sent what came of them, and returns ``T``."""


@dataclass(frozen=True)
class Save(Effect):
    """Write a Change, whole or not at all."""

    change: Change

    def on(self, ports: Ports) -> Any:
        return ports.storage.save(self.change)


@dataclass(frozen=True)
class OnStorage(Effect):
    """Ask a storage what no decision asks: leases, lists of tasks, walks through all leads."""

    action: Callable[[Any], Any]

    def on(self, ports: Ports) -> Any:
        return self.action(ports.storage)


@dataclass(frozen=True)
class HostCall(Effect):
    """Call what the host has given: a handler, a mailer."""

    function: Callable[..., object]
    arguments: tuple[object, ...]

    def on(self, ports: Ports) -> Any:
        return ports.call(self.function, *self.arguments)


@dataclass(frozen=True)
class Emit(Effect):
    """Hand one of many out, and go on when it is taken."""

    value: Any

    def on(self, ports: Ports) -> Any:
        raise NotImplementedError("this program hands out values one by one: stream it")


@dataclass(frozen=True)
class Pause(Effect):
    """Do nothing for some seconds."""

    seconds: float

    def on(self, ports: Ports) -> Any:
        return ports.pause(self.seconds)


def save(change: Change) -> Program[None]:
    """Write a Change."""
    yield Save(change)


def on_storage(action: Callable[[Storage], T]) -> Program[T]:
    """Ask a storage what no decision asks."""
    found: T = yield OnStorage(action)
    return found


def call(function: Callable[..., object], *arguments: object) -> Program[None]:
    """Call what the host has given, and wait until it returns."""
    yield HostCall(function, arguments)


def emit(value: object) -> Program[None]:
    """Hand one of many out."""
    yield Emit(value)


def collected(stream: Program[None]) -> Program[list[Any]]:
    """Carry a stream out within a program, and return all that it hands out."""
    values: list[Any] = []
    came, wrong = None, None
    while True:
        try:
            step = stream.send(came) if wrong is None else stream.throw(wrong)
        except StopIteration:
            return values
        came, wrong = None, None
        if isinstance(step, Emit):
            values.append(step.value)
            continue
        try:
            came = yield step
        except Exception as error:  # noqa: BLE001  (it is the stream's to deal with)
            wrong = error
