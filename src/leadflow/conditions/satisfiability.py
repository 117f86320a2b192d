"""What follows from conditions alone, without any lead: that one is never true, that one implies another.

The answers are proofs: what can't be decided, or not in reasonable time, counts as not proven. All questions reduce to
one: can these constraints hold together? A ``Constraint`` is a condition with the truth values it may take. The
constraints are expanded into ``disjuncts``, each of which says for every path what its value must satisfy. Paths are
assumed to be independent of each other, and ``now`` to be any moment.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from itertools import combinations
from typing import Any, Final, TypeAlias

from leadflow.conditions import nodes
from leadflow.conditions.interpreter import COMPARE, Truth, negated, truth_of
from leadflow.conditions.nodes import Condition, OnPath, Scope
from leadflow.conditions.patterns import ANY, beginning, covers, may_meet, pattern_of
from leadflow.conditions.values import Kind

__all__ = [
    "NOT_TRUE",
    "TRUE",
    "Constraint",
    "Disjunct",
    "Literal",
    "Undecided",
    "disjuncts",
    "exclude",
    "implies",
    "is_always_true",
    "is_never_true",
    "satisfiable",
]

Truths: TypeAlias = frozenset[Truth]
Constraint: TypeAlias = tuple[Condition, Truths]
"""A condition, and the truth values it may take."""
Literal: TypeAlias = tuple[OnPath, Truths]
Disjunct: TypeAlias = Mapping[tuple[Scope, str], tuple[Literal, ...]]
"""For each path, what its value must satisfy."""

TRUE: Final[Truths] = frozenset({True})
NOT_TRUE: Final[Truths] = frozenset({False, None})
_ANY_MOMENT: Final = datetime(2000, 1, 1, tzinfo=UTC)
BUDGET: Final = 5_000
"""The number of comparisons examined for one question, before it is given up as undecided."""


# --- questions -------------------------------------------------------------------------------------------------


def is_never_true(condition: Condition, *, activities: bool = True) -> bool:
    """Whether the condition is provably true for nobody; ``activities=False``: if there is no activity."""
    return not satisfiable((condition, TRUE), activities=activities)


def is_always_true(condition: Condition) -> bool:
    """Whether the condition is provably true for everyone, whatever is known of them."""
    return not satisfiable((condition, NOT_TRUE))


def implies(one: Condition, other: Condition) -> bool:
    """Whether, provably, the second condition is true wherever the first is."""
    return not satisfiable((one, TRUE), (other, NOT_TRUE))


def exclude(one: Condition, other: Condition) -> bool:
    """Whether the two conditions are provably never true together."""
    return not satisfiable((one, TRUE), (other, TRUE))


def satisfiable(*constraints: Constraint, activities: bool = True) -> bool:
    """Whether the constraints can hold together, for one lead (and activity) at one moment; True if undecided."""
    try:
        return next(disjuncts(*constraints, activities=activities), None) is not None
    except Undecided:
        return True


# --- expansion into disjuncts ----------------------------------------------------------------------------------


class Undecided(Exception):
    """The question would take too long to decide."""


def disjuncts(*constraints: Constraint, activities: bool = True) -> Iterator[Disjunct]:
    """The ways in which the constraints hold together, as far as each path by itself allows; raises ``Undecided``.

    Everything that must hold in any case is examined first; then the first remaining choice is expanded.
    """
    budget = BUDGET
    todo: list[tuple[tuple[Constraint, ...], tuple[Constraint, ...], Disjunct]] = [(constraints, (), {})]
    while todo:
        required, choices, world = todo.pop()
        if not required and not choices:
            yield world
            continue
        if not required:
            todo += [((part,), choices[1:], world) for part in reversed(_parts(*choices[0]))]
            continue
        (condition, wanted), required = required[0], required[1:]
        match condition:
            case nodes.Not(of=part):
                todo.append((((part, frozenset(map(negated, wanted))), *required), choices, world))
            case nodes.And() | nodes.Or():
                # and is true if all parts are, false if one is; or is the opposite
                if (True in wanted) == isinstance(condition, nodes.And):
                    todo.append(((*_parts(condition, wanted), *required), choices, world))
                else:
                    todo.append((required, (*choices, (condition, wanted)), world))
            case nodes.Always() | nodes.Never():
                if isinstance(condition, nodes.Always) in wanted:
                    todo.append((required, choices, world))
            case leaf:
                literals = (*world.get((leaf.scope, leaf.path), ()), (leaf, wanted))
                budget -= _effort(literals)
                if _may_hold(literals, missing=leaf.scope == "activity" and not activities):
                    todo.append((required, choices, {**world, (leaf.scope, leaf.path): literals}))
        budget -= 1
        if budget < 0:
            raise Undecided


def _parts(condition: Condition, wanted: Truths) -> list[Constraint]:
    parts = (
        condition.all if isinstance(condition, nodes.And) else condition.any if isinstance(condition, nodes.Or) else ()
    )
    return [(part, wanted) for part in parts]


def _effort(literals: Sequence[Literal]) -> int:
    return sum(1 + len(leaf.constants) // 16 for leaf, _ in literals if isinstance(leaf, nodes.Valued))


# --- the value at one path -------------------------------------------------------------------------------------


def _may_hold(literals: Sequence[Literal], *, missing: bool) -> bool:
    """Whether some value may satisfy all literals; if it is ``missing``, whether a missing value does."""
    if _of_none(literals, known=False):
        return True
    if missing:
        return False
    return _of_none(literals, known=True) or _listed(literals) or any(_of_kind(kind, literals) for kind in _KINDS)


_KINDS: Final[tuple[Kind, ...]] = ("number", "text", "bool", "datetime", "date")


def _of_none(literals: Sequence[Literal], *, known: bool) -> bool:
    """Whether all literals are satisfied by a missing value, or (``known``) by one that can't be compared."""
    return all((known if isinstance(leaf, nodes.IsKnown) else None) in wanted for leaf, wanted in literals)


