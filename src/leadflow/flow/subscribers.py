"""Who is told of facts: the handlers of this process, and the names that every process knows."""

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
"""The state that lists the subscribers of all processes, each with the kind of fact that it hears (None: all)."""


@dataclass(frozen=True)
class Subscriber:
    """Who is told of facts of one class."""

    fact: type[Fact]
    handler: Callable[[Any], object]

    @property
    def kind(self) -> str | None:
        """The kind of fact that it hears; None for a class that stands for several."""
        default = self.fact.model_fields["kind"].default
        return default if isinstance(default, str) else None


class Subscribers:
    """The subscribers of this process, announced in the storage before anything is written that they shall hear.

    So a process without a handler (``leadflow tick``) knows of it, and leaves it its deliveries.
    """

    def __init__(self) -> None:
        self._own: dict[str, Subscriber] = {}
        self._announced = 0

    def __contains__(self, name: str) -> bool:
        return name in self._own

    def __getitem__(self, name: str) -> Subscriber:
        return self._own[name]

    def names(self) -> list[str]:
        """Return the names of those that this process has."""
        return list(self._own)

    def add(self, name: str, one: Subscriber) -> None:
        """Take one more; its name is its own, and stays the same."""
        if not isinstance(name, str) or name in self._own or not name or ":" in name:
            raise DefinitionError(
                f"subscriber name {shown(name)} is taken, empty, no text or has a colon; give each its own"
            )
        self._own[name] = one

    def announce(self, *, lasting: bool) -> Program[None]:
        """Write down those that are new here; ``Stale`` if another process does the same just now.

        ``lasting``: what is written now stays; a host may roll it back.
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
        """Take a subscriber off the list, for good; whether it was on it."""
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
