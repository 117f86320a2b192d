"""Which rules no activity can meet both: told from their kinds and from their conditions."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeVar

from leadflow.conditions.satisfiability import exclude
from leadflow.scoring.counting import FrequencyRule
from leadflow.scoring.rules import EngagementRule

_R = TypeVar("_R", bound=EngagementRule | FrequencyRule)
Numbered = tuple[int, EngagementRule]
"""A rule with its place in the model."""


def shared(rules: Sequence[tuple[int, _R]]) -> list[list[tuple[int, _R]]]:
    """The rules in as few groups as are easily found, so that no activity meets two rules of one group."""
    groups: list[list[tuple[int, _R]]] = []
    for one in rules:
        fitting = (group for group in groups if all(are_apart(one[1], other) for _, other in group))
        group = next(fitting, None)
        if group is None:
            groups.append([one])
        else:
            group.append(one)
    return groups


def are_apart(one: EngagementRule | FrequencyRule, other: EngagementRule | FrequencyRule) -> bool:
    """Whether it is certain that no activity meets both rules."""
    if one.activity != other.activity:
        return True
    if one.where is None or other.where is None:
        return False
    return exclude(one.where, other.where)
