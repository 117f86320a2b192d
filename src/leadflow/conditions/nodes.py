"""The condition tree: frozen values with an exact JSON form.

::

    {"op": "ge", "field": "company.employees", "value": 250}        eq ne lt le gt ge
    {"op": "in", "field": "person.seniority", "values": ["director", "c-level"]}
    {"op": "between", "field": "deal.amount", "low": 1000, "high": 5000}      both ends count
    {"op": "starts_with", "activity": "path", "value": "/pricing"}  contains starts_with ends_with like
    {"op": "matches", "field": "text", "value": "ada acme"}             words, by their beginnings
    {"op": "known", "field": "email.kind"}
    {"op": "within", "activity": "happened_at", "days": 30}
    {"op": "and", "all": [...]}   {"op": "or", "any": [...]}   {"op": "not", "of": {...}}
    {"op": "always"}   {"op": "never"}

``field`` names a path of the lead (or whatever the condition is about), ``activity`` one of an activity. Nodes are made
by ``field(…)`` and ``activity(…)``, joined by ``&``, ``|``, ``~``; what they mean is said in ``evaluating``.
"""

# No `from __future__ import annotations`: pydantic reads these annotations.
from collections.abc import Iterator
from itertools import chain
from typing import Annotated, Any, Final, Literal, Self, TypeAlias, TypeVar

from pydantic import AfterValidator, BeforeValidator, Field, model_validator
from typing_extensions import TypeAliasType

from leadflow.conditions.base import Leaf, Node, Valued
from leadflow.conditions.constants import Constant
from leadflow.conditions.limits import check_limits, within_limits
from leadflow.conditions.text import SIGNS, spoken, spoken_list
from leadflow.conditions.values import Scalar
from leadflow.conditions.words import asked_words
from leadflow.errors import DefinitionError


def _some(values: tuple[Any, ...]) -> tuple[Any, ...]:
    if not values:
        raise DefinitionError("give at least one")
    return values


_T = TypeVar("_T")
# pydantic's own min_length would count only the valid items and so report one wrong item twice.
Several = Annotated[tuple[_T, ...], AfterValidator(_some), Field(json_schema_extra={"minItems": 1})]


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
            self._ordered()
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
    """The value lies between two constants; both ends count."""

    op: Literal["between"]
    low: Constant
    high: Constant

    @property
    def constants(self) -> tuple[Scalar, ...]:
        return (self.low, self.high)

    @model_validator(mode="after")
    def _has_order(self) -> Self:
        self._ordered()
        if self.high < self.low:  # type: ignore[operator]  # both are of one ordered kind
            raise DefinitionError(f"nothing is between {spoken(self.low)} and {spoken(self.high)}; swap them")
        return self

    def __str__(self) -> str:
        return f"{self.name} from {spoken(self.low)} to {spoken(self.high)}"


class Matches(Leaf):
    """The text contains, starts or ends with another, or is like a pattern; or a list of texts contains one."""

    op: Literal["contains", "starts_with", "ends_with", "like"]
    value: Constant

    @model_validator(mode="after")
    def _is_text(self) -> Self:
        if not isinstance(self.value, str):
            raise DefinitionError(f"{self.op} needs a text, not {spoken(self.value)}")
        if not self.value and self.op != "like":
            raise DefinitionError(f"every text {self.op} an empty one; ask .is_known() instead")
        return self

    @property
    def text(self) -> str:
        """The text or pattern that is looked for."""
        return str(self.value)

    def __str__(self) -> str:
        return f"{self.name} {SIGNS[self.op]} {spoken(self.value)}"


MOST_WORDS: Final = 20
"""Nobody types more to find somebody, and each is looked for by itself."""


class HasWords(Leaf):
    """Each of the words that are looked for begins a word of the text, in any order and spelling."""

    op: Literal["matches"]
    value: Constant

    @model_validator(mode="after")
    def _has_words(self) -> Self:
        if not isinstance(self.value, str):
            raise DefinitionError(f"matches needs a text, not {spoken(self.value)}")
        if not asked_words(self.value):
            raise DefinitionError(f"there is no word in {spoken(self.value)}; write at least one, such as ada")
        if len(asked_words(self.value)) > MOST_WORDS:
            raise DefinitionError(f"matches looks for at most {MOST_WORDS} words; write fewer")
        return self

    @property
    def text(self) -> str:
        """The words that are looked for, as they were written."""
        return str(self.value)

    def __str__(self) -> str:
        return f"{self.name} {SIGNS[self.op]} {spoken(self.value)}"


class Known(Leaf):
    """There is a value."""

    op: Literal["known"]

    def __str__(self) -> str:
        return f"{self.name} is known"


class Within(Leaf):
    """The moment or date is at most so many days old, and not in the future."""

    op: Literal["within"]
    days: Annotated[int, Field(strict=True, ge=1, le=36_525)]

    def __str__(self) -> str:
        return f"{self.name} in the last {self.days} days" if self.days > 1 else f"{self.name} in the last day"


class And(Node):
    """All of the conditions are true."""

    op: Literal["and"]
    all: Several["Condition"]

    @model_validator(mode="after")
    def _counted(self) -> Self:
        self._count(self.all)
        return self

    def __str__(self) -> str:
        return " and ".join(f"({part})" if isinstance(part, Or) else str(part) for part in self.all)


class Or(Node):
    """At least one of the conditions is true."""

    op: Literal["or"]
    any: Several["Condition"]

    @model_validator(mode="after")
    def _counted(self) -> Self:
        self._count(self.any)
        return self

    def __str__(self) -> str:
        return " or ".join(f"({part})" if isinstance(part, And) else str(part) for part in self.any)


class Not(Node):
    """The condition is false (if it is unknown, so is this)."""

    op: Literal["not"]
    of: "Condition"

    @model_validator(mode="after")
    def _counted(self) -> Self:
        self._count((self.of,))
        return self

    def __str__(self) -> str:
        return f"{self.of.name} is unknown" if isinstance(self.of, Known) else f"not ({self.of})"


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


OnPath: TypeAlias = Compare | IsIn | Between | Matches | HasWords | Known | Within
"""A condition on one path."""

Condition = TypeAliasType(
    "Condition",
    Annotated[OnPath | And | Or | Not | Always | Never, Field(discriminator="op"), BeforeValidator(within_limits)],
)
"""Any condition, as a type for annotations and pydantic fields; ``isinstance`` takes ``Node``."""

for _model in (And, Or, Not):
    _model.model_rebuild()


def all_of(*conditions: Condition) -> Condition:
    """True if all are true (of none: always); quicker than ``&`` for many."""
    return joined(And, conditions) if conditions else ALWAYS


def any_of(*conditions: Condition) -> Condition:
    """True if at least one is true (of none: never); quicker than ``|`` for many."""
    return joined(Or, conditions) if conditions else NEVER


def joined(node: type[And] | type[Or], conditions: tuple[Any, ...]) -> Condition:
    """One flat node, not validated again: that and counting all parts anew would make long chains quadratic."""
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
        case And(all=parts) | Or(any=parts):
            for part in parts:
                yield from leaves(part)
        case Not(of=part):
            yield from leaves(part)
        case Always() | Never():
            return
        case leaf:
            yield leaf


ALWAYS: Final = Always(op="always")
NEVER: Final = Never(op="never")