def _listed(literals: Sequence[Literal]) -> bool:
    """Whether all literals can be satisfied by some list of texts."""
    contained: dict[str, Truths] = {}
    for leaf, wanted in literals:
        if isinstance(leaf, nodes.Matches) and leaf.op == "contains":
            contained[leaf.text] = contained.get(leaf.text, frozenset({True, False})) & wanted
        elif (True if isinstance(leaf, nodes.IsKnown) else None) not in wanted:
            return False
    return all(contained.values())


def _of_kind(kind: Kind, literals: Sequence[Literal]) -> bool:
    """Whether all literals may be satisfied by some value of this kind."""
    valued: list[tuple[nodes.AnyValued, Truths]] = []
    matching: list[tuple[nodes.Matches, bool]] = []
    lately: list[tuple[int, bool]] = []
    for leaf, wanted in literals:
        match leaf:
            case nodes.IsKnown():
                possible = True in wanted
            case nodes.Matches() if kind == "text":
                possible = wanted != {None}
                matching.append((leaf, True in wanted))
            case nodes.HasWords() if kind == "text":
                possible = wanted != {None}
            case nodes.Within() if kind in ("datetime", "date"):
                possible = wanted != {None}
                lately.append((leaf.days, True in wanted))
            case nodes.Compare() | nodes.IsIn() | nodes.Between() if leaf.kind == kind:
                possible = True
                valued.append((leaf, wanted))
            case _:
                possible = None in wanted
        if not possible:
            return False
    return _days_agree(lately) and any(_texts_agree(place, matching) for place in _places(kind, valued))


def _days_agree(lately: Sequence[tuple[int, bool]]) -> bool:
    """Whether a moment can be within the wanted numbers of days and outside the unwanted ones."""
    inside = min((days for days, wanted in lately if wanted), default=None)
    outside = max((days for days, wanted in lately if not wanted), default=0)
    return inside is None or outside < inside


Interval: TypeAlias = tuple[Any, Any]
"""A constant (twice), or the gap between two neighbouring constants; None is an open end."""


def _places(kind: Kind, valued: Sequence[tuple[nodes.AnyValued, Truths]]) -> Iterator[Interval]:
    """The intervals in which a value of this kind may lie to satisfy all comparisons.

    Only its order relative to the constants matters: it equals one (odd places), or lies between two (even places).
    """
    constants = sorted({constant for leaf, _ in valued for constant in leaf.constants})
    if kind == "bool":
        constants = [False, True]
    place_of = {constant: 2 * at + 1 for at, constant in enumerate(constants)}
    places: Sequence[int] = range(2 * len(constants) + 1)
    if kind == "bool" or constants[:1] == [""]:  # nothing else is a bool; no text is less than the empty one
        places = [place for place in places if place % 2 or (place and kind != "bool")]
    for leaf, wanted in valued:
        holds = _holds_at(leaf, place_of)
        places = [place for place in places if holds(place) in wanted]
    bounds = [None, *constants, None]
    for place in places:
        yield bounds[(place + 1) // 2], bounds[place // 2 + 1]


def _holds_at(leaf: nodes.AnyValued, place_of: Mapping[Any, int]) -> Callable[[int], bool]:
    """The comparison as a test on places."""
    match leaf:
        case nodes.Compare(op=op, value=value):
            compared, constant = COMPARE[op], place_of[value]
            return lambda place: compared(place, constant)
        case nodes.IsIn(values=values):
            return {place_of[value] for value in values}.__contains__
        case nodes.Between(low=low, high=high):
            return range(place_of[low], place_of[high] + 1).__contains__


def _texts_agree(place: Interval, matching: Sequence[tuple[nodes.Matches, bool]]) -> bool:
    """Whether a text in this interval can match the wanted patterns and none of the others."""
    below, above = place
    if below is not None and below == above:
        return all(truth_of(leaf, below, _ANY_MOMENT) is wanted for leaf, wanted in matching)
    those = [pattern_of(leaf) for leaf, wanted in matching if wanted]
    others = [pattern_of(leaf) for leaf, wanted in matching if not wanted]
    return (
        all(_begins_between(beginning(one), below, above) for one in those)
        and all(may_meet(one, other) for one, other in combinations(those, 2))
        and not any(covers(other, one) for one in those or [(ANY,)] for other in others)
    )


def _begins_between(start: str, below: str | None, above: str | None) -> bool:
    """Whether a text with this prefix can lie between two others."""
    return (above is None or start < above) and (below is None or start > below or below.startswith(start))
