"""What conditions mean, case by case: the expected column is written by hand."""

from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import given

from conditions.trees import ACTIVITIES, CONDITIONS, NOW, SUBJECTS, Level, Seniority
from leadflow.conditions import Condition, activity, always, compile_condition, evaluate, field, never
from leadflow.errors import InvalidInput

A = field("a")
NAN = float("nan")
MISSING = object()


class NotATime(date):
    """What pandas has for a missing moment: a date that is not equal to itself."""

    __hash__ = date.__hash__

    def __eq__(self, other: object) -> bool:
        return False

    def __ne__(self, other: object) -> bool:
        return True


TRUE, FALSE, UNKNOWN = always(), never(), field("missing") == 1
IN_BERLIN = timezone(timedelta(hours=2))

CASES: list[tuple[Condition, Any, bool | None]] = [
    # missing is unknown, and NaN is missing
    (A == 1, MISSING, None),
    (A == 1, None, None),
    (A != 1, None, None),
    (A >= 1, NAN, None),
    (A != 1, Decimal("NaN"), None),
    (A.is_known(), MISSING, False),
    (A.is_known(), None, False),
    (A.is_known(), NAN, False),
    (A.is_known(), Decimal("sNaN"), False),
    (A.is_known(), NotATime(2026, 1, 1), False),
    (A.is_known(), len, False),
    (A.is_known(), object(), True),
    (A.is_known(), "", True),
    (A.is_known(), 0, True),
    (A.is_known(), False, True),
    (A.is_known(), (), True),
    # numbers
    (A >= 250, 250, True),
    (A > 250, 250, False),
    (A < 2.5, 2, True),
    (A <= 2, 2.0, True),
    (A == 1, 1.0, True),
    (A == 0.1, Decimal("0.1"), True),
    (A == 1, Level.LOW, True),
    (A != 1, 2, True),
    (A != 1, 1, False),
    (A > 5, 10**400, True),
    (A < 5, float("inf"), False),
    (A == 0, -0.0, True),
    (A.between(1, 3), 1, True),
    (A.between(1, 3), 3, True),
    (A.between(1, 3), 3.01, False),
    (A.is_in(1, 2), 2, True),
    (A.is_in(1, 2), 3, False),
    # other kinds: unknown, not false; a bool is not a number
    (A == 1, True, None),
    (A == True, 1, None),  # noqa: E712  # the notation
    (A == True, True, True),  # noqa: E712
    (A != True, False, True),  # noqa: E712
    (A == 1, "1", None),
    (A == "1", 1, None),
    (A != "1", 1, None),
    (A > "a", 1, None),
    (A.is_in(1, 2), "1", None),
    (A.between(1, 3), "2", None),
    (A == "x", object(), None),
    (A == "x", ["x"], None),
    (A == "x", {"x": 1}, None),
    (A == "x", b"x", None),
    # text: case counts, "" is a value
    (A == "a", "a", True),
    (A == "a", "A", False),
    (A == "", "", True),
    (A == "x", "", False),
    (A < "b", "a", True),
    (A == "director", Seniority.DIRECTOR, True),
    (A.is_in("director", "c-level"), Seniority.DIRECTOR, True),
    (A.is_in("c-level"), Seniority.DIRECTOR, False),
    (A.contains("irec"), "director", True),
    (A.contains("Irec"), "director", False),
    (A.contains("x"), 7, None),
    (A.starts_with("dir"), "director", True),
    (A.starts_with("tor"), "director", False),
    (A.ends_with("tor"), "director", True),
    (A.ends_with("dir"), "director", False),
    (A.starts_with("d"), ["d"], None),
    (A.like("Head of *"), "Head of IT", True),
    (A.like("Head of *"), "head of IT", False),
    (A.like("Head of *"), "The Head of IT", False),
    (A.like("?at"), "cat", True),
    (A.like("?at"), "at", False),
    (A.like("a.c"), "abc", False),
    (A.like("*"), "", True),
    (A.like("*"), None, None),
    (A.like("*a*b"), "xaxb\nab", True),
    # lists
    (A.contains("fair"), ["web", "fair"], True),
    (A.contains("fair"), ("fairs",), False),
    (A.contains("fair"), frozenset({Seniority.INTERN, "fair"}), True),
    (A.contains("fair"), [], False),
    (A.contains("fair"), [None, 3], False),
    (A.contains("fair"), None, None),
    # moments and dates
    (date(2026, 1, 1) <= A, date(2026, 1, 1), True),
    (date(2026, 1, 1) <= A, NOW, None),
    (A >= NOW, date(2026, 6, 2), None),
    (A == NOW, NOW.astimezone(IN_BERLIN), True),
    (A >= NOW, datetime(2026, 6, 1, 13, tzinfo=IN_BERLIN), False),
    (A >= NOW, datetime(2027, 1, 1), None),
    (A.is_known(), datetime(2027, 1, 1), True),
    (A.within(days=1), NOW, True),
    (A.within(days=1), NOW - timedelta(days=1), True),
    (A.within(days=1), NOW - timedelta(days=1, microseconds=1), False),
    (A.within(days=1), NOW + timedelta(microseconds=1), False),
    (A.within(days=1), date(2026, 5, 31), True),
    (A.within(days=1), date(2026, 5, 30), False),
    (A.within(days=1), date(2026, 6, 2), False),
    (A.within(days=1), "2026-06-01", None),
    (A.within(days=1), None, None),
    (A.within(days=1), datetime(2026, 6, 1), None),
    (A.within(days=36_525), datetime.min.replace(tzinfo=UTC), False),
]


