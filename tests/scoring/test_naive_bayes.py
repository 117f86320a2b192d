"""Counting won and lost leads: numbers that Odoo's own tests publish, hand-computed ones, and what must not change."""

import json
import math
import random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from leadflow.errors import InvalidInput
from leadflow.scoring.naive_bayes import Frequency, LeadOutcome

FIELDS = ("country", "state", "email", "phone", "source", "tags")
STAGES = ("new", "qualified", "offer", "won")


def lead(team, country, state, _email, _phone, source, stage):
    """A lead of Odoo's tests: the states of e-mail and phone are computed anew there, and False, which is a value."""
    contact = {"email": False, "phone": False}
    return {"team": team, "country": country, "state": state, "source": source, "stage": STAGES[stage], **contact}


# Leads of Odoo's test_predictive_lead_scoring (addons/crm/tests/test_crm_pls.py), in its order.
ODOO = [
    *(lead("one", i, i, i, i, i, i) for i in range(3)),
    lead("one", 0, 1, 2, 0, 2, 1), lead("one", 1, 1, 1, 0, 1, 0),
    lead("two", 0, 1, 2, 0, 1, 2), lead("two", 0, 1, 0, 1, 2, 1), lead("two", 0, 2, 0, 1, 2, 0),
    lead("two", 0, 1, 2, 0, 2, 1), lead("two", 1, 0, 1, 0, 1, 1),
    lead("three", 1, 1, 2, 0, 1, 2), lead("three", 0, 1, 1, 1, 0, 0), lead("three", 1, 2, 0, 1, 2, 0),
    lead("three", 0, 1, 2, 0, 2, 1),
]  # fmt: skip
CLOSED: dict[int, LeadOutcome] = {
    0: "lost",
    1: "lost",
    2: "won",
    5: "lost",
    6: "lost",
    7: "won",
    10: "won",
    11: "lost",
    12: "lost",
}


def odoo(leads=ODOO) -> Frequency:
    frequency = Frequency(FIELDS, stages=STAGES, team="team", many=("tags",))
    for place, outcome in CLOSED.items():
        frequency.learn(leads[place], outcome)
    return frequency


def test_chances_are_those_that_odoo_publishes_for_its_test_leads():
    frequency = odoo()
    assert frequency.percent(ODOO[3]) == 33.49
    assert frequency.percent(ODOO[8]) == 7.74
    assert frequency.percent(ODOO[13]) == 35.09


def test_a_lead_without_a_team_is_compared_with_all_teams_together():
    teamless = [one | {"team": None} if one["team"] == "three" else one for one in ODOO]
    assert odoo(teamless).percent(teamless[13]) == 35.19


def test_counts_are_those_that_odoo_publishes():
    frequency = odoo()

    def cells(team, field, value):
        return [frequency.count(field, value, "won", team=team), frequency.count(field, value, "lost", team=team)]

    assert cells("one", "(stage)", "new") == [1.1, 2.1]
    assert cells("one", "(stage)", "won") == [1.1, 0.1]
    assert cells("one", "country", 1) == [0.1, 1.1]
    assert cells("one", "email", False) == [1.1, 2.1]
    assert cells("two", "country", 1) == [0, 0]  # nobody from there yet
    frequency.learn(ODOO[9], "won")
    assert cells("two", "country", 1) == [1.1, 0.1]
    assert cells("two", "(stage)", "won") == [2.1, 0.1]


def tooltip() -> tuple[Frequency, dict[str, object]]:
    """The leads of Odoo's test_pls_tooltip_data; the last is asked for."""
    leads = [
        {"country": 0, "state": 0, "email": "correct", "phone": "correct", "source": 1, "stage": "new"},
        {"country": 1, "state": 0, "email": "correct", "phone": "correct", "stage": "new"},
        {"email": "correct", "phone": "incorrect", "source": 0, "stage": "new"},
        {"country": 0, "email": "correct", "phone": "incorrect", "source": 0, "stage": "new"},
        {"state": 1, "email": "correct", "phone": "correct", "stage": "offer"},
        {"country": 0, "state": 0, "email": "correct", "phone": "correct", "source": 0, "stage": "qualified"},
    ]
    frequency = Frequency(FIELDS[:5], stages=STAGES, good={"email": "correct", "phone": "correct"})
    closed: list[LeadOutcome] = ["won", "won", "lost", "lost", "lost"]
    for one, outcome in zip(leads, closed, strict=False):
        frequency.learn(one, outcome)
    return frequency, leads[5]


def test_the_chance_is_the_product_that_a_person_computes():
    frequency, asked = tooltip()
    won = 2.1 / 5.2 * (0.1 / 1.2) * (1.1 / 2.2) * (2.1 / 2.1) * (2.1 / 2.2) * (2.1 / 2.2) * (2.1 / 2.1)
    lost = 3.1 / 5.2 * (2.1 / 2.2) * (1.1 / 1.2) * (3.1 / 3.1) * (0.1 / 1.2) * (1.1 / 3.2) * (1.1 / 3.1)
    assert frequency.probability(asked) == pytest.approx(won / (won + lost), abs=1e-12)
    assert frequency.percent(asked) == 74.30  # published


