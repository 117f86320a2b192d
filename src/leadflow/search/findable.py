"""The conditions that every storage can answer; others are refused with the reason."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from leadflow.conditions import Condition, bind, field, leaves
from leadflow.conditions.nodes import HasWords, Matches, OnPath, Valued
from leadflow.conditions.path_types import Shape, shape_at
from leadflow.conditions.values import is_of_account, is_of_quality
from leadflow.entities import Lead
from leadflow.errors import DefinitionError, InvalidInput
from leadflow.search.stored_paths import MANY_KINDS, stored_path

__all__ = ["TEXT", "TOTAL", "check_countable", "check_findable"]

TEXT = "text"
"""The path of the searchable text of a lead, whose words are indexed."""
TOTAL = "score.total"
"""The path of the score that is stored in a column of its own."""
LONGEST = 10_000
"""Longer patterns are too complex for SQLite."""
IN_TEXT = frozenset({"text", "datetime", "date"})


@lru_cache(maxsize=256)
def check_findable(where: Condition, lead_type: type[Lead[Any]]) -> Condition:
    """Return the condition, bound to the class of the leads; ``DefinitionError`` if leads can't be found by it."""
    bound = bind(where, lead_type)
    for leaf in leaves(bound):
        _check(leaf, lead_type)
    return bound


def check_countable(by: object, lead_type: type[Lead[Any]]) -> str:
    """Return the path to count leads by: a single text or boolean value."""
    remedy = "give a field with a single text or boolean, such as stage, owner, score.grade or company.country"
    if not isinstance(by, str):
        raise InvalidInput("by", by, remedy)
    shape = shape_at(lead_type, by)
    if shape and (shape.many or shape.open or len(shape.kinds) != 1 or not shape.kinds <= {"text", "bool"}):
        raise InvalidInput("by", by, remedy)
    check_findable(field(by).is_known(), lead_type)
    return by


def _check(leaf: OnPath, lead_type: type[Lead[Any]]) -> None:
    if leaf.scope == "activity":
        raise DefinitionError(
            f"{leaf.name}: leads are found by their own fields, not by single activities; score those "
            '(on("page_viewed", 5, where=…, decay=window(7))) and use field("score.engagement")'
        )
    if is_of_account(leaf.path):
        raise DefinitionError(
            f'{leaf.name}: it is computed from all leads of the account; use field("account"), or score leads by it '
            'and use field("score.fit")'
        )
    if is_of_quality(leaf.path):
        raise DefinitionError(
            f"{leaf.name}: the quality of data ages, so no stored value is right for long; find leads by what it is "
            'made of (field("confirmed.email.at").within(days=365), field("phone.number").is_known()), then ask '
            "flow.quality(lead_id), or take insights.summarise for all of them"
        )
    if isinstance(leaf, HasWords) != (leaf.path == TEXT):
        raise DefinitionError(f'{leaf.name}: words are searched only in field("text"), with matches; use like here')
    if isinstance(leaf, Matches) and leaf.op == "like" and len(leaf.text) > LONGEST:
        raise DefinitionError(f"{leaf.name}: a pattern has at most {LONGEST:,} characters; shorten it, or use contains")
    if any("\0" in str(one) for one in _constants(leaf)):
        raise DefinitionError(f"{leaf.name}: no stored text contains a NUL character; leave it out")
    if leaf.path not in (TEXT, TOTAL):
        _check_stored(leaf, stored_path(lead_type, leaf.path).shape)


def _constants(leaf: OnPath) -> tuple[object, ...]:
    return leaf.constants if isinstance(leaf, Valued) else (leaf.value,) if isinstance(leaf, Matches | HasWords) else ()


def _check_stored(leaf: OnPath, shape: Shape) -> None:
    if shape.open:  # `contains` means something different for a text and for a list
        refused = isinstance(leaf, Matches) and leaf.op == "contains"
    else:
        refused = bool(shape.kinds) + bool(shape.groups) + bool(shape.mapped) > 1 or len(shape.kinds & IN_TEXT) > 1
    if refused:
        raise DefinitionError(f"{leaf.name}: {MANY_KINDS}")
