"""Points by hand, driven by hand; what follows over time is in tests/flow/test_adjusting.py."""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal

import pytest

from decisions.by_hand import NOW, RULES, driven, lead, stored
from leadflow import Actor, InvalidInput, NotFound, Refused
from leadflow.decisions.commands import Adjust, WithdrawAdjustment
from leadflow.decisions.reads import NewId
from leadflow.events import AdjustmentEnded, ScoreAdjusted
from leadflow.testing import an_adjustment

EVA = Actor(kind="marketing", id="eva")
GIVEN = an_adjustment(10, because="met", by="anna", at=NOW).but(id="a")


def test_points_without_an_id_ask_for_one_and_with_one_for_the_lead_alone():
    done = driven(Adjust("lead-1", 10, reason="met", by="anna"), stored(lead()), {NewId: "new-1"})
    assert (done.asked, done.result.adjustment_id) == (["NewId", "Load"], "new-1")
    assert driven(Adjust("lead-1", 10, reason="met", by="anna", id="a"), stored(lead())).asked == ["Load"]


def test_points_are_a_fact_with_author_and_reason_and_count_at_once():
    done = driven(Adjust("lead-1", 10, reason="met", by=EVA, id="a"), stored(lead()), policy=RULES)
    assert done.said == ["score_adjusted", "lead_scored"]
    given = done.fact(ScoreAdjusted).adjustment
    assert (given.points, given.because, given.by, given.at, given.side) == (10, "met", EVA, NOW, "engagement")
    assert done.lead().score.engagement == 10


def test_points_until_a_day_put_a_task_for_the_first_of_all_ends():
    until = NOW + timedelta(days=3)
    done = driven(Adjust("lead-1", 10, reason="met", by=EVA, until=until, id="a"), stored(lead()))
    assert done.put == {"adjustment:lead-1": until}
    earlier = lead(adjustments=(an_adjustment(5, until=NOW + timedelta(days=1), at=NOW),))
    assert driven(Adjust("lead-1", 10, reason="met", by=EVA, until=until, id="a"), stored(earlier)).put == {}


def test_the_same_id_with_the_same_points_is_one_and_with_others_is_refused():
    known = stored(lead(adjustments=(GIVEN,)))
    done = driven(Adjust("lead-1", 10, reason="met", by="anna", id="a"), known)
    assert done.change.is_empty
    assert done.result.repeated
    with pytest.raises(Refused, match=r"'a' of this lead exists and differs \(points: 10\.0\); give a different id"):
        driven(Adjust("lead-1", 11, reason="met", by="anna", id="a"), known)


@pytest.mark.parametrize(("there", "fits"), [(99, True), (100, False)])
def test_a_lead_has_at_most_a_hundred_adjustments_in_force(there, fits):
    many = tuple(an_adjustment(1, at=NOW) for _ in range(there))
    command = Adjust("lead-1", 1, reason="met", by="anna", id="one more")
    if fits:
        assert len(driven(command, stored(lead(adjustments=many))).lead().adjustments) == 100
    else:
        with pytest.raises(Refused, match="has 100 adjustments in force; withdraw some first"):
            driven(command, stored(lead(adjustments=many)))


@pytest.mark.parametrize(
    "points",
    [float("nan"), float("inf"), -float("inf"), 1_000_001, -1e300, Decimal("sNaN"), 0, True, "5", None, 10**400],
)
def test_points_that_are_none_are_refused_by_name(points):
    with pytest.raises(InvalidInput, match=r"points: .* can't be used; give a number other than 0, from -1,000,000"):
        Adjust("lead-1", points, reason="x", by="anna")


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"reason": ""}, "reason: '' can't be used; give 1 to 1,000 characters"),
        ({"reason": None}, "reason: None can't be used; give text"),
        ({"side": "total"}, "side: 'total' can't be used; input should be 'fit' or 'engagement'"),
        ({"by": Actor(kind="person")}, "by: 'person leadflow' can't be used; points by hand are given by a rep"),
        ({"by": Actor(kind="policy")}, "by: 'policy leadflow'"),
        ({"by": Actor(kind="system")}, "by: 'system leadflow'"),
        ({"until": NOW}, "until: .* give a future moment"),
        ({"until": NOW.date()}, "until: .* give a datetime"),
        ({"until": datetime(2027, 1, 1)}, "until: .* zone"),
        ({"at": NOW + timedelta(hours=1)}, "at: .* give a moment that is not in the future"),
        ({"id": "x" * 201}, "id: .* give 1 to 200 characters"),
    ],
)
def test_a_wrong_value_is_named_with_its_remedy(wrong, message):
    with pytest.raises(InvalidInput, match=message):
        driven(Adjust("lead-1", **{"points": 5, "reason": "x", "by": "anna", "id": "a", **wrong}), stored(lead()))


def test_who_may_not_give_points_may_not_take_them_back():
    known = stored(lead(adjustments=(GIVEN,)))
    with pytest.raises(InvalidInput, match="by: 'person leadflow'"):
        driven(WithdrawAdjustment("lead-1", "a", by=Actor(kind="person")), known)
    with pytest.raises(InvalidInput, match="at: "):
        driven(WithdrawAdjustment("lead-1", "a", by="anna", at=NOW + timedelta(days=1)), known)


def test_what_was_taken_back_does_not_come_again_with_the_same_id():
    ended = stored(lead(adjustments=(GIVEN.but(ended=True, until=NOW),)))
    done = driven(Adjust("lead-1", 10, reason="met", by="anna", id="a"), ended)
    assert done.change.is_empty
    assert done.result.repeated


def test_points_that_are_taken_back_end_now_with_who_and_why():
    command = WithdrawAdjustment("lead-1", "a", by=EVA, reason="a mistake")
    done = driven(command, stored(lead(adjustments=(GIVEN,))), now=NOW + timedelta(days=1))
    ended = done.fact(AdjustmentEnded)
    assert (ended.adjustment_id, ended.reason, ended.actor) == ("a", "a mistake", EVA)
    (one,) = done.lead().adjustments
    assert (one.ended, one.until) == (True, NOW + timedelta(days=1))


@pytest.mark.parametrize("gone", [{"ended": True}, {"until": NOW}])
def test_what_no_longer_counts_is_taken_back_without_a_write(gone):
    ended = lead(adjustments=(GIVEN.but(**gone),))
    done = driven(WithdrawAdjustment("lead-1", "a", by=EVA), stored(ended))
    assert done.change.is_empty
    assert done.result.repeated


def test_points_that_nobody_gave_are_not_found():
    with pytest.raises(NotFound, match="no adjustment of this lead 'b'"):
        driven(WithdrawAdjustment("lead-1", "b", by=EVA), stored(lead(adjustments=(GIVEN,))))
