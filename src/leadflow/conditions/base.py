"""What all conditions share: operators, limits, and a path for those that look at one value."""

# No `from __future__ import annotations`: pydantic reads these annotations.
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, Final, Literal, NoReturn, Self, TypeAlias, TypeVar

from pydantic import BaseModel, ConfigDict, Field, PrivateAttr, ValidationError, model_validator

from leadflow.conditions.constants import same_kind
from leadflow.conditions.editors import ActivityPath, FieldPath, never_null
from leadflow.conditions.limits import check_limits
from leadflow.conditions.values import ORDERED, Kind, Scalar
from leadflow.errors import DefinitionError

if TYPE_CHECKING:
    from leadflow.conditions.nodes import Condition, Not

Scope: TypeAlias = Literal["field", "activity"]


class Node(BaseModel):
    """Any condition. It has no truth of its own: ``evaluate`` it, and join it with ``&``, ``|`` and ``~``."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    op: str

    _size: int = PrivateAttr(default=1)
    _depth: int = PrivateAttr(default=1)

    def __and__(self, other: "Condition") -> "Condition":
        from leadflow.conditions.nodes import And, joined  # the concrete nodes need this module

        return joined(And, (self, other)) if isinstance(other, Node) else _no_condition(other, "&")

    def __or__(self, other: "Condition") -> "Condition":
        from leadflow.conditions.nodes import Or, joined

        return joined(Or, (self, other)) if isinstance(other, Node) else _no_condition(other, "|")

    def __invert__(self) -> "Not":
        from leadflow.conditions.nodes import Not

        return made(Not, op="not", of=self)

    def __bool__(self) -> NoReturn:
        raise TypeError(
            f"the condition ({self}) is neither true nor false before it is evaluated; join conditions with & | ~ and "
            "parentheses instead of and, or, not; write .between(low, high) instead of low < field < high, and "
            ".is_in(…) instead of in"
        )

    def _count(self, parts: Iterable["Node"]) -> None:
        sizes = [(part._size, part._depth) for part in parts]
        self._size = 1 + sum(size for size, _ in sizes)
        self._depth = 1 + max(depth for _, depth in sizes)
        check_limits(self._size, self._depth)


def _no_condition(other: object, sign: str) -> NoReturn:
    raise TypeError(f"{other!r} is no condition; put each comparison beside {sign} into parentheses")


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
        """The path as it is written in texts and messages."""
        return self.path if self.field else f"activity.{self.path}"


class Valued(Leaf):
    """A condition that compares with constants, all of one ``kind``."""

    # Private attributes count in pydantic's ==, which would else take 1 and True for the same condition.
    _kind: Kind = PrivateAttr()

    @property
    def kind(self) -> Kind:
        """What kind of value it compares with; a value of another kind makes it unknown."""
        return self._kind

    @property
    def constants(self) -> tuple[Scalar, ...]:
        """What is compared with, in the order in which it was written."""
        raise NotImplementedError

    @model_validator(mode="after")
    def _one_kind(self) -> Self:
        self._kind = same_kind(self.constants)
        return self

    def _ordered(self) -> None:
        if self._kind not in ORDERED:
            raise DefinitionError("true and false have no order; compare with == or !=")


_N = TypeVar("_N", bound=Node)
_IMPLIED: Final = frozenset({
    "value", "values", "and", "or", "not", "eq", "ne", "lt", "le", "gt", "ge", "in", "between",
    "contains", "starts_with", "ends_with", "like", "matches", "known", "within",
})  # fmt: skip
"""Parts of pydantic's places that say nothing to a reader."""


def made(node: type[_N], **values: Any) -> _N:
    """A node, with what is wrong said as one ``DefinitionError``."""
    try:
        return node(**values)
    except ValidationError as wrong:
        where = values.get("field") or values.get("activity")
        raise DefinitionError(f"{where}: {complaint(wrong)}" if where else complaint(wrong)) from None


def complaint(wrong: ValidationError) -> str:
    """The first error of a validation, in a line: where it is and what is wrong."""
    first = wrong.errors(include_url=False, include_context=False, include_input=False)[0]
    message = first["msg"].removeprefix("Value error, ")
    where = ".".join(str(part) for part in first["loc"] if part not in _IMPLIED)
    return f"{where}: {message}" if where else message
