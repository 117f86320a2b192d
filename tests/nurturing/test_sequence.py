"""How a lead gets into a sequence, through it, and out."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from leadflow.conditions import field
from leadflow.entities import Enrolment, Entity, Lead
from leadflow.errors import DefinitionError
from leadflow.nurturing import Content, Nurturing, Sequence, Step
from leadflow.nurturing.sequence import content_for, ending, enrolments_due, next_enrolment, why_not_enrolled
from leadflow.testing.builders import a_consent, a_lead
from leadflow.testing.clock import NOW

DAY = timedelta(days=1)
STEPS = (Step(timedelta(0), "hello"), Step(3 * DAY), Step(7 * DAY, ("case study", "offer")))
WELCOME = Sequence("welcome", STEPS, audience=field("company.employees") >= 50)
CONTENTS = (Content("hello", "Hello", "Hi"), Content("case study", "See", "how"), Content("offer", "Have", "this"))


def a_fitting_lead(**parts: Any) -> Lead[Any]:
    return a_lead(**{"email": "ada@x.example", "consented": "newsletter", "company": {"employees": 60}} | parts)


# -------------------------------------------------------------------------------------------------------- getting in
def test_a_lead_of_the_audience_begins_with_the_first_step() -> None:
    assert enrolments_due(a_fitting_lead(), [WELCOME], NOW) == [Enrolment(sequence="welcome", due_at=NOW, since=NOW)]


def test_the_first_step_waits_as_long_as_it_says() -> None:
    later = Sequence("later", [Step(2 * DAY)])
    assert enrolments_due(a_fitting_lead(), [later], NOW)[0].due_at == NOW + 2 * DAY


@pytest.mark.parametrize(
    ("parts", "reason"),
    [
        ({"company": {"employees": 10}}, "not in the audience: company.employees ≥ 50"),
        ({"company": {}}, "not in the audience: company.employees ≥ 50"),  # unknown is not true
        ({"stage": "mql"}, "the lead is mql, the sequence is for lead"),
        ({"consented": ()}, "no consent for newsletter by email"),
        ({"consented": ("events",)}, "no consent for newsletter by email"),
        (
            {"consents": (a_consent(at=NOW + DAY),)},
            "consent for newsletter by email is valid from 2026-01-16T09:00:00+00:00",
        ),
        ({"email": None}, "can't be reached by email"),
        ({"absorbed_by": "lead-2"}, "absorbed by lead-2"),
        ({"enrolments": (Enrolment(sequence="welcome", due_at=NOW),)}, "already enrolled"),
        ({"enrolments": (Enrolment(sequence="welcome", ended="finished"),)}, "has completed it in this round"),
    ],
)
def test_what_stands_against_an_enrolment_is_named(parts: dict[str, Any], reason: str) -> None:
    lead = a_fitting_lead(**parts | ({"consented": ()} if "consents" in parts else {}))
    assert why_not_enrolled(lead, WELCOME, NOW) == (reason,)
    assert enrolments_due(lead, [WELCOME], NOW) == []


def test_a_lead_that_sales_gave_back_goes_through_it_again() -> None:
    lead = a_fitting_lead(rounds=1, enrolments=(Enrolment(sequence="welcome", round=1, ended="finished"),))
    assert enrolments_due(lead, [WELCOME], NOW) == [Enrolment(sequence="welcome", round=2, due_at=NOW, since=NOW)]
    again = lead.but(enrolments=(Enrolment(sequence="welcome", round=2, ended="became mql"),))
    assert enrolments_due(again, [WELCOME], NOW) == []


def test_a_sequence_that_is_never_repeated_is_not_repeated() -> None:
    once = Sequence("welcome", STEPS, reenrol="never")
    lead = a_fitting_lead(rounds=1, enrolments=(Enrolment(sequence="welcome", round=1, ended="finished"),))
    assert why_not_enrolled(lead, once, NOW) == ("has completed it, and it is never repeated",)


def test_an_enrolment_that_outlives_its_round_is_not_doubled() -> None:
    lead = a_fitting_lead(rounds=3, enrolments=(Enrolment(sequence="welcome", round=1, due_at=NOW),))
    assert enrolments_due(lead, [WELCOME], NOW) == []


def test_sequences_don_t_stand_in_each_other_s_way() -> None:
    other = Sequence("other", [Step(DAY)])
    lead = a_fitting_lead(enrolments=(Enrolment(sequence="welcome", due_at=NOW),))
    assert [one.sequence for one in enrolments_due(lead, [WELCOME, other], NOW)] == ["other"]


# -------------------------------------------------------------------------------------------------------- going on
def test_each_step_is_due_so_long_after_the_one_before() -> None:
    first = Enrolment(sequence="welcome", due_at=NOW)
    sent_late = NOW + timedelta(hours=30)
    second = next_enrolment(first, WELCOME, sent_late)
    third = next_enrolment(second, WELCOME, NOW + 9 * DAY)
    assert second == first.but(step=1, due_at=sent_late + 3 * DAY, since=sent_late)
    assert third == first.but(step=2, due_at=NOW + 16 * DAY, since=NOW + 9 * DAY)
    assert next_enrolment(third, WELCOME, NOW) == third.but(step=3, due_at=None, ended="finished")


def test_an_enrolment_that_has_ended_stays_as_it_is() -> None:
    over = Enrolment(sequence="welcome", step=1, ended="became mql")
    assert next_enrolment(over, WELCOME, NOW) == over


def test_a_sequence_that_was_shortened_ends() -> None:
    assert next_enrolment(Enrolment(sequence="welcome", step=7), WELCOME, NOW).ended == "finished"


@given(st.lists(st.integers(0, 30), min_size=1, max_size=8), st.lists(st.integers(0, 100), min_size=8, max_size=8))
def test_every_step_comes_once_and_never_too_early(waits: list[int], delays: list[int]) -> None:
    sequence = Sequence("s", [Step(wait * DAY) for wait in waits])
    enrolment, moment = enrolments_due(a_fitting_lead(), [sequence], NOW)[0], NOW
    seen = []
    for wait, delay in zip(waits, delays, strict=False):
        assert enrolment.due_at == moment + wait * DAY
        seen.append(enrolment.step)
        moment = enrolment.due_at + timedelta(hours=delay)
        enrolment = next_enrolment(enrolment, sequence, moment)
    assert seen == list(range(len(waits)))
    assert enrolment.ended == "finished"


# -------------------------------------------------------------------------------------------------------- getting out
def test_who_stays_as_he_is_goes_on() -> None:
    assert ending(a_fitting_lead(), WELCOME) is None


@pytest.mark.parametrize(
    ("parts", "reason"),
    [
        ({"stage": "mql"}, "became mql"),
        ({"stage": "customer"}, "became customer"),
        ({"stage": "disqualified"}, "became disqualified"),
        ({"absorbed_by": "lead-2"}, "absorbed by lead-2"),
        ({"email": None}, "can't be reached by email"),
        ({"consents": (a_consent(), a_consent(status="withdrawn"))}, "consent withdrawn"),
    ],
)
def test_a_way_through_a_sequence_ends_with_a_reason(parts: dict[str, Any], reason: str) -> None:
    assert ending(a_fitting_lead(**parts), WELCOME) == reason


def test_with_exit_stages_the_sequence_goes_on_until_one_of_them() -> None:
    long = Sequence("long", STEPS, exit_on=("customer",))
    assert ending(a_fitting_lead(stage="opportunity"), long) is None
    assert ending(a_fitting_lead(stage="customer"), long) == "became customer"


def test_leaving_the_audience_does_not_end_it() -> None:
    assert ending(a_fitting_lead(company={"employees": 1}), WELCOME) is None


# -------------------------------------------------------------------------------------------------------- contents
def test_a_step_sends_what_it_names_or_the_best_of_several_or_of_all() -> None:
    lead = a_fitting_lead()

    def names(step: int, *sent: str) -> str | None:
        choice = content_for(WELCOME, step, CONTENTS, lead, sent)
        return choice.content.name if choice.content else None

    assert names(0) == names(0, "hello") == "hello"  # named: it is meant, also a second time
    assert (names(1), names(1, "hello")) == ("hello", "case study")
    assert (names(2), names(2, "case study")) == ("case study", "offer")
    assert names(2, "case study", "offer") is None
    assert names(3) is None


# -------------------------------------------------------------------------------------------------------- definitions
@pytest.mark.parametrize(
    ("given_", "message"),
    [
        ({"name": " "}, "name: ' ' is not a name; give 1 to 200"),
        ({"steps": ()}, "steps: give at least one"),
        ({"purpose": ""}, "purpose: '' is not a name"),
        ({"purpose": "news "}, "purpose: 'news ' is not a name"),
        ({"channel": "fax"}, "channel: there is no 'fax'; give 'email', 'phone' or 'letter'"),
        ({"stages": ()}, "stages: Value should have at least 1 item"),
        ({"stages": "lead"}, "stages: it must be a list"),
        ({"exit_on": "mql"}, "exit_on: it must be a list"),
        ({"exit_on": ("lead",)}, "both in stages and in exit_on"),
        ({"reenrol": "always"}, "reenrol: there is no 'always'; give 'each round' or 'never'"),
    ],
)
def test_a_sequence_that_can_not_work_is_refused(given_: dict[str, Any], message: str) -> None:
    with pytest.raises(DefinitionError, match=message):
        Sequence(**{"name": "welcome", "steps": STEPS} | given_)


def test_everything_that_is_wrong_is_said_at_once() -> None:
    with pytest.raises(DefinitionError, match=r"steps: give.*purpose: '' is not a name.*stages: "):
        Sequence("welcome", (), purpose="", stages=())


@pytest.mark.parametrize("after", [timedelta(seconds=-1), timedelta(days=4000)])
def test_a_step_waits_neither_backwards_nor_for_ever(after: timedelta) -> None:
    with pytest.raises(DefinitionError, match=r"less than nothing|less than or equal to 1830 days"):
        Step(after)


@pytest.mark.parametrize("content", ["", (), []])
def test_a_step_without_any_content_to_choose_from_is_refused(content: Any) -> None:
    with pytest.raises(DefinitionError, match="content: it is empty"):
        Step(DAY, content)


@pytest.mark.parametrize(
    ("sequence", "message"),
    [
        (Sequence("s", [Step(DAY, "helo")]), "step 1: there is no content 'helo'; there are case study, hello, offer"),
        (Sequence("s", [Step(DAY, "hello"), Step(DAY, ("offer", "x"))]), "step 2: there is no content 'x'"),
        (Sequence("s", [Step(DAY, "hello")], channel="letter"), "content 'hello' is for email, not for letter"),
        (Sequence("s", [Step(DAY)], channel="letter"), "step 1: there is no content for letter"),
        (
            Sequence("s", STEPS, audience=field("company.employes") > 1),
            "audience: company.employes: .*company.employees",
        ),
    ],
)
def test_what_a_sequence_names_must_be_there(sequence: Sequence, message: str) -> None:
    with pytest.raises(DefinitionError, match=message):
        Nurturing([sequence], CONTENTS).bind(Lead)


class Fleet(Entity):
    size: int | None = None


def test_custom_fields_are_checked_against_the_class_of_lead() -> None:
    big = Sequence("big", [Step(DAY)], audience=field("custom.size") > 10)
    content = Content("c", "{{ custom.size }} cars", "…", html="{{ custom.size }}")
    assert Nurturing([big], [content]).bind(Lead[Fleet]).sequence("big") is not None
    with pytest.raises(DefinitionError, match=r"content 'c', subject: custom\.size"):
        Nurturing([], [content]).bind(Lead)
    with pytest.raises(DefinitionError, match="sequence 'big', audience"):
        Nurturing([big], CONTENTS).bind(Lead)


def test_a_day_in_an_audience_is_read_as_the_field_it_is_compared_with() -> None:
    recent = Sequence("recent", [Step(DAY)], audience=field("created_at") >= "2026-01-01").bind(Lead, CONTENTS)
    assert enrolments_due(a_fitting_lead(), [recent], NOW) != []
    assert enrolments_due(a_fitting_lead(created_at=datetime(2025, 12, 31, tzinfo=UTC)), [recent], NOW) == []


@pytest.mark.parametrize("kind", ["sequence", "content"])
def test_two_of_one_name_are_refused(kind: str) -> None:
    twice = ([WELCOME, WELCOME], []) if kind == "sequence" else ([], [CONTENTS[0], CONTENTS[0]])
    with pytest.raises(DefinitionError, match=f"{kind} '.*' is defined more than once"):
        Nurturing(*twice)


def test_sequences_and_contents_are_found_by_name() -> None:
    nurturing = Nurturing([WELCOME], CONTENTS).bind(Lead)
    assert nurturing.sequence("welcome") == WELCOME
    assert nurturing.content("offer") == CONTENTS[2]
    assert nurturing.sequence("x") is None
    assert nurturing.content("x") is None
