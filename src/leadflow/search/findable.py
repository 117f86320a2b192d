"""What may be asked of stored leads, whatever storage they are in: what none can answer is refused by name."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from leadflow.conditions import Condition, bind, field, leaves
from leadflow.conditions.nodes import HasWords, Matches, OnPath, Valued
from leadflow.conditions.path_types import Shape, shape_at
from leadflow.conditions.values import is_of_account
from leadflow.entities import Lead
from leadflow.errors import DefinitionError, InvalidInput
from leadflow.search.stored_paths import MANY_KINDS, stored_path

__all__ = ["TEXT", "TOTAL", "check_countable", "check_findable"]

TEXT = "text"
"""The path of all by which people look for a lead: its words are in an index."""
TOTAL = "score.total"
"""The path of the score that is stored as a number of its own."""
LONGEST = 10_000
"""A longer pattern is too complex for SQLite."""
IN_TEXT = frozenset({"text", "datetime", "date"})


@lru_cache(maxsize=256)
def check_findable(where: Condition, lead_type: type[Lead[Any]]) -> Condition:
    """Return the condition, bound to the class of the leads; ``DefinitionError`` for what can't be found by."""
    bound = bind(where, lead_type)
    for leaf in leaves(bound):
        _check(leaf, lead_type)
    return bound


def check_countable(by: object, lead_type: type[Lead[Any]]) -> str:
    """Return the path that leads are counted by: one text, or true or false, of each."""
    remedy = "give a field with one text, or true or false, such as stage, owner, score.grade or company.country"
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
            f"{leaf.name}: leads are found by what stands on them, not by single activities; score those "
            '(on("page_viewed", 5, where=…, decay=window(7))) and ask field("score.engagement")'
        )
    if is_of_account(leaf.path):
        raise DefinitionError(
            f'{leaf.name}: it is computed of all leads of the account; ask field("account"), or score them by it '
            'and ask field("score.fit")'
        )
    if isinstance(leaf, HasWords) != (leaf.path == TEXT):
        raise DefinitionError(f'{leaf.name}: words are looked for in field("text") only, and only by matches; use like')
    if isinstance(leaf, Matches) and leaf.op == "like" and len(leaf.text) > LONGEST:
        raise DefinitionError(f"{leaf.name}: a pattern has at most {LONGEST:,} characters; shorten it, or use contains")
    if any("\0" in str(one) for one in _constants(leaf)):
        raise DefinitionError(f"{leaf.name}: no stored text holds a NUL character; leave it out")
    if leaf.path not in (TEXT, TOTAL):
        _check_stored(leaf, stored_path(lead_type, leaf.path).shape)


def _constants(leaf: OnPath) -> tuple[object, ...]:
    return leaf.constants if isinstance(leaf, Valued) else (leaf.value,) if isinstance(leaf, Matches | HasWords) else ()


def _check_stored(leaf: OnPath, shape: Shape) -> None:
    if shape.open:  # each value has its own kind, but a text and a list contain otherwise
        refused = isinstance(leaf, Matches) and leaf.op == "contains"
    else:
        refused = bool(shape.kinds) + bool(shape.groups) + bool(shape.mapped) > 1 or len(shape.kinds & IN_TEXT) > 1
    if refused:
        raise DefinitionError(f"{leaf.name}: {MANY_KINDS}")
