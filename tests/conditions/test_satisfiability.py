"""What is told of conditions alone, against what they say of very many subjects."""

from datetime import UTC, date, datetime, timedelta
from itertools import product
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from conditions.trees import ACTIVITIES, CONDITIONS, NOW, SUBJECTS, comparisons
from leadflow.conditions import Condition, activity, all_of, always, any_of, compile_condition, evaluate, field, never
from leadflow.conditions.satisfiability import (
    NOT_TRUE,
    TRUE,
    exclude,
    implies,
    is_always_true,
    is_never_true,
    satisfiable,
)

A, B = field("a"), activity("b")
DAY = timedelta(days=1)
VALUES: list[Any] = [
    None, True, False, object(), -1, 0, 1, 1.5, 2, 3, "", "a", "aa", "aab", "ab", "abb", "b", "ba", "bb", "c",
    (), ("a",), ("a", "b"), ("ab", 1), NOW, NOW - DAY, NOW - 2 * DAY, NOW - 40 * DAY, NOW + DAY,
    NOW.date(), NOW.date() - 2 * DAY, NOW.date() + DAY,
]  # fmt: skip
"""Of every kind, on and between all constants below."""
EVERYBODY = list(product([{"a": value} for value in VALUES], [{"properties": {"b": value}} for value in VALUES], [NOW]))
EVERYBODY += [(lead, {}, NOW + 2 * DAY) for lead, *_ in EVERYBODY[:: len(VALUES)]]


def few(on: Any) -> st.SearchStrategy[Condition]:
    """Comparisons with few constants, so that they often contradict and imply each other."""
    texts, patterns = st.sampled_from(["a", "ab", "b"]), st.sampled_from(["a*", "?b", "*", "a?", "*a*b*", "?"])
    kinds = (st.sampled_from([0, 1, 2]), texts, st.sampled_from([NOW, NOW - DAY]))
    return comparisons(on, kinds, (*kinds, st.booleans()), texts, patterns, days=st.sampled_from([1, 3]), longest=2)


def trees(leaves: st.SearchStrategy[Condition]) -> st.SearchStrategy[Condition]:
    return st.recursive(
        st.one_of(leaves, leaves, st.builds(always), st.builds(never)),
        lambda inner: st.one_of(
            st.lists(inner, min_size=2, max_size=3).map(lambda parts: all_of(*parts)),
            st.lists(inner, min_size=2, max_size=3).map(lambda parts: any_of(*parts)),
            inner.map(lambda part: ~part),
        ),
        max_leaves=6,
    )


NARROW = trees(st.one_of(few(A), few(A), few(B)))


def truths(*conditions: Condition) -> set[tuple[bool | None, ...]]:
    """What the conditions say together, of everybody."""
    says = [compile_condition(one) for one in conditions]  # other tests hold these against the interpreter
    return {tuple(said(lead, now, done) for said in says) for lead, done, now in EVERYBODY}


@given(NARROW, NARROW)
def test_what_is_told_of_conditions_holds_for_everybody(one: Condition, other: Condition) -> None:
    seen = truths(one, other)
    if is_never_true(one):
        assert not any(first is True for first, _ in seen)
    if is_always_true(one):
        assert all(first is True for first, _ in seen)
    if implies(one, other):
        assert all(second is True for first, second in seen if first is True)
    if exclude(one, other):
        assert (True, True) not in seen


@given(CONDITIONS, CONDITIONS, SUBJECTS, ACTIVITIES)
def test_it_holds_for_odd_values_and_wide_trees_too(one: Condition, other: Condition, subject: Any, done: Any) -> None:
    first, second = evaluate(one, subject, NOW, done), evaluate(other, subject, NOW, done)
    assert not (is_never_true(one) and first is True)
    assert not (is_always_true(one) and first is not True)
    assert not (implies(one, other) and first is True and second is not True)
    assert not (exclude(one, other) and first is True and second is True)
    assert satisfiable((one, TRUE if first is True else NOT_TRUE), (other, TRUE if second is True else NOT_TRUE))


def plain(on: Any) -> st.SearchStrategy[Condition]:
    """What is decided exactly: everything but patterns of several kinds at once."""
    number = st.sampled_from([0, 2])
    return st.one_of(
        number.map(lambda value: on == value),
        number.map(lambda value: on != value),
        number.map(lambda value: on < value),
        number.map(lambda value: on >= value),
        st.just(on.between(0, 2)),
        st.just(on.is_in(0, 2)),
        st.just(on.is_in("a", "b")),
        st.sampled_from(["a", "b"]).map(on.starts_with),
        st.booleans().map(lambda value: on == value),
        st.just(on.is_known()),
    )


