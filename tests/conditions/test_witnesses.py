"""Values for which conditions hold: each is tried on a real subject."""

from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conditions.test_satisfiability import NARROW, VALUES
from conditions.trees import NOW
from leadflow.conditions import Condition, all_of, any_of, evaluate, field, never
from leadflow.conditions.satisfiability import NOT_TRUE, TRUE, is_never_true
from leadflow.conditions.values import read, read_activity
from leadflow.conditions.witnesses import Witness, nearest_disjunct, witness_for

A, C = field("a"), field("c")


def found(condition: Condition, lead: dict[str, Any], done: Any = None, wanted: Any = TRUE, fixed: Any = ()) -> Any:
    def there(scope: str, path: str) -> object:
        return read(lead, path) if scope == "field" else read_activity(done, path)

    disjunct = nearest_disjunct([(condition, wanted)], there, NOW, lambda _, path: path in fixed)
    return None if disjunct is None else witness_for(disjunct, there, NOW)


def changed(values: Witness, lead: dict[str, Any], properties: dict[str, Any]) -> tuple[Any, Any]:
    of_lead = {path: value for (scope, path), value in values.items() if scope == "field"}
    of_activity = {path: value for (scope, path), value in values.items() if scope == "activity"}
    return {**lead, **of_lead}, {"properties": {**properties, **of_activity}}


@given(NARROW, st.sampled_from(VALUES), st.sampled_from(VALUES), st.sampled_from([TRUE, NOT_TRUE]))
def test_the_values_make_the_condition_what_is_wanted(condition: Condition, a: Any, b: Any, wanted: Any) -> None:
    lead, properties = {"a": a}, {"b": b}
    values = found(condition, lead, {"properties": properties}, wanted)
    holds = evaluate(condition, lead, NOW, {"properties": properties}) in wanted
    assert (values == {}) == holds
    if values is None:
        assert not (wanted == TRUE and isinstance(condition, type(A == 1)) and not is_never_true(condition))
        return
    other, done = changed(values, lead, properties)
    assert evaluate(condition, other, NOW, done) in wanted


@pytest.mark.parametrize(
    ("condition", "value"),
    [
        (A >= 250, 250),
        (A > 100, 101),
        (A < 10, 9),
        ((A > 1) & (A < 2), 1.5),
        (A.is_in("x", "y"), "x"),
        (A == True, True),  # noqa: E712  # a comparison of the field
        (A.starts_with("/pricing"), "/pricing"),
        (A.starts_with("/p") & A.ends_with("ing"), "/ping"),
        (A.like("Head of *"), "Head of "),
        (A.within(days=3), NOW),
        (A.between(3, 9) & (A != 3), 9),
        (A != True, False),  # noqa: E712  # the same
        (A.within(days=3) & A.is_known(), NOW),
        (A.starts_with("/p") & A.starts_with("/pricing") & ~(A == "/pricing"), "/pricinga"),
        (A.within(days=9) & ~A.within(days=3), NOW - timedelta(days=9)),
    ],
    ids=str,
)
def test_the_plainest_value_is_taken(condition: Condition, value: object) -> None:
    assert found(condition, {}) == {("field", "a"): value}


def test_of_alternatives_the_one_that_changes_least() -> None:
    either = any_of(all_of(A == 1, C == 1), C == 2)
    assert found(either, {"a": 1}) == {("field", "c"): 1}
    assert found(either, {"a": 5, "c": 5}) == {("field", "c"): 2}
    assert found((A == 1) | (C == 1), {"a": 5}) == {("field", "c"): 1}  # c is unknown, a is known to be another
    assert found((A == 1) | (C == 1), {}, fixed=("a",)) == {("field", "c"): 1}
    assert found(A == 1, {}, fixed=("a",)) is None
    assert found(never(), {}) is None


def test_a_list_gets_one_more() -> None:
    assert found(A.contains("x"), {"a": ("y",)}) == {("field", "a"): ("y", "x")}
