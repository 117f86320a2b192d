"""The condition tree: frozen values with an exact JSON form.

::

    {"op": "ge", "field": "company.employees", "value": 250}        eq ne lt le gt ge
    {"op": "in", "field": "person.seniority", "values": ["director", "c-level"]}
    {"op": "between", "field": "deal.amount", "low": 1000, "high": 5000}      both ends included
    {"op": "starts_with", "activity": "path", "value": "/pricing"}  contains starts_with ends_with like
    {"op": "matches", "field": "text", "value": "ada acme"}             words, by their beginnings
    {"op": "known", "field": "email.kind"}
    {"op": "within", "activity": "happened_at", "days": 30}
    {"op": "and", "all": [...]}   {"op": "or", "any": [...]}   {"op": "not", "of": {...}}
    {"op": "always"}   {"op": "never"}

``field`` names a path of the lead (or of whatever the condition is about), ``activity`` a path of an activity. Nodes
are created by ``field(…)`` and ``activity(…)`` and combined with ``&``, ``|`` and ``~``; ``interpreter`` defines what
they mean.
"""

# No `from __future__ import annotations`: pydantic reads these annotations.
from abc import abstractmethod
from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime, time, timedelta
from itertools import chain
from typing import Annotated, Any, Final, Literal, NoReturn, Self, TypeAlias, TypeVar

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, PrivateAttr, model_validator
from typing_extensions import TypeAliasType

from leadflow.conditions.constants import Constant, same_kind
from leadflow.conditions.editor_schema import ActivityPath, FieldPath, never_null
from leadflow.conditions.errors import made
from leadflow.conditions.formatting import SIGNS, spoken, spoken_list
from leadflow.conditions.size_limits import check_limits, within_limits
from leadflow.conditions.values import ORDERED, Kind, Scalar
from leadflow.conditions.words import searched_words
from leadflow.errors import DefinitionError

__all__ = [
    "ALWAYS",
    "NEVER",
    "Always",
    "And",
    "AnyValued",
    "Between",
    "Compare",
    "Condition",
    "HasWords",
    "IsIn",
    "IsKnown",
    "Leaf",
    "Matches",
    "Never",
    "Node",
    "Not",
    "OnPath",
    "Or",
    "Scope",
    "Several",
    "Valued",
    "Within",
    "all_of",
    "any_of",
    "leaves",
]

Scope: TypeAlias = Literal["field", "activity"]
_T = TypeVar("_T")


def _not_empty(values: tuple[Any, ...]) -> tuple[Any, ...]:
    if not values:
        raise DefinitionError("give at least one")
    return values


# pydantic's own min_length would count only the valid items and so report one wrong item twice.
Several = Annotated[tuple[_T, ...], AfterValidator(_not_empty), Field(json_schema_extra={"minItems": 1})]


