"""The funnel: strict drops who leaves a stage out, reached-or-beyond does not."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from leadflow.errors import InvalidInput
from leadflow.insights import funnel
from leadflow.insights.journeys import folded
from leadflow.insights.stages import FunnelFold
from leadflow.lifecycle import DEFAULT, Stage
from story import Story

JOURNEY = [stage.name for stage in DEFAULT.stages if stage.kind != "out"]
THREE = ("lead", "opportunity", "customer")


def test_a_lead_that_skips_opportunity_stops_at_lead_when_counted_strictly() -> None:
    skipping = Story().to(0, "lead").to(1, "customer", "fast_track", skipped=("mql", "sal", "sql", "opportunity"))
    assert funnel([skipping.journey()], "strict", stages=THREE) == {"lead": 1, "opportunity": 0, "customer": 0}
    assert funnel([skipping.journey()], "reached", stages=THREE) == {"lead": 1, "opportunity": 1, "customer": 1}


def test_counts_of_three_leads_by_hand() -> None:
    stories = [
        Story("a").through("lead", "mql", "sal", "sql"),  # the whole way, so far
        Story("b").through("lead", "mql", "lead"),  # cooled
        Story("c").through("lead", "sql", "mql", "sal"),  # fast-tracked, then stepped back and on
    ]
    journeys = [story.journey() for story in stories]
    strict = {"prospect": 3, "lead": 3, "mql": 3, "sal": 2, "sql": 1, "opportunity": 0, "customer": 0, "promoter": 0}
    assert funnel(journeys) == strict
    assert funnel(journeys, "reached") == strict | {"sql": 2}


def test_a_visitor_and_an_imported_lead_without_moves_count_where_they_stand() -> None:
    visitor, imported = Story("v").journey(), Story("i", "mql").journey()
    assert funnel([visitor], "reached") == {stage: int(stage == "prospect") for stage in JOURNEY}
    assert funnel([imported], "reached") == {stage: int(stage in ("prospect", "lead", "mql")) for stage in JOURNEY}
    assert set(funnel([imported]).values()) == {0}  # nobody saw it come through the stages before


def test_who_is_out_of_the_journey_stands_aside_but_keeps_how_far_it_came() -> None:
    result = folded(FunnelFold, [Story().through("lead", "mql", "disqualified").journey()])
    assert result.aside == {"disqualified": 1}
    assert [step.stage for step in result.steps if step.reached] == ["prospect", "lead", "mql"]
    assert sum(step.here for step in result.steps) == 0


def test_a_hosts_own_stage_is_in_the_funnel() -> None:
    own = DEFAULT.extend(stages=[Stage("demo_held", after="sal")], moves=[*_ways_of_demo_held()])
    counted = funnel([Story().through("lead", "mql", "sal", "demo_held").journey()], lifecycle=own)
    assert list(counted)[3:6] == ["sal", "demo_held", "sql"] and counted["demo_held"] == 1


def _ways_of_demo_held():
    from leadflow.lifecycle import Move

    return [Move("hold_demo", "sal", "demo_held", ["rep"]), Move("confirm_demo", "demo_held", "sql", ["rep"])]


@pytest.mark.parametrize("wrong", ["any", ""])
def test_other_modes_and_stages_are_refused(wrong: Any) -> None:
    with pytest.raises(InvalidInput, match="strict, reached"):
        funnel([], wrong)
    with pytest.raises(InvalidInput, match="prospect, lead"):
        funnel([], stages=["leads"])


@given(st.lists(st.lists(st.sampled_from([*JOURNEY, "disqualified"]), max_size=8), max_size=6))
def test_strict_never_exceeds_reached_and_both_only_fall(walks: list[list[str]]) -> None:
    journeys = [Story(str(number)).through(*walk).journey() for number, walk in enumerate(walks)]
    strict, reached = (list(funnel(journeys, mode).values()) for mode in ("strict", "reached"))
    assert all(one <= other for one, other in zip(strict, reached, strict=True))
    assert strict == sorted(strict, reverse=True) and reached == sorted(reached, reverse=True)
    furthest = [max([0, *(JOURNEY.index(one) for one in walk if one in JOURNEY)]) for walk in walks]
    assert reached == [sum(far >= place for far in furthest) for place in range(len(JOURNEY))]
    assert strict == [
        sum(_subsequence(JOURNEY[: place + 1], ["prospect", *w]) for w in walks) for place in range(len(JOURNEY))
    ]


def _subsequence(wanted: list[str], walk: list[str]) -> bool:
    rest = iter(walk)
    return all(one in rest for one in wanted)
