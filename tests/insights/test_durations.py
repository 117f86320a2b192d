"""Time in stage: latest and cumulative, with the numbers worked out by hand."""

from __future__ import annotations

from datetime import timedelta

from leadflow.insights import velocity
from leadflow.insights.durations import VelocityFold
from leadflow.insights.journeys import Numbers, Spread, folded
from story import Story, day

DAY = 86_400.0


def test_latest_and_cumulative_by_hand() -> None:
    once = Story("a").to(0, "lead").to(10, "mql").to(12, "sal")  # lead 10, mql 2, sal 8 so far
    twice = Story("b").to(0, "lead").to(4, "mql").to(5, "lead").to(7, "mql")  # lead 4 + 2, mql 1 + 13 so far
    by_stage = {one.stage: one for one in folded(lambda: VelocityFold(day(20)), [once.journey(), twice.journey()])}
    assert list(by_stage) == ["lead", "mql", "sal"]  # prospect was passed through in one moment
    lead, mql, sal = by_stage.values()
    assert (lead.latest.median, lead.cumulative.median) == (6 * DAY, 8 * DAY)
    assert (mql.latest.mean, mql.cumulative.mean) == (7.5 * DAY, 8 * DAY)
    assert (mql.left, mql.still) == (Spread.of([2 * DAY]), 1)
    assert (sal.latest.count, sal.still, sal.left) == (1, 1, Spread())


def test_the_short_form_gives_two_medians() -> None:
    assert velocity([Story().to(3, "lead").journey()], day(5)) == {
        "prospect": (timedelta(days=3), timedelta(days=3)),
        "lead": (timedelta(days=2), timedelta(days=2)),
    }


def test_somebody_who_came_this_moment_stands_there_for_no_time() -> None:
    (only,) = folded(lambda: VelocityFold(day(0)), [Story("x", "lead").journey()])
    assert (only.stage, only.still, only.latest.most) == ("lead", 1, 0)


def test_spread_by_hand() -> None:
    assert Spread.of([4, 1, 3, 2]) == Spread(4, 2.5, 2.5, 1.75, 3.25, 1, 4)
    assert Spread.of([7]) == Spread(1, 7, 7, 7, 7, 7, 7)
    assert Spread.of([]) == Spread()
    numbers = Numbers()
    numbers.add(2.0)
    assert numbers.spread.mean == 2 and Numbers().spread == Spread()