class Node(BaseModel):
    """Any condition. It has no truth value of its own: ``evaluate`` it, and combine it with ``&``, ``|`` and ``~``."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    op: str

    _size: int = PrivateAttr(default=1)
    _depth: int = PrivateAttr(default=1)

    def __and__(self, other: "Condition") -> "Condition":
        return _joined(And, (self, other)) if isinstance(other, Node) else _not_a_condition(other, "&")

    def __or__(self, other: "Condition") -> "Condition":
        return _joined(Or, (self, other)) if isinstance(other, Node) else _not_a_condition(other, "|")

    def __invert__(self) -> "Not":
        return made(Not, op="not", of=self)

    def __bool__(self) -> NoReturn:
        raise TypeError(
            f"the condition ({self}) is neither true nor false until it is evaluated; combine conditions with & | ~ "
            "and parentheses instead of and, or, not; write .between(low, high) instead of low < field < high, and "
            ".is_in(…) instead of in"
        )


def _not_a_condition(other: object, sign: str) -> NoReturn:
    raise TypeError(f"{other!r} is not a condition; put each comparison around {sign} in parentheses")


# --- conditions on one path ------------------------------------------------------------------------------------


class Leaf(Node):
    """A condition on one path, of the lead (``field``) or of an activity (``activity``)."""

    model_config = ConfigDict(json_schema_extra={"oneOf": [{"required": ["field"]}, {"required": ["activity"]}]})

    field: FieldPath | None = Field(default=None, exclude_if=lambda path: path is None, json_schema_extra=never_null)
    activity: ActivityPath | None = Field(
        default=None, exclude_if=lambda path: path is None, json_schema_extra=never_null
    )

    @model_validator(mode="after")
    def _one_path(self) -> Self:
        if (self.field is None) == (self.activity is None):
            raise DefinitionError("give either field or activity, and not both")
        return self

    @property
    def scope(self) -> Scope:
        """Where the path starts."""
        return "activity" if self.field is None else "field"

    @property
    def path(self) -> str:
        """The path, without its scope."""
        return self.field or self.activity or ""

    @property
    def name(self) -> str:
        """The path as it appears in texts and messages."""
        return self.path if self.field else f"activity.{self.path}"


class Valued(Leaf):
    """A condition that compares with constants, all of one ``kind``."""

    # Private attributes count in pydantic's ==, which would otherwise treat 1 and True as the same condition.
    _kind: Kind = PrivateAttr()

    @property
    def kind(self) -> Kind:
        """The kind of value it compares with; for a value of another kind the condition is unknown."""
        return self._kind

    @property
    @abstractmethod
    def constants(self) -> tuple[Scalar, ...]:
        """The constants, in the order in which they were written."""

    @model_validator(mode="after")
    def _one_kind(self) -> Self:
        self._kind = same_kind(self.constants)
        return self

    def _require_order(self) -> None:
        if self._kind not in ORDERED:
            raise DefinitionError("true and false have no order; compare with == or !=")


class Compare(Valued):
    """The value equals, differs from, or comes before or after a constant."""

    op: Literal["eq", "ne", "lt", "le", "gt", "ge"]
    value: Constant

    @property
    def constants(self) -> tuple[Scalar, ...]:
        return (self.value,)

    @model_validator(mode="after")
    def _has_order(self) -> Self:
        if self.op not in ("eq", "ne"):
            self._require_order()
        return self

    def __str__(self) -> str:
        return f"{self.name} {SIGNS[self.op]} {spoken(self.value)}"


class IsIn(Valued):
    """The value equals one of several constants."""

    op: Literal["in"]
    values: Several[Constant]

    @property
    def constants(self) -> tuple[Scalar, ...]:
        return self.values

    def __str__(self) -> str:
        return f"{self.name} in {spoken_list(self.values)}"


class Between(Valued):
    """The value lies between two constants, both ends included."""

    op: Literal["between"]
    low: Constant
    high: Constant

    @property
    def constants(self) -> tuple[Scalar, ...]:
        return (self.low, self.high)

    @model_validator(mode="after")
    def _has_order(self) -> Self:
        self._require_order()
        if self.high < self.low:  # type: ignore[operator]  # both are of one ordered kind
            raise DefinitionError(f"nothing is between {spoken(self.low)} and {spoken(self.high)}; swap them")
        return self

    def __str__(self) -> str:
        return f"{self.name} from {spoken(self.low)} to {spoken(self.high)}"


class _Textual(Leaf):
    """A condition on a text: ``text`` is what it looks for."""

    value: Constant

    @model_validator(mode="after")
    def _is_text(self) -> Self:
        if not isinstance(self.value, str):
            raise DefinitionError(f"{self.op} needs a text, not {spoken(self.value)}")
        return self

    @property
    def text(self) -> str:
        """The text, pattern or words to look for, as written."""
        return str(self.value)

    def __str__(self) -> str:
        return f"{self.name} {SIGNS[self.op]} {spoken(self.value)}"


class Matches(_Textual):
    """The text contains, starts with or ends with a given one, or is like a pattern; or a list of texts contains it."""

    op: Literal["contains", "starts_with", "ends_with", "like"]

    @model_validator(mode="after")
    def _is_selective(self) -> Self:
        if not self.text and self.op != "like":
            raise DefinitionError(f"every text {self.op} an empty one; use .is_known() instead")
        return self


MOST_WORDS: Final = 20
"""Nobody types more to find somebody, and each is looked up separately."""


class HasWords(_Textual):
    """Each of the given words is the beginning of a word of the text, in any order and spelling."""

    op: Literal["matches"]

    @model_validator(mode="after")
    def _has_words(self) -> Self:
        if not searched_words(self.text):
            raise DefinitionError(f"there is no word in {spoken(self.value)}; write at least one, such as ada")
        if len(searched_words(self.text)) > MOST_WORDS:
            raise DefinitionError(f"matches takes at most {MOST_WORDS} words; write fewer")
        return self


class IsKnown(Leaf):
    """There is a value."""

    op: Literal["known"]

    def __str__(self) -> str:
        return f"{self.name} is known"


class Within(Leaf):
    """The moment or date is at most this many days old, and not in the future."""

    op: Literal["within"]
    days: Annotated[int, Field(strict=True, ge=1, le=36_525)]

    def __str__(self) -> str:
        return f"{self.name} in the last {self.days} days" if self.days > 1 else f"{self.name} in the last day"

    def turns(self, value: object) -> tuple[datetime, ...]:
        """The moments at which this becomes true of a moment or date, and no longer is; none where that never is."""
        span = timedelta(days=self.days)
        try:
            if isinstance(value, datetime):
                return value, value + span + timedelta(microseconds=1)
            if isinstance(value, date):
                first = datetime.combine(value, time(), UTC)
                return first, first + span + timedelta(days=1)
        except OverflowError:  # later than the calendar goes: it never ends
            pass
        return ()


# --- conditions made of others ---------------------------------------------------------------------------------


class Combined(Node):
    """A condition made of others."""

    @property
    @abstractmethod
    def parts(self) -> "Sequence[Condition]":
        """The conditions that it is made of."""

    @model_validator(mode="after")
    def _counted(self) -> Self:
        sizes = [(part._size, part._depth) for part in self.parts]
        self._size = 1 + sum(size for size, _ in sizes)
        self._depth = 1 + max(depth for _, depth in sizes)
        check_limits(self._size, self._depth)
        return self


class And(Combined):
    """All of the conditions are true."""

    op: Literal["and"]
    all: Several["Condition"]

    @property
    def parts(self) -> "Sequence[Condition]":
        """The conditions that it is made of."""
        return self.all

    def __str__(self) -> str:
        return " and ".join(f"({part})" if isinstance(part, Or) else str(part) for part in self.all)


class Or(Combined):
    """At least one of the conditions is true."""

    op: Literal["or"]
    any: Several["Condition"]

    @property
    def parts(self) -> "Sequence[Condition]":
        """The conditions that it is made of."""
        return self.any

    def __str__(self) -> str:
        return " or ".join(f"({part})" if isinstance(part, And) else str(part) for part in self.any)


class Not(Combined):
    """The condition is false (if it is unknown, so is this)."""

    op: Literal["not"]
    of: "Condition"

    @property
    def parts(self) -> "Sequence[Condition]":
        """The conditions that it is made of."""
        return (self.of,)

    def __str__(self) -> str:
        return f"{self.of.name} is unknown" if isinstance(self.of, IsKnown) else f"not ({self.of})"


class Always(Node):
    """True for every subject."""

    op: Literal["always"]

    def __str__(self) -> str:
        return "always"


class Never(Node):
    """False for every subject."""

    op: Literal["never"]

    def __str__(self) -> str:
        return "never"


AnyValued: TypeAlias = Compare | IsIn | Between
OnPath: TypeAlias = AnyValued | Matches | HasWords | IsKnown | Within
"""A condition on one path."""

Condition = TypeAliasType(
    "Condition",
    Annotated[OnPath | And | Or | Not | Always | Never, Field(discriminator="op"), BeforeValidator(within_limits)],
)
"""Any condition, as a type for annotations and pydantic fields; for ``isinstance`` use ``Node``."""

for _model in (And, Or, Not):
    _model.model_rebuild()

ALWAYS: Final = Always(op="always")
NEVER: Final = Never(op="never")


def all_of(*conditions: Condition) -> Condition:
    """True if all are true (``always`` for none); faster than ``&`` for many."""
    return _joined(And, conditions) if conditions else ALWAYS


def any_of(*conditions: Condition) -> Condition:
    """True if at least one is true (``never`` for none); faster than ``|`` for many."""
    return _joined(Or, conditions) if conditions else NEVER


def _joined(node: type[And] | type[Or], conditions: tuple[Any, ...]) -> Condition:
    """One flat node, not validated again: validating and counting all parts anew would make long chains quadratic."""
    if len(conditions) == 1:
        return conditions[0]  # type: ignore[no-any-return]  # a condition, which Any stands for here
    key = "all" if node is And else "any"
    parts = chain.from_iterable(getattr(one, key) if isinstance(one, node) else (one,) for one in conditions)
    values: dict[str, Any] = {"op": "and" if node is And else "or", key: tuple(parts)}
    flat = node.model_construct(**values)
    flat._size = 1 + sum(one._size - isinstance(one, node) for one in conditions)
    flat._depth = max(one._depth + (not isinstance(one, node)) for one in conditions)
    check_limits(flat._size, flat._depth)
    return flat


def leaves(condition: Condition) -> Iterator[OnPath]:
    """Every condition on a path, in the order in which it is written."""
    match condition:
        case And() | Or() | Not():
            for part in condition.parts:
                yield from leaves(part)
        case Always() | Never():
            return
        case leaf:
            yield leaf