def test_the_drivers_are_those_that_odoo_publishes():
    frequency, asked = tooltip()
    best, worst = frequency.drivers(asked)
    assert [(one.field, round(one.score, 3)) for one in best] == [("state", 0.92), ("phone", 0.735), ("stage", 0.645)]
    assert [(one.field, round(one.score, 3)) for one in worst] == [("source", 0.08), ("country", 0.353)]


def test_a_bad_address_is_never_shown_as_a_reason_to_win():
    frequency = Frequency(("email",), good={"email": "correct"})
    frequency.learn({"email": "incorrect"}, "won", times=5)
    frequency.learn({"email": "correct"}, "lost", times=5)
    assert frequency.drivers({"email": "incorrect"}) == ((), ())
    assert frequency.drivers({"email": "correct"}) == ((), ())


def test_a_tag_counts_from_fifty_leads_on():
    frequency = Frequency(("tags",), many=("tags",))
    frequency.learn({"tags": ["a"]}, "won", times=19)
    frequency.learn({"tags": ["a"]}, "lost", times=30)
    frequency.learn({}, "won", times=100)
    without = frequency.percent({})
    assert frequency.percent({"tags": ["a"]}) == without
    frequency.learn({"tags": ["a", "b", "a"]}, "lost")
    assert frequency.percent({"tags": ["a"]}) != without
    assert frequency.count("tags", "a", "lost") == 31.1  # once per lead


def test_the_chances_of_tags_are_those_that_odoo_publishes():
    frequency = Frequency(("tags",), many=("tags",))
    for tags, won, lost in ((["1"], 19, 30), (["2"], 9, 40), (["1", "2"], 14, 35)):
        frequency.learn({"tags": tags}, "won", times=won)
        frequency.learn({"tags": tags}, "lost", times=lost)
    asked = [["1"], ["2"], ["1", "2"], []]
    assert [frequency.percent({"tags": tags}) for tags in asked] == [33.69, 23.51, 28.05, 28.6]


def test_nearly_certain_is_never_certain():
    frequency = Frequency(("source",))
    frequency.learn({"source": "fair"}, "won", times=10_000_000)
    frequency.learn({"source": "fair"}, "lost")
    assert frequency.percent({"source": "fair"}) == 99.99
    assert frequency.probability({}) == pytest.approx(0.9999)
    turned = Frequency(("source",))
    turned.learn({"source": "fair"}, "won")
    turned.learn({"source": "fair"}, "lost", times=10_000_000)
    assert turned.percent({"source": "fair"}) == 0.01


def test_without_a_win_or_without_a_loss_nothing_is_said():
    frequency = Frequency(("source",))
    assert frequency.percent({"source": "fair"}) is None
    frequency.learn({"source": "fair"}, "won")
    assert frequency.percent({"source": "fair"}) is None
    frequency.learn({"source": "web"}, "lost")
    assert frequency.percent({"source": "fair"}) is not None


def test_unseen_and_missing_values_say_nothing_unless_blanks_count():
    frequency = Frequency(("source", "email"), blank_counts=("email",))
    history: list[tuple[str, str | None, LeadOutcome]] = [
        ("a", "correct", "won"),
        ("a", None, "lost"),
        ("b", "correct", "won"),
    ]
    for source, email, outcome in history:
        frequency.learn({"source": source, "email": email}, outcome)
    unseen: Any = frequency.probability({"source": "never", "email": "correct"})
    assert unseen == frequency.probability({"email": "correct"})
    assert unseen > frequency.probability({"email": None})


# --- what must not change ----------------------------------------------------------------------------------------

LEADS = st.fixed_dictionaries({
    "team": st.sampled_from([None, "a", "b"]), "stage": st.sampled_from(STAGES), "source": st.sampled_from("xyz"),
    "email": st.sampled_from(["correct", None]), "tags": st.lists(st.sampled_from("pq"), max_size=3),
})  # fmt: skip
HISTORY = st.lists(st.tuples(LEADS, st.sampled_from(["won", "lost"])), min_size=1, max_size=20)


def learned(history) -> Frequency:
    frequency = Frequency(
        ("source", "email", "tags"), stages=STAGES, team="team", many=("tags",), blank_counts=("email",), minimum=2
    )
    for one, outcome in history:
        frequency.learn(one, outcome)
    return frequency


@given(HISTORY, LEADS, st.sampled_from(["won", "lost"]))
def test_what_was_learned_can_be_taken_back_without_a_trace(history, one, outcome):
    frequency = learned(history)
    frequency.change(one, "open", outcome)
    frequency.change(one, outcome, "open")
    assert frequency == learned(history)
    assert frequency.to_json() == learned(history).to_json()


