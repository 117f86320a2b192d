"""Conditions as text for reports: "company.employees ≥ 250 and not (person.seniority in director, c-level)"."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Final

from leadflow.conditions.values import Scalar

__all__ = ["SHOWN", "SIGNS", "spoken", "spoken_list"]

SIGNS: Final[Mapping[str, str]] = {
    "eq": "=", "ne": "≠", "lt": "<", "le": "≤", "gt": ">", "ge": "≥",
    "contains": "contains", "matches": "matches",
    "starts_with": "starts with", "ends_with": "ends with", "like": "like",
}  # fmt: skip
SHOWN: Final = 12
"""The number of values shown of a long list."""

_BARE: Final = re.compile(r"[^\W\d][\w.@/+:*?-]*|[@/+*?.-]+[\w.@/+:*?-]*[^\W\d][\w.@/+:*?-]*")
_TAKEN: Final = frozenset({"true", "false", "and", "or", "not", "in", "is", "to"})


def spoken(value: Scalar) -> str:
    """A constant as text; ambiguous strings are quoted."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, datetime):
        return f"{value:%Y-%m-%d %H:%M}{value:%z}".replace("+0000", "Z") if _on_the_minute(value) else _exact(value)
    if isinstance(value, str):
        plain = _BARE.fullmatch(value) is not None and value not in _TAKEN
        return value if plain else json.dumps(value, ensure_ascii=False)
    return str(value)


def _on_the_minute(value: datetime) -> bool:
    return not value.second and not value.microsecond


def _exact(value: datetime) -> str:
    return value.isoformat().replace("+00:00", "Z")


def spoken_list(values: Sequence[Scalar]) -> str:
    """Constants, comma-separated; for a long list the first dozen and the count."""
    listed = ", ".join(spoken(value) for value in values[:SHOWN])
    return listed if len(values) <= SHOWN else f"{listed}, … ({len(values):,} in all)"