@given(trees(st.one_of(plain(A), plain(B))), trees(st.one_of(plain(A), plain(B))))
@example((A < 2) & (A >= 0) & (A != 0), A.is_in(0, 2))
def test_for_plain_comparisons_everything_is_found(one: Condition, other: Condition) -> None:
    seen = truths(one, other)
    assert is_never_true(one) == (not any(first is True for first, _ in seen))
    assert is_always_true(one) == all(first is True for first, _ in seen)
    assert implies(one, other) == all(second is True for first, second in seen if first is True)
    assert exclude(one, other) == ((True, True) not in seen)


NEVER = [
    (A >= 10) & (A < 5),
    (A == "x") & (A == "y"),
    A.is_in("x", "y") & A.is_in("z"),
    A.is_known() & ~A.is_known(),
    A.between(1, 3) & A.between(4, 6),
    A.starts_with("/pricing") & (A == "/about"),
    A.starts_with("/pricing") & A.ends_with("ing") & ~A.contains("pric"),
    A.starts_with("/a") & A.starts_with("/b"),
    A.starts_with("b") & (A < "a"),
    A.like("?x*") & A.starts_with("ab"),
    (A == 1) & (A == "1"),
    (A == 1) & (A == True),  # noqa: E712  # that is the question
    A.within(days=3) & ~A.within(days=7),
    (date(2026, 1, 1) <= A) & (datetime(2025, 1, 1, tzinfo=UTC) > A),
    A < "",
    never(),
    all_of((A > 1) | (A == "x"), (A < 0) | (A == "y")),
    ~any_of(A >= 5, A < 5),
]


@pytest.mark.parametrize("condition", NEVER, ids=str)
def test_contradictions_are_seen(condition: Condition) -> None:
    assert is_never_true(condition)


PERHAPS = [
    (A >= 10) | (A < 5),
    (A > 249) & (A < 250),  # there are numbers between
    A.contains("x") & A.contains("y"),
    A.contains("x") & ~A.contains("y"),
    A.starts_with("/a") & A.ends_with("a") & A.like("??a"),
    A.within(days=7) & ~A.within(days=3),
    (A == 1) & (B == "1"),
    ~A.is_in("a", "b"),
    A.starts_with("a") & (A > "ab"),
    A.starts_with("a") & (A < "ab"),
    A < "a",
]


@pytest.mark.parametrize("condition", PERHAPS, ids=str)
def test_what_may_be_true_is_not_accused(condition: Condition) -> None:
    assert not is_never_true(condition)


def test_implications() -> None:
    assert implies(A >= 1000, A >= 250)
    assert not implies(A >= 250, A >= 1000)
    assert implies(A == "/pricing/eu", A.starts_with("/pricing"))
    assert implies(A.starts_with("/pricing/eu"), A.like("/pri*"))
    assert implies(A.is_in("x", "y"), A.is_in("x", "y", "z"))
    assert implies(A.within(days=3), A.within(days=30))
    assert implies(A > 1, A.is_known())
    assert implies((A > 1) & (B == 2), (B == 2) | (A == 7))
    assert not implies(A.is_known(), A > 1)


def test_an_opposite_is_not_true_of_what_is_unknown() -> None:
    assert not is_always_true((A > 1) | ~(A > 1))
    assert is_always_true(A.is_known() | ~A.is_known())


def test_where_no_activity_is_looked_at_nothing_is_known_of_one() -> None:
    assert is_never_true(activity("path") == "/", activities=False)
    assert not is_never_true(~activity("path").is_known(), activities=False)
    assert not is_never_true(activity("path") == "/")


def test_what_takes_too_long_is_left_undecided() -> None:
    choices = [(field(f"p{n}") == 1) | (field(f"q{n}") == 1) for n in range(40)]
    hidden = all_of(*choices, *(~one for one in choices[::-1]))
    assert satisfiable((hidden, TRUE)) or is_never_true(hidden)
    many = field("a").is_in(*(str(n) for n in range(100_000)))
    assert not is_never_true(many)
    assert implies(field("a").is_in(*map(str, range(2_000))), field("a").is_in(*map(str, range(2_001))))


def test_large_conditions_are_no_problem_for_the_stack() -> None:
    wide = all_of(*((field(f"p{n}") == n) | (field(f"q{n}") == n) for n in range(1_000)))
    assert not is_never_true(wide)