@given(HISTORY, st.lists(LEADS, min_size=1, max_size=5), st.randoms())
def test_no_order_of_learning_or_asking_changes_a_chance(history, asked, chance):
    frequency, shuffled = learned(history), learned(chance.sample(history, len(history)))
    forward = [frequency.percent(one) for one in asked]
    assert [shuffled.percent(one) for one in reversed(asked)] == forward[::-1]


@given(HISTORY, LEADS, st.integers(0, 19))
def test_asking_in_between_changes_nothing(history, asked, gone):
    frequency = learned([])
    for one, outcome in history:
        frequency.learn(one, outcome)
        frequency.percent(asked)
    assert frequency.probability(asked) == learned(history).probability(asked)
    left = [*history[: gone % len(history)], *history[gone % len(history) + 1 :]]
    frequency.unlearn(*history[gone % len(history)])
    assert frequency.probability(asked) == learned(left).probability(asked)


def test_a_team_of_which_nothing_can_be_said_lends_and_borrows_no_chance():
    """Odoo's batch gives the second lead of such a team the prior of the team before it."""
    frequency = Frequency(("source",), team="team")
    for team, won, lost in (("a", 3, 1), ("b", 5, 0), ("c", 1, 9)):
        frequency.learn({"team": team, "source": "web"}, "won", times=won)
        if lost:
            frequency.learn({"team": team, "source": "web"}, "lost", times=lost)
    asked = [{"team": team, "source": "web"} for team in "abbcab"]
    a, c = 100 * 3.1 / 4.2, 100 * 1.1 / 10.2
    expected = [round(a, 2), None, None, round(c, 2), round(a, 2), None]
    assert [frequency.percent(one) for one in asked] == expected
    assert [frequency.percent(one) for one in asked[::-1]] == expected[::-1]


def test_a_lead_that_was_lost_restored_and_won_counts_as_won_once():
    lead = {"stage": "offer", "source": "web"}
    frequency, other = (Frequency(("source",), stages=STAGES) for _ in range(2))
    steps: list[tuple[LeadOutcome, LeadOutcome]] = [("open", "lost"), ("lost", "open"), ("open", "won"), ("won", "won")]
    for was, now in steps:
        frequency.change(lead, was, now)
    other.learn(lead, "won")
    assert frequency == other
    assert [frequency.count("(stage)", stage, "won") for stage in STAGES] == [1.1] * 4
    assert [frequency.count("(stage)", stage, "lost") for stage in STAGES] == [0.1] * 4


def test_the_stage_decides_by_who_of_the_lost_came_so_far():
    frequency = Frequency((), stages=STAGES)
    for stage, times in (("new", 6), ("qualified", 3), ("offer", 1)):
        frequency.learn({"stage": stage}, "lost", times=times)
    frequency.learn({"stage": "won"}, "won", times=5)
    # 5.1 won and 10.1 lost in all; 10.1, 4.1 and 1.1 of the lost came so far, every won one did
    for stage, lost in (("new", 10.1), ("qualified", 4.1), ("offer", 1.1), ("won", 0.1)):
        won_share = 5.1 / 15.2
        lost_share = 10.1 / 15.2 * (lost / 10.1)
        assert frequency.percent({"stage": stage}) == round(100 * won_share / (won_share + lost_share), 2)


@given(HISTORY, LEADS)
def test_it_survives_json(history, one):
    frequency = learned(history)
    again = Frequency.from_json(frequency.to_json())
    assert again == frequency
    assert again.probability(one) == frequency.probability(one)


def test_a_won_lead_that_is_archived_changes_nothing():
    frequency, before = odoo(), odoo()
    frequency.change(ODOO[2], "won", "won")
    assert frequency == before


def test_what_was_never_learned_is_not_unlearned_not_even_in_part():
    frequency = Frequency(("source", "country"))
    frequency.learn({"source": "a", "country": "DE"}, "won")
    before = frequency.to_json()
    with pytest.raises(InvalidInput, match="as it was then"):
        frequency.unlearn({"source": "a", "country": "AT"}, "won")
    with pytest.raises(InvalidInput):
        frequency.unlearn({"source": "a", "country": "DE"}, "lost")
    assert frequency.to_json() == before


def test_a_stage_that_there_is_not_is_named():
    with pytest.raises(InvalidInput, match="give one of the stages new"):
        odoo().percent({"stage": "nowhere"})


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"form": 9, "fields": [], "counts": {}}', json.dumps(
    {"form": 1, "fields": ["a"], "counts": {"": {"a": {"x": [2, -1]}}}})])  # fmt: skip
def test_other_json_is_refused(text):
    with pytest.raises(InvalidInput, match=r"Frequency\.to_json"):
        Frequency.from_json(text)


def test_thousands_of_fields_do_not_underflow():
    names = [f"f{n}" for n in range(2000)]
    frequency = Frequency(names)
    chance = random.Random(1)
    for _ in range(20):
        one = {name: chance.choice("ab") for name in names}
        frequency.learn(one, chance.choice(["won", "lost"]))
    assert math.isfinite(frequency.probability(dict.fromkeys(names, "a")))
