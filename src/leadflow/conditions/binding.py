"""Checking conditions against the types that they will be evaluated on, before any lead arrives.

Engines disagree about ``"true" = TRUE``, and a misspelt rule would go unnoticed, so path, operator and value are
checked against the annotations here. Dates that were written as text become dates.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from datetime import UTC, date, datetime, time, timedelta
from difflib import get_close_matches
from typing import Final

from leadflow.conditions import nodes
from leadflow.conditions.constants import day, is_day, moment
from leadflow.conditions.errors import made
from leadflow.conditions.formatting import spoken
from leadflow.conditions.nodes import Condition, Leaf, Node, OnPath
from leadflow.conditions.path_types import OPEN, Shape, known_paths, members, quality_paths, shape_at, shape_of
from leadflow.conditions.values import ACTIVITY_FIELDS, Kind, Scalar, is_of_account, is_of_quality
from leadflow.entities.former_names import former_paths
from leadflow.entities.lead import Lead
from leadflow.entities.score import Account
from leadflow.errors import DefinitionError, shown

__all__ = ["bind"]

_SPOKEN: Final[Mapping[Kind, str]] = {
    "bool": "true or false", "number": "a number", "text": "a text", "datetime": "a moment", "date": "a date",
}  # fmt: skip

NAMING: Final = frozenset({"enriched", "left_blank", "enrichments.values.path"})
"""Paths of a lead whose values are paths of a lead."""

_OWN_FIELDS: Final = (
    "LeadFlow(custom=MyFields), model.bind(Lead[MyFields]), a_lead(custom=MyFields(…)), custom: {…} in YAML"
)


def bind(condition: Condition, root_type: type, *, activity_properties: type | None = None) -> Condition:
    """The condition, checked against the type that its paths start from, with dates converted to the fields' types.

    Activity properties are checked only if their type is given. Raises ``DefinitionError`` for a path that does not
    exist (naming the nearest) and for an operator or a value that does not fit the field.

    A datetime field may be compared with a day, which means the whole day in UTC.
    """
    return _Binding(root_type, activity_properties).bound(condition)


class _Binding:
    def __init__(self, root_type: type, activity_properties: type | None) -> None:
        for given in (root_type, activity_properties):
            if given is not None and not isinstance(given, type):
                raise DefinitionError(f"{given!r} is not a class; conditions are bound to one, like a pydantic model")
        self._root, self._properties = root_type, activity_properties

    def bound(self, condition: Condition) -> Condition:
        match condition:
            case nodes.And(all=parts):
                return made(nodes.And, op="and", all=[self.bound(part) for part in parts])
            case nodes.Or(any=parts):
                return made(nodes.Or, op="or", any=[self.bound(part) for part in parts])
            case nodes.Not(of=part):
                return made(nodes.Not, op="not", of=self.bound(part))
            case nodes.Always() | nodes.Never():
                return condition
            case nodes.Matches(op="contains") if former := self._former_paths(condition):
                stored = [made(nodes.Matches, op=condition.op, value=path, field=condition.path) for path in former]
                return made(nodes.Or, op="or", any=[condition, *stored])  # as leads are stored that were written before
            case Node():
                return _fitted(condition, self._shape(condition))
        raise DefinitionError(f"{shown(condition)} is not a condition")

    def _former_paths(self, leaf: nodes.Matches) -> tuple[str, ...]:
        """Return the former paths of the field that a condition names, if it looks for one among such."""
        named = leaf.scope == "field" and leaf.path in NAMING and issubclass(self._root, Lead)
        return former_paths(self._root, leaf.text) if named else ()

    def _shape(self, leaf: Leaf) -> Shape:
        if leaf.scope == "activity" and leaf.path.split(".")[0] in ACTIVITY_FIELDS:
            own = ACTIVITY_FIELDS.get(leaf.path)
            if own is None:
                raise DefinitionError(f"{leaf.name}: there is nothing below {leaf.path.split('.')[0]}")
            return shape_of(own)
        root = self._root if leaf.scope == "field" else self._properties
        if root is None:
            return OPEN
        shape = shape_at(root, leaf.path)
        if shape is None and leaf.scope == "field" and is_of_account(leaf.path):
            shape = shape_at(Account, leaf.path.partition(".")[2])
        if shape is None and leaf.scope == "field" and is_of_quality(leaf.path) and issubclass(root, Lead):
            shape = quality_paths(root).get(leaf.path)
        if shape is None:
            raise DefinitionError(_unknown(leaf, root))
        return shape


def _unknown(leaf: Leaf, root: type) -> str:
    own = ACTIVITY_FIELDS if leaf.scope == "activity" else ()
    if leaf.path.startswith("custom.") and not any(path.startswith("custom.") for path in known_paths(root)):
        return f"{leaf.name}: {root.__name__} has no custom fields; declare them: {_OWN_FIELDS}"
    known = sorted([*known_paths(root), *own], key=lambda path: (path.count("."), path))
    last = leaf.path.rpartition(".")[2]
    ending = [path for path in known if path.rpartition(".")[2] == last]
    near = ending[:1] or get_close_matches(leaf.path, known, n=1) or _nearest_ending(last, known)
    there = _listed(known) if known else "nothing"
    hint = f"did you mean {near[0]}?" if near else f"there is {there}"
    if leaf.scope == "field" and "." not in leaf.path:
        hint += f" (for a property of an activity use activity({leaf.path!r}))"
    return f"{leaf.name}: {root.__name__} has no such field; {hint}"


def _nearest_ending(last: str, known: Iterable[str]) -> list[str]:
    by_ending: dict[str, str] = {}
    for path in known:
        by_ending.setdefault(path.rpartition(".")[2], path)
    return [by_ending[name] for name in get_close_matches(last, by_ending, n=1)]


# --- one condition on one path -----------------------------------------------------------------------------


def _fitted(leaf: OnPath, shape: Shape) -> Condition:
    if shape.open:
        return leaf
    if shape.many:
        _check_many(leaf, shape)
        return leaf
    if isinstance(leaf, nodes.IsKnown):
        return leaf
    if not shape.kinds:
        raise DefinitionError(f"{leaf.name}: {_no_value(leaf, shape)}")
    if isinstance(leaf, nodes.AnyValued):
        return _fitted_values(leaf, shape)
    wanted: frozenset[Kind] = frozenset(
        {"text"} if isinstance(leaf, nodes.Matches | nodes.HasWords) else {"datetime", "date"}
    )
    if not wanted & shape.kinds:
        raise DefinitionError(f"{leaf.name} is {_kinds(shape.kinds)}; {leaf.op} needs {_kinds(wanted)}")
    return leaf


def _check_many(leaf: OnPath, shape: Shape) -> None:
    if not isinstance(leaf, nodes.Matches) or leaf.op != "contains":
        raise DefinitionError(f"{leaf.name} is a list; use .contains(…)")
    if "text" not in shape.kinds:
        inside = _no_value(leaf, shape) if shape.groups else f"it holds {_kinds(shape.kinds)}"
        raise DefinitionError(f"{leaf.name} is not a list of texts: {inside}")
    _check_choices(leaf, shape, (leaf.text,))


def _no_value(leaf: Leaf, shape: Shape) -> str:
    names = [f"{leaf.path}.{name}" for group in shape.groups for name in members(group)]
    names += [f"{leaf.path}.…"] if shape.mapped else []
    if not names:
        return "it has no value to compare; use .is_known()"
    return f"it is a group of fields; use one of them ({_listed(names)})"


def _fitted_values(leaf: nodes.AnyValued, shape: Shape) -> Condition:
    if leaf.kind in shape.kinds:
        _check_choices(leaf, shape, leaf.constants)
        return leaf
    if leaf.kind == "text" and shape.kinds & {"datetime", "date"}:
        return _fitted_values(_with_dates(leaf, shape), shape)
    if leaf.kind == "date" and "datetime" in shape.kinds:
        return _whole_days(leaf)
    listed = ", ".join(spoken(value) for value in leaf.constants[:3])
    raise DefinitionError(
        f"{leaf.name} is {_kinds(shape.kinds)}; it can't be compared with {listed} ({_SPOKEN[leaf.kind]})"
    )


def _check_choices(leaf: nodes.Valued | nodes.Matches, shape: Shape, values: Collection[Scalar]) -> None:
    if shape.choices is None or (isinstance(leaf, nodes.Valued) and leaf.kind != "text"):
        return
    if leaf.op in ("lt", "le", "gt", "ge", "between"):
        listed = _listed(sorted(shape.choices))
        raise DefinitionError(f"{leaf.name} is one of {listed}: texts without an order; use is_in")
    for value in values:
        if value not in shape.choices:
            near = get_close_matches(str(value), shape.choices, n=1)
            hint = f"did you mean {near[0]}?" if near else f"it is one of {_listed(sorted(shape.choices))}"
            raise DefinitionError(f"{leaf.name} is never {spoken(value)}; {hint}")


# --- dates -------------------------------------------------------------------------------------------------


def _with_dates(leaf: nodes.AnyValued, shape: Shape) -> nodes.AnyValued:
    """The same condition, with its texts parsed as dates and moments."""

    def parsed(value: Scalar) -> Scalar:
        text = str(value)
        try:
            return day(text) if "datetime" not in shape.kinds or is_day(text) else moment(text)
        except DefinitionError as wrong:
            raise DefinitionError(f"{leaf.name}: {wrong}") from None

    return _rebuilt(leaf, parsed)


def _rebuilt(leaf: nodes.AnyValued, change: Callable[[Scalar], Scalar]) -> nodes.AnyValued:
    where = {leaf.scope: leaf.path}
    match leaf:
        case nodes.Compare(op=op, value=value):
            return made(nodes.Compare, op=op, value=change(value), **where)
        case nodes.IsIn(values=values):
            return made(nodes.IsIn, op="in", values=[change(value) for value in values], **where)
        case nodes.Between(low=low, high=high):
            return made(nodes.Between, op="between", low=change(low), high=change(high), **where)


def _whole_days(leaf: nodes.AnyValued) -> Condition:
    """The equivalent condition on a moment: ``<= day`` means before its end, ``== day`` from its start to its end."""
    match leaf:
        case nodes.Compare(op="lt" | "ge", value=value):
            return _compare(leaf, leaf.op, _start(leaf, value))
        case nodes.Compare(op="le" | "gt", value=value):
            return _compare(leaf, "lt" if leaf.op == "le" else "ge", _end(leaf, value))
        case nodes.Compare(op="ne", value=value):
            return made(nodes.Not, op="not", of=_from_to(leaf, value, value))
        case nodes.Compare(value=value):
            return _from_to(leaf, value, value)
        case nodes.IsIn(values=values):
            return nodes.any_of(*(_from_to(leaf, value, value) for value in values))
        case nodes.Between(low=low, high=high):
            return _from_to(leaf, low, high)


def _from_to(leaf: Leaf, first: Scalar, last: Scalar) -> Condition:
    return nodes.all_of(_compare(leaf, "ge", _start(leaf, first)), _compare(leaf, "lt", _end(leaf, last)))


def _compare(leaf: Leaf, op: str, value: datetime) -> nodes.Compare:
    return made(nodes.Compare, op=op, value=value, **{leaf.scope: leaf.path})


def _start(leaf: Leaf, value: Scalar) -> datetime:
    if not isinstance(value, date):
        raise DefinitionError(f"{leaf.name}: {spoken(value)} is not a date")
    return datetime.combine(value, time(), UTC)


def _end(leaf: Leaf, value: Scalar) -> datetime:
    try:
        return _start(leaf, value) + timedelta(days=1)
    except OverflowError:
        raise DefinitionError(f"{leaf.name}: {spoken(value)} is the last possible day; give an earlier one") from None


def _kinds(kinds: Collection[Kind]) -> str:
    return " or ".join(sorted(_SPOKEN[kind] for kind in kinds))


def _listed(names: Iterable[str], limit: int = 12) -> str:
    names = list(names)
    return ", ".join(names[:limit]) + (f", … ({len(names)} in all)" if len(names) > limit else "")
