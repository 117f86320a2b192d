"""The meaning of conditions, in the plainest code: the reference for all other implementations.

Three-valued logic (Kleene's): a condition is true, false, or unknown (``None``).

- Comparing with a missing value is unknown; so is comparing values of different kinds, a naive datetime, or a list
  with anything but ``contains``. NaN is missing. No value makes a condition raise.
- ``~unknown`` is unknown; ``and`` is false as soon as one part is, ``or`` true as soon as one part is.
- ``is_known()`` is never unknown.
- A rule fires only on true.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, date, datetime, timedelta
from operator import eq, ge, gt, le, lt, ne
from typing import Any, Final

from leadflow.conditions import nodes
from leadflow.conditions.nodes import Condition, Leaf
from leadflow.conditions.values import (
    account_in,
    is_of_account,
    is_of_quality,
    kind_of,
    moment_now,
    quality_at,
    read,
    read_activity,
)
from leadflow.conditions.words import has_words

__all__ = ["COMPARE", "Truth", "evaluate", "is_like", "negated", "truth_of"]

Truth = bool | None

COMPARE: Final[Mapping[str, Callable[[Any, Any], bool]]] = {"eq": eq, "ne": ne, "lt": lt, "le": le, "gt": gt, "ge": ge}


def evaluate(
    condition: Condition, subject: object, now: datetime, activity: object = None, account: object = None
) -> Truth:
    """Whether the condition holds for a lead (an object or mapping) at ``now``: True, False, or None for unknown.

    ``activity(…)`` reads ``activity``; without one its values are missing. ``field("account.…")`` reads ``account``;
    without one, the subject's own. ``field("quality.…")`` is measured at ``now``.
    """
    return _Reading(subject, activity, account, moment_now(now)).truth(condition)


class _Reading:
    """One subject at one moment."""

    def __init__(self, subject: object, activity: object, account: object, now: datetime) -> None:
        self._subject, self._activity, self._account, self._now = subject, activity, account, now

    def truth(self, condition: Condition) -> Truth:
        match condition:
            case nodes.Always():
                return True
            case nodes.Never():
                return False
            case nodes.Not(of=part):
                return negated(self.truth(part))
            case nodes.And(all=parts):
                return all_true(self.truth(part) for part in parts)
            case nodes.Or(any=parts):
                return negated(all_true(negated(self.truth(part)) for part in parts))
            case Leaf():
                return truth_of(condition, self._value(condition), self._now)

    def _value(self, leaf: Leaf) -> Any:
        if leaf.field is None:
            return read_activity(self._activity, leaf.path)
        if is_of_account(leaf.path):
            return read(
                account_in(self._subject) if self._account is None else self._account, leaf.path.partition(".")[2]
            )
        if is_of_quality(leaf.path):
            return read(quality_at(self._subject, self._now), leaf.path.partition(".")[2])
        return read(self._subject, leaf.path)


def truth_of(leaf: Leaf, value: Any, now: datetime) -> Truth:
    """Whether a condition on one path holds for its normalized value."""
    match leaf:
        case nodes.IsKnown():
            return value is not None
        case nodes.Matches(op="contains", text=text) if isinstance(value, tuple):
            return any(one == text for one in value)
        case nodes.Matches():
            return _matches(leaf.op, value, leaf.text) if isinstance(value, str) else None
        case nodes.HasWords(text=text):
            return has_words(text)(value) if isinstance(value, str) else None
        case nodes.Within(days=days):
            return _within(value, days, now)
        case nodes.Compare() | nodes.IsIn() | nodes.Between():
            return _compares(leaf, value) if kind_of(value) == leaf.kind else None
    raise AssertionError(leaf)


def _within(value: object, days: int, now: datetime) -> Truth:
    if isinstance(value, datetime):
        return timedelta(0) <= now - value <= timedelta(days=days)
    if isinstance(value, date):
        return 0 <= (now.astimezone(UTC).date() - value).days <= days
    return None


def negated(truth: Truth) -> Truth:
    """The opposite; unknown stays unknown."""
    return None if truth is None else not truth


def all_true(truths: Iterable[Truth]) -> Truth:
    """False if one is false, else unknown if one is unknown, else true."""
    seen = list(truths)
    return False if False in seen else None if None in seen else True


def _compares(leaf: nodes.AnyValued, value: Any) -> bool:
    match leaf:
        case nodes.Compare(op=op, value=constant):
            return COMPARE[op](value, constant)
        case nodes.IsIn(values=constants):
            return any(value == constant for constant in constants)
        case nodes.Between(low=low, high=high):
            return bool(low <= value <= high)


def _matches(op: str, value: str, text: str) -> bool:
    match op:
        case "contains":
            return text in value
        case "starts_with":
            return value.startswith(text)
        case "ends_with":
            return value.endswith(text)
        case _:
            return is_like(value, text)


def is_like(text: str, pattern: str) -> bool:
    """Whether the whole text matches a pattern of ``*`` (any characters) and ``?`` (one).

    After a mismatch only the last star takes one more character, so time is at most the product of both lengths.
    """
    at, sign, star, resume = 0, 0, -1, 0
    while at < len(text):
        if sign < len(pattern) and pattern[sign] == "*":
            star, resume, sign = sign, at, sign + 1
        elif sign < len(pattern) and pattern[sign] in ("?", text[at]):
            at, sign = at + 1, sign + 1
        elif star >= 0:
            resume += 1
            at, sign = resume, star + 1
        else:
            return False
    return not pattern[sign:].strip("*")
