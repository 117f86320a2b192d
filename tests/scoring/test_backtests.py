"""A model replayed: only what was known at the moment counts, and chances come from earlier leads."""

import math
import random
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from leadflow.conditions import field
from leadflow.entities import Actor
from leadflow.errors import InvalidInput
from leadflow.events import DetailsCorrected, LeadCaptured
from leadflow.scoring import PastLead, ScoringModel, backtest, half_life, measure, on, points
from leadflow.scoring.learning import LearnedModel
from leadflow.scoring.learning.learned_model import ChanceBand
from leadflow.scoring.platt_scaling import chance_of, line_of
from leadflow.testing import a_lead, an_activity

START = datetime(2026, 1, 5, tzinfo=UTC)
DAY = timedelta(days=1)
MODEL = ScoringModel(
    name="m",
    fit=[points(30, field("company.employees") >= 250, because="large")],
    engagement=[on("demo", 20, decay=half_life(days=10)), on("page", 2, cap=10)],
)


def lead_at(moment, employees=300, **more):
    return a_lead(created_at=moment, recorded_at=moment, company={"employees": employees}, **more)


def random_history(count=600, seed=1):
    chance = random.Random(seed)
    history = []
    for place in range(count):
        at = START + place * DAY / 4
        lead = lead_at(at, chance.choice([10, 300]), id=f"lead-{place}")
        acts = [an_activity(lead, chance.choice(["demo", "page"]), at=at - chance.random() * 9 * DAY)
                for _ in range(chance.randrange(4))]  # fmt: skip
        odds = 0.1 + 0.4 * (lead.company.employees > 250) + 0.1 * len(acts)
        history.append(PastLead(lead, at, chance.random() < odds, acts))
    return history


# --- what was known --------------------------------------------------------------------------------------------


def test_what_happened_later_or_was_recorded_later_does_not_count():
    lead = lead_at(START)
    told = [
        an_activity(lead, "demo", at=START - DAY),
        an_activity(lead, "demo", at=START + DAY),
        an_activity(lead, "demo", at=START - 2 * DAY, recorded_at=START + timedelta(microseconds=1)),
        an_activity(lead, "demo", at=START, recorded_at=START),
        an_activity(lead, "demo", at=START + DAY, recorded_at=START - DAY),  # agreed on beforehand
    ]
    past = PastLead(lead, START, True, told)
    assert past.known == [told[0], told[3]]
    result = backtest(MODEL, [past])
    expected = 30 + 20 * 0.5 ** (1 / 10) + 20
    assert [points for points, _ in result.ranked] == [pytest.approx(expected)]


@settings(max_examples=40)
@given(st.lists(st.tuples(st.integers(-20, 20), st.integers(0, 20)), max_size=8), st.integers(0, 8))
def test_nothing_that_is_recorded_after_the_moment_changes_what_is_said(moments, cut):
    lead = lead_at(START)
    acts = [an_activity(lead, "page", at=START + day * DAY, recorded_at=START + (day + late) * DAY)
            for day, late in moments]  # fmt: skip
    known = [one for one, (day, late) in zip(acts, moments, strict=True) if day <= 0 and day + late <= 0]
    both = [backtest(MODEL, [PastLead(lead, START, True, given)]) for given in (acts, known)]
    assert both[0].ranked == both[1].ranked


def captured(version, at, employees, recorded=None):
    kind = LeadCaptured if version == 1 else DetailsCorrected
    more = {"source": "web"} if version == 1 else {}
    return kind(lead_id="l", version=version, happened_at=at, recorded_at=recorded or at, actor=Actor(kind="system"),
                details={"company": {"employees": employees}}, **more)  # fmt: skip


def test_a_lead_is_replayed_from_its_facts_as_it_was_known():
    facts = [captured(1, START, 10), captured(2, START + DAY, 300, recorded=START + 3 * DAY)]
    before, after = (PastLead.of_facts(facts, at=START + days * DAY, won=True) for days in (2, 3))
    assert (before.lead.company.employees, after.lead.company.employees) == (10, 300)
    assert backtest(MODEL, [before, after]).ranked == ((30, True), (0, True))
    with pytest.raises(InvalidInput, match="nothing was recorded of this lead by then"):
        PastLead.of_facts(facts, at=START - DAY, won=True)


def test_a_lead_with_later_knowledge_is_refused_by_name():
    with pytest.raises(InvalidInput, match=r"'lead-7' has what was recorded later, at 2026-01-06 00:00:00; .*of_facts"):
        PastLead(lead_at(START + DAY, id="lead-7"), START, True)
    with pytest.raises(InvalidInput, match="aware"):
        PastLead(lead_at(START), START.replace(tzinfo=None), True)


# --- points ----------------------------------------------------------------------------------------------------