def spelled(value: object) -> str | None:
    """The same name in every worker of xdist: not that of an address or a set's order."""
    return None if type(value) in (object, frozenset) else str(value)[:40]


@pytest.mark.parametrize(("condition", "value", "expected"), CASES, ids=spelled)
def test_one_comparison(condition: Condition, value: Any, expected: bool | None) -> None:
    for subject in ({}, SimpleNamespace()) if value is MISSING else ({"a": value}, SimpleNamespace(a=value)):
        assert evaluate(condition, subject, NOW) is expected
        assert compile_condition(condition)(subject, NOW) is expected
        negated = None if expected is None else not expected
        assert evaluate(~condition, subject, NOW) is negated


T, F, U = True, False, None


@pytest.mark.parametrize(
    ("left", "right", "both", "either"),
    [
        (T, T, T, T),
        (T, F, F, T),
        (T, U, U, T),
        (F, T, F, T),
        (F, F, F, F),
        (F, U, F, U),
        (U, T, U, T),
        (U, F, F, U),
        (U, U, U, U),
    ],
)
def test_kleenes_tables(left: bool | None, right: bool | None, both: bool | None, either: bool | None) -> None:
    parts: dict[bool | None, Condition] = {True: TRUE, False: FALSE, None: UNKNOWN}
    joined, other = parts[left] & parts[right], parts[left] | parts[right]
    for run in (evaluate(joined, {}, NOW), compile_condition(joined)({}, NOW)):
        assert run is both
    for run in (evaluate(other, {}, NOW), compile_condition(other)({}, NOW)):
        assert run is either


@given(CONDITIONS, CONDITIONS, SUBJECTS, ACTIVITIES)
def test_de_morgan_holds_with_unknowns(left: Condition, right: Condition, subject: object, doing: object) -> None:
    assert evaluate(~(left & right), subject, NOW, doing) is evaluate(~left | ~right, subject, NOW, doing)


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("company.employees", True),
        ("by_key.employees", True),
        ("company.revenue", None),
        ("company.employees.x", None),
        ("company.name.title", None),  # a method of str is not a value
        ("company.founded.year", None),  # nor is a part of a date
        ("company.describe", None),
        ("nobody.employees", None),
        ("keys", None),
    ],
)
def test_paths_go_through_attributes_and_keys(path: str, expected: bool | None) -> None:
    company = SimpleNamespace(employees=1, name="x", founded=date(1, 1, 1), describe=lambda: 1)
    subject = {"company": company, "by_key": {"employees": 1}, "nobody": None}
    condition = field(path) == 1
    assert evaluate(condition, subject, NOW) is expected
    assert compile_condition(condition)(subject, NOW) is expected


def test_a_path_through_a_list_gives_the_values_of_all_its_items() -> None:
    subject = {"findings": (SimpleNamespace(code="typo", tags=["a", "b"]), {"code": "role"}, None)}
    assert evaluate(field("findings.code").contains("role"), subject, NOW) is True
    assert evaluate(field("findings.tags").contains("b"), subject, NOW) is True
    assert evaluate(field("findings.code").contains("other"), subject, NOW) is False


def test_an_activity_has_its_own_fields_and_its_properties() -> None:
    doing = SimpleNamespace(kind="page_viewed", source="web", happened_at=NOW, properties={"path": "/pricing", "id": 7})
    for condition in (
        activity("kind") == "page_viewed",
        activity("source") == "web",
        activity("happened_at").within(days=1),
        activity("path").starts_with("/pri"),
        activity("id") == 7,
    ):
        assert evaluate(condition, {}, NOW, doing) is True
        assert compile_condition(condition)({}, NOW, doing) is True
        assert evaluate(condition, {"path": "/pricing"}, NOW) is None


def test_naive_moments_are_refused() -> None:
    with pytest.raises(InvalidInput, match="aware"):
        evaluate(A == 1, {}, datetime(2026, 1, 1))
