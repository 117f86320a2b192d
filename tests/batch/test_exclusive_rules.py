"""Which rules may share a pass: those that no activity meets both."""

from __future__ import annotations

import pytest

from leadflow.batch.engagement_sql import are_exclusive, exclusive_groups
from leadflow.conditions import Condition, activity
from leadflow.scoring import on

PATH, MINUTES = activity("path"), activity("minutes")
APART: list[tuple[Condition, Condition]] = [
    (PATH == "/a", PATH != "/a"),
    (PATH == "/a", PATH == "/b"),
    (PATH == "/a", PATH.is_in("/b", "/c")),
    ((PATH == "/a") & (MINUTES >= 3), (PATH != "/a") & (MINUTES >= 3)),
    (MINUTES >= 3, ~(MINUTES >= 3)),
    (PATH == "1", PATH == 1),
    ((PATH == "/a") | (PATH == "/b"), PATH == "/c"),
    (MINUTES >= 5, MINUTES < 3),
    (PATH.starts_with("/a"), PATH == "/b"),
]
PERHAPS_BOTH: list[tuple[Condition | None, Condition | None]] = [
    (None, PATH == "/a"),
    (PATH == "/a", activity("title") == "/b"),
    (PATH == "/a", PATH.is_in("/a", "/b")),
    (PATH != "/a", PATH != "/b"),
    ((PATH == "/a") | (MINUTES >= 3), PATH == "/b"),
    (MINUTES == 1, MINUTES == 1.0),
    (MINUTES >= 3, MINUTES >= 5),
]


@pytest.mark.parametrize(("one", "other"), APART, ids=str)
def test_rules_with_conditions_that_exclude_each_other_are_exclusive(one: Condition, other: Condition) -> None:
    assert are_exclusive(on("page", 1, where=one), on("page", 1, where=other))
    assert are_exclusive(on("page", 1, where=other), on("page", 1, where=one))


@pytest.mark.parametrize(("one", "other"), PERHAPS_BOTH, ids=str)
def test_rules_that_one_activity_may_meet_are_not_exclusive(one: Condition | None, other: Condition | None) -> None:
    assert not are_exclusive(on("page", 1, where=one), on("page", 1, where=other))
    assert not are_exclusive(on("page", 1, where=other), on("page", 1, where=one))


def test_rules_are_put_into_as_few_groups_as_are_found() -> None:
    rules = [on("page", 1, where=PATH == "/a"), on("page", 1), on("mail", 1), on("page", 1, where=PATH != "/a")]
    assert [[index for index, _ in group] for group in exclusive_groups(list(enumerate(rules)))] == [[0, 2, 3], [1]]