def test_leads_are_ranked_by_their_points_all_of_them():
    history = random_history()
    scores = [MODEL.score(one.lead, one.activities, one.at) for one in history]
    outcomes = [one.won for one in history]
    result = backtest(MODEL, history)
    metrics = pytest.importorskip("sklearn.metrics")
    assert result.auc == pytest.approx(metrics.roc_auc_score(outcomes, [one.total for one in scores]))
    assert (result.leads, result.won, result.unit) == (600, sum(outcomes), "points")
    assert result.weeks == pytest.approx(599 / 28)
    by_fit = backtest(MODEL, history, by="fit")
    assert by_fit.auc == pytest.approx(metrics.roc_auc_score(outcomes, [one.fit for one in scores]))
    assert {one for one, _ in by_fit.ranked} == {0, 30}


def test_what_points_stand_for_is_learned_from_earlier_leads_only():
    history = random_history()
    result = backtest(MODEL, history)
    assert result.judged == 500  # five of six parts, each from all before it
    assert result.log_loss < 0.65  # 0.686 is what the share won gives
    turned = [replace(one, won=not one.won) if place >= 500 else one for place, one in enumerate(history)]
    since = START + 500 * DAY / 4
    honest, fooled = (backtest(MODEL, some, since=since) for some in (history, turned))
    assert [one.mean for one in honest.calibration] == [one.mean for one in fooled.calibration]
    assert fooled.log_loss > honest.log_loss


def test_since_says_which_leads_are_judged_and_which_are_only_learned_from():
    history = random_history()
    since = START + 400 * DAY / 4
    result = backtest(MODEL, reversed(history), since=since)
    totals = [MODEL.score(one.lead, one.activities, one.at).total for one in history]
    line = line_of(totals[:400], [one.won for one in history[:400]])
    expected = measure([chance_of(one, *line) for one in totals[400:]], [one.won for one in history[400:]])
    assert (result.leads, result.judged) == (200, 200)
    assert result.log_loss == pytest.approx(expected.log_loss)
    assert result.brier == pytest.approx(expected.brier)
    assert result.auc == pytest.approx(expected.auc)


def test_with_few_earlier_leads_nothing_is_said_of_chances():
    few = random_history(40)
    assert backtest(MODEL, few, since=few[12].at).log_loss is None
    assert backtest(MODEL, few[:15]).judged == 0


def test_leads_of_one_moment_are_judged_by_the_others():
    alike = [PastLead(lead_at(START), START, place % 2 == 0) for place in range(100)]
    assert backtest(MODEL, alike).log_loss == pytest.approx(math.log(2))
    history = [replace(one, lead=lead_at(START, one.lead.company.employees), at=START, activities=())
               for one in random_history()]  # fmt: skip
    result = backtest(MODEL, history)
    assert (result.judged, result.weeks) == (600, None)
    assert result.error < 0.06


def test_a_threshold_in_points_fills_the_slots():
    history = random_history()
    slots = backtest(MODEL, history).slots(per_week=5)
    totals = sorted((MODEL.score(one.lead, one.activities, one.at).total for one in history), reverse=True)
    wanted = round(5 * 599 / 28)
    assert slots.threshold == totals[wanted - 1]
    assert slots.above + slots.of_tied == wanted


@pytest.mark.parametrize("history", [[], [PastLead(lead_at(START), START, True)]])
def test_where_no_lead_is_to_be_judged_that_is_said(history):
    with pytest.raises(InvalidInput, match="no lead is left to judge"):
        backtest(MODEL, history, since=START + DAY)


# --- learned models --------------------------------------------------------------------------------------------


def a_learned_model(until=None):
    bands = (ChanceBand(low=None, leads=100, won=30, at_least=0.2, at_most=0.4),)
    scoring = ScoringModel(name="learned", fit=[points(10, field("company.employees") >= 250, because="large")])
    return LearnedModel(scoring=scoring, intercept=-1, slope=0.1, bands=bands, leads=100, won=30, until=until)


def test_a_learned_model_is_judged_on_leads_after_those_it_was_learned_from():
    history = random_history(40)
    until = history[29].at
    result = backtest(a_learned_model(until), history)
    expected = [chance_of(10 if one.lead.company.employees >= 250 else 0, -1, 0.1) for one in history[30:]]
    assert (result.leads, result.judged, result.unit) == (10, 10, "chance")
    assert sorted(one for one, _ in result.ranked) == pytest.approx(sorted(expected))
    assert backtest(a_learned_model(), history).leads == 40
    assert backtest(a_learned_model(until), history, since=history[35].at).leads == 5
    with pytest.raises(InvalidInput, match="it was learned from leads up to 2026-"):
        backtest(a_learned_model(history[-1].at), history)
    with pytest.raises(InvalidInput, match="no lead is left to judge; give later leads"):
        backtest(a_learned_model(), [])


def test_mappings_can_be_replayed_too():
    history = [PastLead({"company": {"employees": n}}, START, n > 250) for n in (10, 300)]
    assert backtest(a_learned_model(), history).auc == 1
    assert backtest(ScoringModel(name="m", fit=MODEL.fit), history).ranked == ((30, True), (0, False))


def test_predictions_can_be_judged_by_the_same_name():
    assert backtest([0.9, 0.1], [True, False], times=[START, START + 7 * DAY]) == measure(
        [0.9, 0.1], [True, False], [START, START + 7 * DAY]
    )
