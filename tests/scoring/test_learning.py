"""Learned points: what they say, how honest the chances are, when nothing is said, and that people can edit them."""

import json
import math
import random
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from leadflow.conditions import evaluate, field
from leadflow.entities import Company, Lead
from leadflow.errors import InvalidInput, MissingExtra
from leadflow.scoring import FitRule, points
from leadflow.scoring.learning import LearnedModel, examine, learn
from leadflow.scoring.learning.column_profile import edges_of, shortest, tidy
from leadflow.scoring.learning.fitting import DOUBLE, candidates, holding
from leadflow.scoring.learning.learned_model import bands_of

pytest.importorskip("sklearn")
NOW = datetime(2026, 1, 1, tzinfo=UTC)
WEIGHT = {"fair": 2.0, "web": 0.0, "ads": -1.0}


def truth(lead):
    """The chance by which the made-up leads are won."""
    of_size = 0 if lead["employees"] is None else 1.5 * (lead["employees"] >= 250) - 0.5
    return 1 / (1 + math.exp(-(WEIGHT[lead["source"]] + of_size - 0.5)))


def made_up(count=1500, seed=3):
    chance = random.Random(seed)
    leads = [
        {
            "source": chance.choice(list(WEIGHT)),
            "employees": None if chance.random() < 0.2 else chance.randrange(1, 500),
            "noise": chance.choice("ab"),
        }
        for _ in range(count)
    ]
    return leads, [chance.random() < truth(lead) for lead in leads]


LEADS, WON = made_up()
MODEL = learn(LEADS, WON)
FIRST: Any = MODEL.scoring.fit[0]


def worth(model, name):
    return next((rule.points for rule in model.scoring.fit if rule.name == name), 0)


# --- points ---------------------------------------------------------------------------------------------------------


def test_points_are_whole_and_say_what_is_true():
    each = [rule.points for rule in MODEL.scoring.fit if isinstance(rule, FitRule)]
    assert len(each) == len(MODEL.scoring.fit)
    assert all(one == int(one) != 0 for one in each)
    fair, ads = worth(MODEL, "source = fair"), worth(MODEL, "source = ads")
    assert fair > worth(MODEL, "source = web") > ads
    # the truth is 3 in log odds, and ten points double the odds: 43 points, less what shrinking takes
    assert 30 < fair - ads < 50
    assert abs(worth(MODEL, "noise = a") - worth(MODEL, "noise = b")) <= 5
    assert pytest.approx(math.log(2) / DOUBLE, rel=0.25) == MODEL.slope


def test_chances_are_near_the_truth_on_leads_that_were_not_learned_from():
    leads, _ = made_up(400, seed=9)
    errors = [abs(MODEL.predict(lead, NOW).chance - truth(lead)) for lead in leads]
    assert sum(errors) / len(errors) < 0.05


def test_the_prediction_is_the_score_of_the_model_and_explains_itself():
    lead = {"source": "fair", "employees": 400, "noise": "a"}
    said: Any = MODEL.predict(lead, NOW)
    assert said.points == sum(one.points for one in said.contributions)
    assert said.chance == MODEL.chance(said.points)
    assert said.at_least < said.chance < said.at_most
    assert "source = fair" in {one.because for one in said.contributions}
    band = MODEL.band(said.points)
    assert (said.based_on, said.at_least) == (band.leads, band.at_least)


def test_bands_account_for_every_lead_and_rise():
    assert sum(band.leads for band in MODEL.bands) == len(LEADS)
    assert sum(band.won for band in MODEL.bands) == sum(WON)
    assert MODEL.bands[0].low is None
    assert MODEL.bands[0].rate < 0.2 < 0.7 < MODEL.bands[-1].rate


def test_grades_split_the_leads_by_points():
    grades = [MODEL.scoring.grades.of(MODEL.predict(lead, NOW).points, 0)[0] for lead in LEADS]
    assert 0.1 < grades.count("A") / len(grades) < 0.35


def test_the_same_leads_give_the_same_model():
    assert learn(LEADS, WON) == MODEL


# --- a value that people edit ---------------------------------------------------------------------------------------


def test_it_goes_to_json_and_back_and_can_be_edited_there():
    written = MODEL.model_dump_json()
    assert LearnedModel.model_validate_json(written) == MODEL
    edited = json.loads(written)
    edited["scoring"]["fit"][0]["points"] += 7
    changed = LearnedModel.model_validate(edited)
    lead = next(one for one in LEADS if evaluate(FIRST.when, one, NOW))
    assert changed.predict(lead, NOW).points == MODEL.predict(lead, NOW).points + 7


