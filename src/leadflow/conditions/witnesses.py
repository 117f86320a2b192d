"""Values that satisfy a condition: the current one if it does, else one near the condition's constants."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date, datetime, timedelta
from itertools import islice, pairwise
from typing import Final, TypeAlias

from leadflow.conditions.interpreter import truth_of
from leadflow.conditions.nodes import HasWords, IsKnown, Matches, Scope, Valued, Within
from leadflow.conditions.satisfiability import Constraint, Disjunct, Literal, Undecided, disjuncts
from leadflow.conditions.values import normalized

__all__ = ["Witness", "nearest_disjunct", "witness_for"]

ReadValue: TypeAlias = Callable[[Scope, str], object]
"""Returns the current normalized value at a path."""
Witness: TypeAlias = Mapping[tuple[Scope, str], object]

MOST_DISJUNCTS: Final = 64
"""The number of disjuncts that are tried."""
DAY: Final = timedelta(days=1)


def nearest_disjunct(
    constraints: Sequence[Constraint], read: ReadValue, now: datetime, fixed: Callable[[Scope, str], bool]
) -> Disjunct | None:
    """The disjunct that needs the fewest values to change; None if none is found.

    Filling an unknown value costs less than changing a known one. Values that are ``fixed`` must not change.
    """
    found: list[tuple[int, Disjunct]] = []
    try:
        for disjunct in islice(disjuncts(*constraints), MOST_DISJUNCTS):
            values = witness_for(disjunct, read, now)
            if values is not None and not any(fixed(*place) for place in values):
                found.append((sum(1 if read(*place) is None else 2 for place in values), disjunct))
    except Undecided:
        pass
    return min(found, key=lambda one: one[0], default=(0, None))[1]


def witness_for(disjunct: Disjunct, read: ReadValue, now: datetime) -> Witness | None:
    """The values to change, each with one that satisfies its literals; None if one isn't found."""
    values: dict[tuple[Scope, str], object] = {}
    for place, literals in disjunct.items():
        there = read(*place)
        for candidate in (there, *_candidates(literals, there, now)):
            if _fits(candidate, literals, now):
                break
        else:
            return None
        if candidate is not there:
            values[place] = candidate
    return values


def _fits(value: object, literals: Sequence[Literal], now: datetime) -> bool:
    return all(truth_of(leaf, normalized(value), now) in wanted for leaf, wanted in literals)


def _candidates(literals: Sequence[Literal], there: object, now: datetime) -> Iterator[object]:
    """Values to try, simplest first."""
    constants = [constant for leaf, _ in literals if isinstance(leaf, Valued) for constant in leaf.constants]
    yield from constants
    numbers = sorted(one for one in constants if isinstance(one, int | float) and not isinstance(one, bool))
    yield from (one + step for one in numbers for step in (1, -1))
    yield from ((one + other) / 2 for one, other in pairwise(numbers))
    yield from (_day_from(one, step) for one in constants if isinstance(one, date) for step in (DAY, -DAY))
    yield from (not one for one in constants if isinstance(one, bool))
    if any(isinstance(leaf, Within) for leaf, _ in literals):
        yield from (now, now.date(), *(_day_from(now, -days * DAY) for days in _days(literals)))
    yield None
    yield from _texts(literals, there)
    yield from (f"{one}{sign}" for one in constants if isinstance(one, str) for sign in "a~")
    yield from (1, "known") if any(isinstance(leaf, IsKnown) for leaf, _ in literals) else ()


def _days(literals: Sequence[Literal]) -> Iterator[int]:
    yield from (leaf.days + more for leaf, _ in literals if isinstance(leaf, Within) for more in (0, 1, 2))


def _day_from(moment: date, step: timedelta) -> date | None:
    try:
        return moment + step
    except OverflowError:
        return None


def _texts(literals: Sequence[Literal], there: object) -> Iterator[object]:
    words = " ".join(leaf.text for leaf, truths in literals if isinstance(leaf, HasWords) and True in truths)
    yield from (f"{there} {words}" if isinstance(there, str) else words, words) if words else ()
    wanted = [leaf for leaf, truths in literals if isinstance(leaf, Matches) and True in truths]
    by_op = {op: [leaf.text for leaf in wanted if leaf.op == op] for op in ("starts_with", "contains", "ends_with")}
    if isinstance(there, tuple):
        yield (*there, *by_op["contains"])
        yield ()
    likes = [leaf.text.replace("*", "").replace("?", "x") for leaf in wanted if leaf.op == "like"]
    yield from likes
    starts, ends = max(by_op["starts_with"], key=len, default=""), max(by_op["ends_with"], key=len, default="")
    yield from (starts, ends, "".join((starts, *by_op["contains"], ends)))
