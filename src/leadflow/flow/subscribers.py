"""Subscribers to facts: the handlers of this process, and the names that every process knows."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

from leadflow.decisions.reads import states
from leadflow.errors import DefinitionError, shown
from leadflow.events import Change, Fact, StateWrite
from leadflow.flow.effects import Program, save

__all__ = ["SUBSCRIBERS", "Subscriber", "Subscribers"]

SUBSCRIBERS: Final = "subscribers"
"""The state that lists the subscribers of all processes, each with its kind of fact (None: all)."""


@dataclass(frozen=True)
class Subscriber:
    """A handler for the facts of one class."""

    fact: type[Fact]
    handler: Callable[[Any], object]

    @property
    def kind(self) -> str | None:
        """Its kind of fact; None for a class of several kinds."""
        default = self.fact.model_fields["kind"].default
        return default if isinstance(default, str) else None


class Subscribers:
    """The subscribers of this process, registered in the storage before any fact for them is written.

    So a process without the handler (``leadflow tick``) knows of it, and leaves its deliveries alone.
    """

    def __init__(self) -> None:
        self._own: dict[str, Subscriber] = {}
        self._announced = 0

    def __contains__(self, name: str) -> bool:
        return name in self._own

    def __getitem__(self, name: str) -> Subscriber:
        return self._own[name]

    def names(self) -> list[str]:
        """Return the names of this process's subscribers."""
        return list(self._own)

    def add(self, name: str, one: Subscriber) -> None:
        """Add a subscriber under a unique, permanent name."""
        if not isinstance(name, str) or name in self._own or not name or ":" in name:
            raise DefinitionError(
                f"subscriber name {shown(name)} is in use, empty, not a text or contains a colon; give each its own"
            )
        self._own[name] = one

    def announce(self, *, lasting: bool) -> Program[None]:
        """Register new subscribers; ``Stale`` if another process does the same at this moment.

        ``lasting``: writes are permanent; otherwise the host may roll them back.
        """
        if self._announced == len(self._own):
            return
        own = {name: one.kind for name, one in self._own.items()}
        version, listed = yield from _read()
        if own.items() - listed.items():
            yield from _write(version, listed | own)
        if lasting:
            self._announced = len(own)

    def listed(self, *, lasting: bool) -> Program[dict[str, str | None]]:
        """Return the subscribers of all processes: name and kind of fact."""
        yield from self.announce(lasting=lasting)
        _, listed = yield from _read()
        return listed

    def strike(self, name: str) -> Program[bool]:
        """Remove a subscriber permanently; return whether it was registered."""
        version, listed = yield from _read()
        if name not in listed:
            return False
        yield from _write(version, {other: kind for other, kind in listed.items() if other != name})
        return True


def _read() -> Program[tuple[int, dict[str, str | None]]]:
    state = (yield from states([SUBSCRIBERS])).get(SUBSCRIBERS)
    return (0, {}) if state is None else (state.version, {**state.value})


def _write(version: int, listed: dict[str, str | None]) -> Program[None]:
    write = StateWrite(key=SUBSCRIBERS, read_version=version, value={**listed})
    yield from save(Change(states=(write,)))
