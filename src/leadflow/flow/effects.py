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

__all__ = ["Effect", "Pause", "Ports", "Program", "Save", "save"]

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
class Pause(Effect):
    """Do nothing for some seconds."""

    seconds: float

    def on(self, ports: Ports) -> Any:
        return ports.pause(self.seconds)


def save(change: Change) -> Program[None]:
    """Write a Change."""
    yield Save(change)