def test_given_rules_are_weighed_and_real_leads_scored():
    chance = random.Random(1)
    sizes = [chance.randrange(1, 500) for _ in range(400)]
    leads = [Lead(id=str(size), created_at=NOW, recorded_at=NOW, company=Company(employees=size)) for size in sizes]
    won = [chance.random() < (0.7 if size >= 250 else 0.2) for size in sizes]
    large = points(1, field("company.employees") >= 250, because="enterprise")
    model = learn(leads, won, rules=[large])
    (rule,) = model.scoring.bind(Lead).model.fit
    assert isinstance(rule, FitRule)
    assert rule.because == "enterprise"
    assert rule.points > 15
    assert model.predict(leads[0], NOW).chance == pytest.approx(0.7 if sizes[0] >= 250 else 0.2, abs=0.1)


# --- where nothing is said ------------------------------------------------------------------------------------------


def test_of_an_unknown_lead_no_chance_is_said():
    said: Any = MODEL.predict({}, NOW)
    assert said.chance is None
    assert "nothing" in said.why_not


def test_where_few_leads_were_seen_no_chance_is_said():
    thin = MODEL.but(bands=tuple(band.but(leads=29) for band in MODEL.bands))
    said: Any = thin.predict(LEADS[0], NOW)
    assert (said.chance, said.at_least) == (None, None)
    assert "only 29 leads" in said.why_not


