"""Conditions as JSON (or what YAML loads), with an exact round trip."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Final

from pydantic import TypeAdapter, ValidationError

from leadflow.conditions.errors import complaint
from leadflow.conditions.nodes import Condition, Node
from leadflow.conditions.size_limits import within_limits
from leadflow.errors import DefinitionError

__all__ = ["CONDITION", "condition_from", "to_json"]

CONDITION: Final[TypeAdapter[Condition]] = TypeAdapter(Condition)
"""Validates and dumps conditions, and generates their JSON Schema."""


def condition_from(written: str | bytes | Mapping[str, object] | Condition) -> Condition:
    """Parse a condition from JSON text or a mapping (from JSON or YAML); raises one ``DefinitionError``."""
    tree = _parsed(written) if isinstance(written, str | bytes) else written
    within_limits(tree)
    try:
        return CONDITION.validate_python(tree)
    except ValidationError as wrong:
        raise DefinitionError(f"not a condition: {complaint(wrong)}") from None


def _parsed(text: str | bytes) -> object:
    try:
        return json.loads(text)
    except RecursionError:
        raise DefinitionError("the condition is nested too deep; flatten it (all_of, any_of)") from None
    except ValueError as wrong:
        raise DefinitionError(f"not a condition: not JSON ({wrong})") from None


def to_json(condition: Condition, *, indent: int | None = None) -> str:
    """The condition as compact JSON text; ``condition_from`` returns an equal one."""
    if not isinstance(condition, Node):
        raise DefinitionError(f"{condition!r} is not a condition")
    return CONDITION.dump_json(condition, indent=indent).decode()
