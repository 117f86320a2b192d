"""The generated function gives what the interpreter gives, on anything."""

import re
from collections import UserDict
from datetime import UTC, datetime
from types import SimpleNamespace

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from conditions.trees import ACTIVITIES, CONDITIONS, NOW, ODD_VALUES, PATTERNS, SUBJECTS, VALUES, leaves
from leadflow.conditions import Condition, activity, all_of, compile_condition, evaluate, field
from leadflow.conditions.codegen import Code
from leadflow.conditions.codegen_paths import indented
from leadflow.conditions.globs import glob_test
from leadflow.conditions.interpreter import is_like
from leadflow.errors import InvalidInput


@settings(max_examples=250)
@given(CONDITIONS, SUBJECTS, ACTIVITIES)
def test_interpreter_and_generated_function_agree(condition: Condition, subject: object, activity: object) -> None:
    assert compile_condition(condition)(subject, NOW, activity) is evaluate(condition, subject, NOW, activity)


@settings(max_examples=250)
@given(leaves(), st.lists(VALUES, min_size=1, max_size=6))
def test_they_agree_on_every_leaf(leaf: Condition, values: list[object]) -> None:
    compiled = compile_condition(leaf)
    for value in values:
        subject = {"a": value, "b": value, "c": {"d": value, "e": value}, "items": value, "in": value}
        doing = {"kind": value, "happened_at": value, "properties": subject}
        assert compiled(subject, NOW, doing) is evaluate(leaf, subject, NOW, doing)


SOME, TODAY = field("a"), NOW.date()
ONE_OF_EACH = [
    SOME == 1, SOME != 1, SOME == "a", SOME != "a", SOME == True, SOME != False, SOME != NOW, SOME != TODAY,  # noqa: E712
    SOME < 1, SOME >= 1, SOME.between(0, 1), SOME.is_in(0, 1), SOME.is_in("a", "b"), SOME.is_in(True), SOME < "b",
    SOME.between("a", "b"), SOME.contains("a"), SOME.starts_with("a"), SOME.ends_with("a"), SOME.like("*"),
    SOME.within(days=3), SOME.is_known(), SOME > NOW, SOME.between(NOW, NOW), SOME.is_in(NOW), SOME <= TODAY,
    SOME.starts_with("b") | SOME.starts_with("a"), SOME.ends_with("b") | SOME.ends_with("a") | SOME.starts_with("d"),
]  # fmt: skip


@pytest.mark.parametrize("condition", ONE_OF_EACH, ids=str)
def test_they_agree_on_every_odd_value(condition: Condition) -> None:
    plain = [None, 0, 1, 1.0, True, False, "", "a", "b", NOW, NOW.date(), {}, ("a",), [1], SimpleNamespace()]
    several = all_of(condition, SOME == 1, SOME == "a", SOME == True, SOME.is_known(), SOME.contains("a"))  # noqa: E712
    for asked in (condition, ~condition, several, ~several):
        compiled = compile_condition(asked)
        for value in (*plain, *ODD_VALUES):
            assert compiled({"a": value}, NOW) is evaluate(asked, {"a": value}, NOW), (asked, value)


@settings(max_examples=100)
@given(st.lists(CONDITIONS, min_size=1, max_size=4), SUBJECTS, ACTIVITIES)
def test_many_conditions_in_one_function_mean_what_each_means_alone(
    conditions: list[Condition], subject: object, doing: object
) -> None:
    code = Code(subject="s", now="t", activity="x")
    truths = [code.truth(one) for one in conditions]
    body = [*code.opening(), *code.reads("field"), *code.reads("activity")]
    both = ", ".join(f"({truth.yes}, {truth.no})" for truth in truths)
    function = code.function(["def several(s, t, x):", *indented(body), f"    return [{both}]"])
    expected = [evaluate(one, subject, NOW, doing) for one in conditions]
    assert function(subject, NOW, doing) == [(truth is True, truth is False) for truth in expected]


def test_a_path_is_read_once_however_many_conditions_look_at_it() -> None:
    class Counting(UserDict[str, object]):
        asked = 0

        def get(self, key: str, default: object = None) -> object:
            Counting.asked += 1
            return super().get(key, default)

    condition = all_of(*(field("company.employees") >= n for n in range(50)), field("company.name") == "x")
    compiled = compile_condition(condition)
    assert compiled(Counting(company={"employees": 60, "name": "x"}), NOW) is True
    assert Counting.asked == 1


def test_no_constant_and_no_name_is_written_into_the_source() -> None:
    evil = "'); raise SystemExit('"
    condition = (field("class.lambda") == evil) & field("class.lambda").is_in(evil) & field("größe").like(evil + "*")
    assert compile_condition(condition)({"class": {"lambda": evil}, "größe": evil}, NOW) is True


def test_naive_moments_are_refused() -> None:
    with pytest.raises(InvalidInput):
        compile_condition(field("a") == 1)({}, datetime(2026, 1, 1))


def test_the_largest_conditions_compile() -> None:
    wide = all_of(*(field("a") != n for n in range(4_900)))
    assert compile_condition(wide)({"a": -1}, NOW) is True
    deep: Condition = field("a") == 1
    for n in range(24):
        deep = ~(deep & (field("b") == n))
    assert compile_condition(deep)({"a": 1, "b": 2}, NOW) is evaluate(deep, {"a": 1, "b": 2}, NOW)


@settings(max_examples=500)
@given(PATTERNS, st.text("ab\nü", max_size=8))
@example("a*a", "a")
@example("*ab*b", "ab")
@example("*?b*b", "ab")
def test_patterns_mean_the_same_as_the_regular_expression_that_they_stand_for(pattern: str, text: str) -> None:
    expression = "".join({"*": ".*", "?": "."}.get(sign, re.escape(sign)) for sign in pattern)
    expected = re.fullmatch(expression, text, re.DOTALL) is not None
    assert (is_like(text, pattern), glob_test(pattern)(text)) == (expected, expected)


def test_a_pattern_full_of_stars_ends_soon() -> None:
    text, pattern = "a" * 20_000 + "b", "*a" * 60 + "*c"
    assert glob_test(pattern)(text) is False
    assert is_like(text[:500], pattern) is False


def test_attributes_and_keys_are_reached_alike() -> None:
    compiled = compile_condition((field("a.items") == "x") & (activity("items.keys") == 3))
    doing = SimpleNamespace(properties={"items": {"keys": 3}})
    now = datetime(2026, 1, 1, tzinfo=UTC)
    assert compiled({"a": {"items": "x"}}, now, doing) is True
    assert compiled(SimpleNamespace(a=SimpleNamespace(items="x")), now, doing) is True
    assert compiled({"a": {}}, now, doing) is None
