"""Which rules there are: every process writes down those that it has, so that others leave it what needs them."""

from __future__ import annotations

from collections.abc import Collection
from typing import Final

from leadflow.decisions.policy import Policy
from leadflow.decisions.reads import states
from leadflow.events import Change, StateWrite
from leadflow.flow.effects import Program, save

__all__ = ["RULES", "Rulebook"]

RULES: Final = "rules"
"""The state that lists what rules any process has: ``router``, ``scoring``, ``qualification``, ``sequences``."""


class Rulebook:
    """The rules of this process, written down in the storage before anything that they are for."""

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
        """Write down what is new here; ``Stale`` if another process does the same just now.

        ``lasting``: what is written now stays; a host may roll it back.
        """
        if self._announced:
            return
        version, known = yield from _read()
        if not self.own <= known:
            self._wrote = True
            yield from _write(version, known | self.own)
        self._announced = lasting or not self._wrote  # what was there already, no host of ours rolls back

    def known(self, *, lasting: bool) -> Program[frozenset[str]]:
        """Return what rules there are in any process."""
        yield from self.announce(lasting=lasting)
        _, known = yield from _read()
        return known | self.own

    def strike(self, names: Collection[str]) -> Program[None]:
        """Forget rules that no process has any more."""
        version, known = yield from _read()
        if not known.isdisjoint(names):
            yield from _write(version, known.difference(names))


def _read() -> Program[tuple[int, frozenset[str]]]:
    state = (yield from states([RULES])).get(RULES)
    return (0, frozenset()) if state is None else (state.version, frozenset(state.value))


def _write(version: int, known: Collection[str]) -> Program[None]:
    write = StateWrite(key=RULES, read_version=version, value=dict.fromkeys(sorted(known), True))
    yield from save(Change(states=(write,)))
