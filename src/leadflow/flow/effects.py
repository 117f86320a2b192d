"""Effects that a program needs from outside: reads, the one write, pauses, and calls of mailers and handlers.

A program is a generator like a decision, and a decision is a program that only reads. It does not know whether a
synchronous or an asynchronous driver runs it.
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
    """The driver's side of effects: each method performs one, or returns an awaitable."""

    @property
    def storage(self) -> Any:
        """The storage."""

    def pause(self, seconds: float) -> Any:
        """Pause."""

    def call(self, function: Callable[..., object], *arguments: object) -> Any:
        """Call a function of the host: a handler, a mailer's ``send``."""


class Effect(ABC):
    """An effect that only a driver can perform."""

    @abstractmethod
    def on(self, ports: Ports) -> Any:
        """Perform it; returns an awaitable for an asynchronous driver."""


Program: TypeAlias = Generator[Read | Effect, Any, T]
"""A running use case: it yields reads and effects, receives their results, and returns ``T``."""


@dataclass(frozen=True)
class Save(Effect):
    """Write a Change, completely or not at all."""

    change: Change

    def on(self, ports: Ports) -> Any:
        return ports.storage.save(self.change)


@dataclass(frozen=True)
class OnStorage(Effect):
    """Query a storage for what decisions don't need: leases, lists of tasks, all leads."""

    action: Callable[[Any], Any]

    def on(self, ports: Ports) -> Any:
        return self.action(ports.storage)


@dataclass(frozen=True)
class HostCall(Effect):
    """Call a function of the host: a handler, a mailer."""

    function: Callable[..., object]
    arguments: tuple[object, ...]

    def on(self, ports: Ports) -> Any:
        return ports.call(self.function, *self.arguments)


@dataclass(frozen=True)
class Emit(Effect):
    """Emit one of many values, and continue once it is consumed."""

    value: Any

    def on(self, ports: Ports) -> Any:
        raise NotImplementedError("this program emits values one by one: stream it")


@dataclass(frozen=True)
class Pause(Effect):
    """Pause for some seconds."""

    seconds: float

    def on(self, ports: Ports) -> Any:
        return ports.pause(self.seconds)


def save(change: Change) -> Program[None]:
    """Write a Change."""
    yield Save(change)


def on_storage(action: Callable[[Storage], T]) -> Program[T]:
    """Query a storage for what decisions don't need."""
    found: T = yield OnStorage(action)
    return found


def call(function: Callable[..., object], *arguments: object) -> Program[Any]:
    """Call a function of the host, wait until it returns, and return what it does."""
    return (yield HostCall(function, arguments))


def emit(value: object) -> Program[None]:
    """Emit one of many values."""
    yield Emit(value)


def collected(stream: Program[None]) -> Program[list[Any]]:
    """Run a stream within a program, and return all its values."""
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
        except Exception as error:  # noqa: BLE001  (the stream deals with it)
            wrong = error
