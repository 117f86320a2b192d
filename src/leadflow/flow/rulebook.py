"""The rulebook: every process registers the rules that it has, so that others leave it the tasks that need them."""

from __future__ import annotations

from collections.abc import Collection
from typing import Final

from leadflow.decisions.policy import Policy
from leadflow.decisions.reads import states
from leadflow.events import Change, StateWrite
from leadflow.flow.effects import Program, save

__all__ = ["RULES", "Rulebook"]

RULES: Final = "rules"
"""The state that lists the rules of all processes: ``router``, ``scoring``, ``qualification``, ``sequences``."""


class Rulebook:
    """The rules of this process, registered in the storage before anything that needs them."""

    def __init__(self, policy: Policy) -> None:
        has = {
            "router": policy.router is not None,
            "scoring": policy.scoring is not None,
            "qualification": policy.qualification is not None,
            "sequences": bool(policy.sequences),
        }
        self.own = frozenset(name for name, there in has.items() if there)
        self._announced = not self.own
        self._wrote = False

    def announce(self, *, lasting: bool) -> Program[None]:
        """Register new rules; ``Stale`` if another process does the same at this moment.

        ``lasting``: writes are permanent; otherwise the host may roll them back.
        """
        if self._announced:
            return
        version, known = yield from _read()
        if not self.own <= known:
            self._wrote = True
            yield from _write(version, known | self.own)
        self._announced = lasting or not self._wrote  # what existed before is not rolled back

    def known(self, *, lasting: bool) -> Program[frozenset[str]]:
        """Return the rules of all processes."""
        yield from self.announce(lasting=lasting)
        _, known = yield from _read()
        return known | self.own

    def strike(self, names: Collection[str]) -> Program[None]:
        """Remove rules that no process has any more."""
        version, known = yield from _read()
        if not known.isdisjoint(names):
            yield from _write(version, known.difference(names))


def _read() -> Program[tuple[int, frozenset[str]]]:
    state = (yield from states([RULES])).get(RULES)
    return (0, frozenset()) if state is None else (state.version, frozenset(state.value))


def _write(version: int, known: Collection[str]) -> Program[None]:
    write = StateWrite(key=RULES, read_version=version, value=dict.fromkeys(sorted(known), True))
    yield from save(Change(states=(write,)))
