"""How conditions read."""

from datetime import UTC, date, datetime

import pytest
from hypothesis import given

from conditions.trees import CONDITIONS
from leadflow.conditions import Condition, activity, always, field, never

A, B, C = field("a") == 1, field("b") == 2, field("c") == 3


@pytest.mark.parametrize(
    ("condition", "text"),
    [
        (
            (field("company.employees") >= 250) & ~field("person.seniority").is_in("director", "c-level"),
            "company.employees ≥ 250 and not (person.seniority in director, c-level)",
        ),
        (field("a") != "x y", 'a ≠ "x y"'),
        (field("a") == "250", 'a = "250"'),
        (field("a") == 250, "a = 250"),
        (field("a") == "true", 'a = "true"'),
        (field("a") == True, "a = true"),  # noqa: E712  # the notation
        (field("a") == "", 'a = ""'),
        (field("a") == "a, b", 'a = "a, b"'),
        (field("a") == "2026-01-31", 'a = "2026-01-31"'),
        (field("a") == date(2026, 1, 31), "a = 2026-01-31"),
        (field("a") < datetime(2026, 1, 31, 9, tzinfo=UTC), "a < 2026-01-31 09:00Z"),
        (field("a") < datetime(2026, 1, 31, 9, 0, 1, tzinfo=UTC), "a < 2026-01-31T09:00:01Z"),
        (field("a").between(1, 2.5), "a from 1 to 2.5"),
        (field("a").contains("x"), "a contains x"),
        (activity("path").starts_with("/pricing"), "activity.path starts with /pricing"),
        (field("email").ends_with("@acme.example"), "email ends with @acme.example"),
        (field("title").like("Head of *"), 'title like "Head of *"'),
        (field("a").is_known(), "a is known"),
        (~field("a").is_known(), "a is unknown"),
        (activity("happened_at").within(days=30), "activity.happened_at in the last 30 days"),
        (field("a").within(days=1), "a in the last day"),
        (field("a").is_in(*range(1000, 3000)), "a in 1000, 1001, 1002, 1003, 1004, 1005, 1006, 1007, 1008, 1009, "
         "1010, 1011, … (2,000 in all)"),
        ((A | B) & C, "(a = 1 or b = 2) and c = 3"),
        (A | (B & C), "a = 1 or (b = 2 and c = 3)"),
        (~(A | B), "not (a = 1 or b = 2)"),
        (always() | never(), "always or never"),
    ],
)  # fmt: skip
def test_it_reads_as_a_person_would_say_it(condition: Condition, text: str) -> None:
    assert str(condition) == text


@given(CONDITIONS, CONDITIONS)
def test_conditions_that_read_alike_are_alike(left: Condition, right: Condition) -> None:
    if str(left) == str(right):
        assert left == right