def test_what_does_not_hold_among_other_leads_gives_no_chance():
    """Each half of the values is won more often in its own part only: learning from one misleads about the other."""
    leads = [{"x": str(place % 40)} for place in range(800)]
    won = [(place % 40 + place // 40) % 2 == 0 for place in range(800)]
    model = learn(leads, won)
    assert model.slope == 0
    said: Any = model.predict(leads[0], NOW)
    assert said.chance is None
    assert "does not separate won from lost" in said.why_not
    assert model.chance(said.points) == pytest.approx(0.5)


def test_with_too_few_won_leads_nothing_is_learned():
    with pytest.raises(InvalidInput, match="29 won and 971 lost; at least 30"):
        learn(LEADS[:1000], [place < 29 for place in range(1000)])


def test_without_scikit_learn_it_is_said_what_to_install(monkeypatch):
    monkeypatch.setitem(__import__("sys").modules, "sklearn", None)
    with pytest.raises(MissingExtra, match=r"leadflow\[learn\]"):
        learn(LEADS, WON)


# --- leakage --------------------------------------------------------------------------------------------------------


def test_what_gives_the_outcome_away_is_left_out_by_name_unless_kept():
    leaky = [{**lead, "verdict": "good" if won else "bad"} for lead, won in zip(LEADS, WON, strict=True)]
    model = learn(leaky, WON, exclude=["noise"])
    assert {one.column: one.kind for one in model.left_out} == {"verdict": "tells_outcome", "noise": "excluded"}
    assert set(model.paths) == {"source", "employees"}
    assert "verdict" in learn(leaky, WON, keep=["verdict"]).paths


def test_where_everything_is_left_out_that_is_said():
    with pytest.raises(InvalidInput, match="no column is left"):
        learn([{"verdict": won} for won in WON], WON)


def test_points_of_the_future_are_not_learned_from():
    """The meaning of a value turns over in time: who learned from the past alone predicts the wrong way."""
    chance = random.Random(5)
    leads = [{"x": chance.choice("ab"), "y": chance.choice("ab")} for _ in range(1200)]
    times = [NOW + timedelta(days=place) for place in range(1200)]
    won = [(lead["x"] == "a") == (place < 1000) if place % 5 else place % 2 == 0 for place, lead in enumerate(leads)]
    by_time = examine(leads, won, times=times, paths=["x", "y"])
    by_chance: Any = examine(leads, won, paths=["x", "y"])
    assert by_time.by_time
    assert not by_chance.by_time
    assert by_time.learned.leads == 1000  # the first sixth is only learned from
    last: Any = examine(leads[800:], won[800:], times=times[800:], paths=["x", "y"], parts=2)
    assert last.learned.auc < 0.5 < by_chance.learned.auc


def test_learned_points_are_better_than_counting_where_columns_repeat_each_other():
    chance = random.Random(2)
    leads = [dict.fromkeys("abcd", chance.choice("xyz")) | {"e": chance.choice("xyz")} for _ in range(900)]
    won = [chance.random() < 0.2 + 0.3 * (lead["a"] == "x") + 0.3 * (lead["e"] == "x") for lead in leads]
    result: Any = examine(leads, won, paths=list("abcde"), parts=3)
    assert result.learned.log_loss < result.baseline.log_loss
    assert result.learned.brier < result.baseline.brier
    assert result.learned.error < 0.05 < result.baseline.error


# --- rules from values ----------------------------------------------------------------------------------------------


@settings(max_examples=60, deadline=None)
@given(st.lists(st.none() | st.integers(-50, 50) | st.floats(-1e6, 1e6), min_size=30, max_size=80), st.integers(2, 12))
def test_stretches_of_numbers_hold_for_every_lead_exactly_once(values, bins):
    rules = candidates({"x": tidy(values)}, bins=bins, least=1)
    for value in values if len(rules) > 1 else ():
        held = [rule.name for rule in rules if evaluate(rule.when, {"x": value}, NOW)]
        assert len(held) == 1, (value, held)


@settings(max_examples=30, deadline=None)
@given(st.lists(st.none() | st.booleans() | st.integers(-3, 3) | st.text(max_size=4), min_size=20, max_size=40))
def test_whatever_stands_in_a_column_its_rules_make_a_model_and_can_be_asked(values):
    rules = candidates({"class": tidy(values), "x": tidy(values[::-1])}, least=1)
    assert len({rule.name for rule in rules}) == len(rules)
    held = holding(rules, [{"class": value, "x": None} for value in values], NOW)
    assert all(len([rule for rule in row if "class" in rules[rule].name]) <= 1 for row in held.rows)


def test_texts_that_look_alike_give_rules_with_names_of_their_own():
    values = ["a\nb", "a b", "y" * 400, "y" * 401] * 5
    assert len({rule.name for rule in candidates({"x": values}, least=1)}) == 4


def test_of_very_many_rules_those_that_hold_most_often_are_taken():
    columns = {f"c{at}": [str(place % 25) if place < 500 else "rest" for place in range(1000)] for at in range(100)}
    rules = candidates(columns)
    assert len(rules) == 2000  # of 2,600
    assert {f"c{at} = rest" for at in range(100)} <= {rule.name for rule in rules}


def test_rules_read_well():
    values = [float(place % 1000) for place in range(5000)]
    names = [rule.name for rule in candidates({"seconds": values}, bins=4)]
    assert names == [
        "seconds < 250", "seconds ≥ 250 and seconds < 500", "seconds ≥ 500 and seconds < 750", "seconds ≥ 750",
    ]  # fmt: skip


@given(st.floats(-1e9, 1e9), st.floats(-1e9, 1e9))
def test_the_shortest_number_lies_between(one, other):
    low, high = min(one, other), max(one, other)
    if low < high:
        assert low < shortest(low, high) <= high


@pytest.mark.parametrize(("above", "up_to", "expected"), [
    (249, 251, 250), (995, 1203, 1000), (0.4, 2, 2), (0.1234, 0.1299, 0.129), (-7, -1, -1), (0, 5e-324, 5e-324),
])  # fmt: skip
def test_the_shortest_number_is_short(above, up_to, expected):
    assert shortest(above, up_to) == expected


@given(st.lists(st.integers(-5, 5) | st.floats(-1e3, 1e3), min_size=1), st.integers(1, 20))
def test_edges_rise(numbers, bins):
    edges = edges_of(numbers, bins)
    assert edges == sorted(set(edges))
    assert len(edges) <= bins


@given(st.lists(st.tuples(st.integers(-9, 9), st.booleans()), min_size=1, max_size=80))
def test_every_total_is_in_the_band_that_was_made_of_it(pairs):
    bands = bands_of([total for total, _ in pairs], [won for _, won in pairs])
    model = MODEL.but(bands=bands)
    counted = dict.fromkeys((band.low for band in bands), 0)
    for total, _ in pairs:
        counted[model.band(total).low] += 1
    assert counted == {band.low: band.leads for band in bands}


def test_of_hundreds_of_accidental_rules_those_that_tell_are_weighed():
    chance = random.Random(8)
    leads = [{f"c{place}": chance.choice("abcd") for place in range(120)} for _ in range(800)]
    won = [chance.random() < (0.75 if lead["c7"] == "a" else 0.25) for lead in leads]
    model = learn(leads, won)
    assert worth(model, "c7 = a") >= 15
    assert len(model.scoring.fit) < 15  # of 480; a fifth of those named may be accidents, and what c7 is not
    judged = examine(leads, won, paths=[*leads[0]])
    assert judged.learned.auc > 0.64  # 0.68 is what c7 alone says
    assert judged.learned.log_loss < judged.usual.log_loss < judged.baseline.log_loss
