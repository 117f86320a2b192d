"""Writing conditions: what is given, and what every likely slip says."""

import pickle
from collections.abc import Callable
from datetime import UTC, datetime
from decimal import Decimal
from functools import reduce

import pytest

from leadflow.conditions import Condition, activity, all_of, always, any_of, condition_from, field, leaves, never
from leadflow.conditions.nodes import And, Or
from leadflow.conditions.size_limits import MAX_DEPTH, MAX_SIZE
from leadflow.errors import DefinitionError

a, b = field("a"), field("b")


@pytest.mark.parametrize(
    ("slip", "says"),
    [
        (lambda: bool(a == 1), "& |"),
        (lambda: (a == 1) and (b == 2), "& |"),
        (lambda: 1 < a < 3, "between"),
        (lambda: a in ("x", "y"), "is_in"),
        (lambda: "x" in a, "contains"),
        (lambda: bool(a), "is_known"),
        (lambda: ~a, "is_known"),
        (lambda: a & b, "parentheses"),
        (lambda: a == 1 & b, "parentheses"),
        (lambda: (a == 1) & "b", "parentheses"),  # type: ignore[operator]  # the slip
        (lambda: {a: 1}, "unhashable"),
    ],
)
def test_a_slip_of_the_pen_is_a_type_error_that_names_the_remedy(slip: Callable[[], object], says: str) -> None:
    with pytest.raises(TypeError, match=says):
        slip()


@pytest.mark.parametrize(
    ("slip", "says"),
    [
        (lambda: a == None, "a: .*is_known"),  # noqa: E711  # the slip
        (lambda: a == b, "constants only"),  # type: ignore[operator]  # the slip
        (lambda: (b == 1) == a, "constants only"),
        (lambda: a == [1], "a: .*can't be compared"),
        (lambda: a.between(0, float("nan")), "finite"),
        (lambda: float("inf") == a, "finite"),
        (lambda: a == 2**63, r"2\*\*63"),
        (lambda: a == "\ud800", "surrogate"),
        (lambda: datetime(2026, 1, 1) <= a, "time zone"),
        (lambda: a > True, "no order"),
        (a.is_in, "at least one"),
        (lambda: a.is_in(1, "a"), "different kinds"),
        (lambda: a.is_in([1], [2]), "can't be compared"),
        (lambda: a.is_in(1, True), "different kinds"),
        (lambda: a.between(3, 1), "swap"),
        (lambda: a.between(1, "b"), "different kinds"),
        (lambda: a.between(False, True), "no order"),
        (lambda: a.contains(3), "needs a text"),  # type: ignore[arg-type]  # the slip
        (lambda: a.contains(""), "is_known"),
        (lambda: a.within(days=0), "greater than"),
        (lambda: a.within(days=True), "integer"),
        (lambda: field(""), "not a path"),
        (lambda: field("a..b"), "not a path"),
        (lambda: field("a b"), "not a path"),
        (lambda: field("a.__class__"), "not a path"),
        (lambda: field("_a"), "not a path"),
        (lambda: field("a[0]"), "not a path"),
        (lambda: field("ﬁeld"), "not a path"),
        (lambda: field(3), "not a path"),  # type: ignore[arg-type]  # the slip
        (lambda: activity("1a"), "not a path"),
    ],
)
def test_what_can_never_work_is_a_definition_error(slip: Callable[[], object], says: str) -> None:
    with pytest.raises(DefinitionError, match=says):
        slip()


def test_constants_are_brought_to_one_form() -> None:
    assert (a == "e\u0301").value == "é"
    assert (a == Decimal("2.5")).value == 2.5
    assert (a >= datetime.fromisoformat("2026-01-01T02:00+02:00")).value == datetime(2026, 1, 1, tzinfo=UTC)
    assert a.is_in(["x", "y", "x"]).values == ("x", "y")
    assert a.is_in({"y", "x"}).values == ("x", "y")
    assert (a >= 250) == (a >= 250)


def test_a_number_and_a_bool_make_different_conditions() -> None:
    assert (a == 1) != (a == True)  # noqa: E712  # the notation
    assert (a == 1) == (a == 1.0)
    assert a.is_in(0, 1) != a.is_in(False, True)


def test_conditions_are_values() -> None:
    one, other = (a == 1) & ~b.is_known(), (a == 1) & ~b.is_known()
    assert one == other
    assert hash(one) == hash(other)
    assert pickle.loads(pickle.dumps(one)) == one
    with pytest.raises(ValueError, match="frozen"):
        (a == 1).value = 2  # type: ignore[misc]  # the slip


def test_chains_are_flat_and_equal_to_what_is_read_from_json() -> None:
    chain = (a == 1) & (b == 2) & always()
    assert isinstance(chain, And)
    assert len(chain.all) == 3
    assert chain == all_of(a == 1, b == 2, always()) == condition_from(chain.model_dump())
    either = (a == 1) | ((b == 2) | never())
    assert isinstance(either, Or)
    assert len(either.any) == 3
    assert all_of() == always()
    assert any_of() == never()
    assert any_of(a == 1) == (a == 1)
    assert [leaf.path for leaf in leaves(chain | either)] == ["a", "b", "a", "b"]


def nested(condition: Condition, _: int) -> Condition:
    return ~condition


def chained(condition: Condition, n: int) -> Condition:
    return condition | (b == n)


START: Condition = a == 1


def test_trees_that_grow_without_end_are_stopped() -> None:
    with pytest.raises(DefinitionError, match=f"more than {MAX_DEPTH} deep"):
        reduce(nested, range(MAX_DEPTH), START)
    with pytest.raises(DefinitionError, match=f"more than {MAX_SIZE:,} parts"):
        reduce(chained, range(MAX_SIZE), START)
    with pytest.raises(DefinitionError, match="is_in"):
        all_of(*[START] * MAX_SIZE)
    assert reduce(nested, range(MAX_DEPTH - 1), START)._depth == MAX_DEPTH
