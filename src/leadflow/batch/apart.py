"""Which rules no activity can meet both: told from their kinds and from the comparisons that their conditions need."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import product

from leadflow.conditions.nodes import And, Compare, Condition, IsIn, Not, OnPath
from leadflow.conditions.values import Scalar
from leadflow.scoring.rules import EngagementRule

Numbered = tuple[int, EngagementRule]
"""A rule with its place in the model."""


def shared(rules: Sequence[Numbered]) -> list[list[Numbered]]:
    """The rules in as few groups as are easily found, so that no activity meets two rules of one group."""
    groups: list[list[Numbered]] = []
    for one in rules:
        fitting = (group for group in groups if all(are_apart(one[1], other) for _, other in group))
        group = next(fitting, None)
        if group is None:
            groups.append([one])
        else:
            group.append(one)
    return groups


def are_apart(one: EngagementRule, other: EngagementRule) -> bool:
    """Whether it is certain that no activity meets both rules."""
    if one.activity != other.activity:
        return True
    if one.where is None or other.where is None:
        return False
    return any(_exclude(a, b) for a, b in product(_needed(one.where), _needed(other.where)))


def _needed(condition: Condition) -> Iterator[Condition]:
    """What must be true for the condition to be true."""
    if isinstance(condition, And):
        for part in condition.all:
            yield from _needed(part)
    else:
        yield condition


def _exclude(one: Condition, other: Condition) -> bool:
    if (isinstance(one, Not) and one.of == other) or (isinstance(other, Not) and other.of == one):
        return True
    if not isinstance(one, OnPath) or not isinstance(other, OnPath):
        return False
    if (one.scope, one.path) != (other.scope, other.path):
        return False
    mine, theirs = _only(one), _only(other)
    if mine is not None and theirs is not None:
        return _kinded(mine).isdisjoint(_kinded(theirs))
    return _is_other(one, theirs) or _is_other(other, mine)


def _only(leaf: OnPath) -> tuple[Scalar, ...] | None:
    """The only values that the leaf is true for, if it names them."""
    if isinstance(leaf, IsIn):
        return leaf.values
    return (leaf.value,) if isinstance(leaf, Compare) and leaf.op == "eq" else None


def _is_other(leaf: OnPath, values: tuple[Scalar, ...] | None) -> bool:
    """Whether the leaf excludes the only value that there may be."""
    if values is None or not isinstance(leaf, Compare) or leaf.op != "ne":
        return False
    return _kinded(values) == _kinded((leaf.value,))


def _kinded(values: tuple[Scalar, ...]) -> frozenset[tuple[bool, Scalar]]:
    """The values, with True told from 1."""
    return frozenset((isinstance(value, bool), value) for value in values)
