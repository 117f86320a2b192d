"""``field("company.employees") >= 250``: the notation for conditions."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Literal, NoReturn, get_args

from leadflow.conditions.errors import made
from leadflow.conditions.nodes import (
    ALWAYS,
    NEVER,
    Always,
    Between,
    Compare,
    Condition,
    HasWords,
    IsIn,
    IsKnown,
    Matches,
    Never,
    Node,
    Scope,
    Within,
)
from leadflow.conditions.values import Scalar, checked_path
from leadflow.errors import DefinitionError

if TYPE_CHECKING:
    from leadflow.conditions.path_names import KnownOfActivity, KnownPath

__all__ = ["Field", "activity", "always", "field", "never"]

KnownBy = Literal["person", "enrichment"]
Operand = Scalar | Decimal
"""What a field can be compared with. Enumerations with such values are accepted, too."""


def field(path: KnownPath | str) -> Field:
    """A value of the lead (or of whatever a rule is about) to compare: ``field("company.employees") >= 250``.

    Editors complete the paths that every lead has; paths of custom fields (``custom.…``) work as well.
    """
    return Field("field", path)


def activity(path: KnownOfActivity | str) -> Field:
    """A property of an activity, or its ``kind``, ``source`` or ``happened_at``: ``activity("path") == "/pricing"``."""
    return Field("activity", path)


def always() -> Always:
    """The condition that is true for everyone."""
    return ALWAYS


def never() -> Never:
    """The condition that is true for nobody."""
    return NEVER


class Field:
    """A path to compare; each comparison returns a condition.

    Text comparison is case-sensitive everywhere. Comparing a missing value is unknown, never an error, and so is
    comparing with a value of a different kind: ``field("vip") == 1`` is unknown for True.
    """

    __slots__ = ("_path", "_scope")
    __hash__ = None  # type: ignore[assignment]  # == returns a condition, so a dict of fields would not work

    def __init__(self, scope: Scope, path: str) -> None:
        self._scope, self._path = scope, checked_path(path)

    def __eq__(self, value: Operand) -> Compare:  # type: ignore[override]  # that is the notation
        return self._compare("eq", value)

    def __ne__(self, value: Operand) -> Compare:  # type: ignore[override]  # that is the notation
        return self._compare("ne", value)

    def __lt__(self, value: Operand) -> Compare:
        return self._compare("lt", value)

    def __le__(self, value: Operand) -> Compare:
        return self._compare("le", value)

    def __gt__(self, value: Operand) -> Compare:
        return self._compare("gt", value)

    def __ge__(self, value: Operand) -> Compare:
        return self._compare("ge", value)

    def is_in(self, *values: Operand | Iterable[Operand]) -> IsIn:
        """The value is one of these, which are all of one kind. A single list or set is accepted, too."""
        return made(IsIn, op="in", values=_distinct(self._constants(values)), **self._where())

    def between(self, low: Operand, high: Operand) -> Between:
        """The value lies between the two, both ends included."""
        return made(Between, op="between", low=self._constant(low), high=self._constant(high), **self._where())

    def contains(self, text: str) -> Matches:
        """The value contains this text; a list of texts contains it as an item."""
        return self._matches("contains", text)

    def starts_with(self, text: str) -> Matches:
        """The value starts with this text."""
        return self._matches("starts_with", text)

    def ends_with(self, text: str) -> Matches:
        """The value ends with this text."""
        return self._matches("ends_with", text)

    def like(self, pattern: str) -> Matches:
        """The whole value is like the pattern: ``*`` stands for any characters, ``?`` for one; nothing escapes them."""
        return self._matches("like", pattern)

    def matches(self, words: str) -> HasWords:
        """Each word begins a word of the text (``"ada acm"``); case, accents, umlauts and order don't matter.

        ``field("text")`` is everything people search a lead by: name, company, e-mail addresses and phone numbers.
        """
        return made(HasWords, op="matches", value=self._constant(words), **self._where())

    def is_known(self) -> IsKnown:
        """There is a value ("", 0, False and an empty list are values); never unknown."""
        return made(IsKnown, op="known", **self._where())

    def known_by(self, who: KnownBy) -> Condition:
        """There is a value, and it is from a ``person`` (the lead, or the team), or from ``enrichment``."""
        if self._scope != "field":
            raise DefinitionError(f"{self!r}: activities are not enriched; ask for a field of the lead")
        if who not in get_args(KnownBy):
            raise DefinitionError(f"{self!r}: known_by takes {' or '.join(get_args(KnownBy))}, not {who!r}")
        filled = Field("field", "enriched").contains(self._path)
        return self.is_known() & (filled if who == "enrichment" else ~filled)

    def within(self, *, days: int) -> Within:
        """The moment is at most ``days`` × 24 hours before ``now`` and not after it; a date counts in UTC days."""
        return made(Within, op="within", days=days, **self._where())

    def _compare(self, op: str, value: object) -> Compare:
        return made(Compare, op=op, value=self._constant(value), **self._where())

    def _matches(self, op: str, text: object) -> Matches:
        return made(Matches, op=op, value=self._constant(text), **self._where())

    def _where(self) -> dict[str, Any]:
        return {self._scope: self._path}

    def _constant(self, value: object) -> object:
        if isinstance(value, Field | Node):
            raise DefinitionError(f"{self!r} compares with constants only, not with {value!r}")
        return value

    def _constants(self, values: tuple[object, ...]) -> list[object]:
        if len(values) == 1 and isinstance(values[0], set | frozenset):
            values = tuple(sorted(values[0], key=lambda one: (type(one).__name__, one)))
        elif len(values) == 1 and isinstance(values[0], list | tuple):
            values = tuple(values[0])
        return [self._constant(value) for value in values]

    def __bool__(self) -> NoReturn:
        raise TypeError(f"{self!r} is neither true nor false; compare it, or use {self!r}.is_known()")

    def __contains__(self, value: object) -> NoReturn:
        raise TypeError(f"write {self!r}.contains({value!r}) instead of {value!r} in {self!r}")

    def __and__(self, other: object) -> NoReturn:
        raise TypeError(f"{self!r} is not a condition yet; put each comparison combined with & | ~ in parentheses")

    __or__ = __rand__ = __ror__ = __and__

    def __invert__(self) -> NoReturn:
        raise TypeError(f"{self!r} is not a condition yet; write ~(… == …) or ~{self!r}.is_known()")

    def __repr__(self) -> str:
        return f'{self._scope}("{self._path}")'


def _distinct(values: list[object]) -> list[object]:
    seen: dict[tuple[str, object], object] = {}
    for value in values:
        try:
            seen.setdefault((type(value).__name__, value), value)
        except TypeError:  # not hashable, hence not a constant; the node reports it
            return values
    return list(seen.values())
