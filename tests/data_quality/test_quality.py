"""The quality of a lead's data: complete for what, valid, confirmed when; a number that is the sum of its parts."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import pairwise
from math import fsum
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from leadflow.conditions import evaluate, field
from leadflow.conditions.codegen import compile_condition
from leadflow.data_quality import (
    DataQuality,
    FieldNeed,
    Freshness,
    Purpose,
    quality_changes,
    quality_of,
    with_data_quality,
)
from leadflow.entities import Lead
from leadflow.errors import DefinitionError
from leadflow.testing import a_lead

NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)
DAY = timedelta(days=1)
VALUES: dict[str, dict[str, Any]] = {
    "emails": {"emails": [{"address": "ada@acme.example"}]},
    "phones": {"phones": [{"number": "+4930901820", "country": "DE"}]},
    "address": {"address": {"street": "Ring", "postcode": "10115", "city": "Berlin", "country": "DE"}},
    "company": {"company": {"name": "Acme", "domain": "acme.example"}},
    "person": {"person": {"last_name": "Lovelace", "job_title": "CTO"}},
    "need": {"need": "a crane"},
    "interests": {"interests": ["cranes"]},
}
FINDINGS = st.builds(
    lambda field, severity: {"code": "c", "field": field, "severity": severity, "message": "m"},
    st.sampled_from(["email", "phone", "person.last_name", "budget", "consents", "address.city"]),
    st.sampled_from(["error", "warning", "note"]),
)
CONFIRMED = st.dictionaries(
    st.sampled_from(["email", "phone", "address", "company", "person"]),
    st.builds(
        lambda days, by: {"at": NOW - days * DAY, "by": by},
        st.integers(-30, 2000),
        st.sampled_from(["submission", "correction", "verification", "delivery", "crm", "bounce"]),
    ),
)
LEADS = st.builds(
    lambda parts, findings, confirmed, age: a_lead(
        created_at=NOW - age * DAY,
        findings=findings,
        confirmed=confirmed,
        **{key: value for name in parts for key, value in VALUES[name].items()},
    ),
    st.sets(st.sampled_from(sorted(VALUES))),
    st.lists(FINDINGS, max_size=8),
    CONFIRMED,
    st.integers(0, 3000),
)
RULES = st.builds(
    DataQuality,
    completeness_weight=st.floats(0, 100),
    validity_weight=st.floats(1, 100),
    freshness_weight=st.floats(0, 100),
    per_warning=st.floats(0, 100),
)


@settings(max_examples=60)
@given(LEADS, RULES)
def test_the_score_is_the_sum_of_its_parts_from_0_to_100(lead, rules):
    quality = quality_of(lead, NOW, rules)
    assert quality.score == round(fsum(part.points for part in quality.parts), 2)
    assert 0 <= quality.score <= 100
    assert all(0 <= part.points <= part.most for part in quality.parts)
    assert round(fsum(part.most for part in quality.parts), 6) == 100


@settings(max_examples=60)
@given(LEADS, st.sampled_from(sorted(VALUES)))
def test_a_value_more_never_lowers_completeness(lead, name):
    more = a_lead(**VALUES[name])
    after = lead.but(**{key: getattr(more, key) for key in VALUES[name]})
    before, now = quality_of(lead, NOW), quality_of(after, NOW)
    assert all(now.completeness[purpose] >= share for purpose, share in before.completeness.items())


@settings(max_examples=60)
@given(LEADS, st.integers(0, 4000))
def test_time_alone_never_raises_and_changes_only_at_the_moments_foretold(lead, days):
    later = NOW + days * DAY
    before, after = quality_of(lead, NOW), quality_of(lead, later)
    assert after.score <= before.score
    turns = sorted(moment for moment in quality_changes(lead) if NOW < moment <= later)
    steps = [NOW, *turns, later]
    for start, end in pairwise(steps):
        assert quality_of(lead, start).parts == quality_of(lead, max(start, end - timedelta(microseconds=1))).parts


def test_what_is_missing_comes_in_the_order_of_its_worth_from_the_nearest_alternative():
    rules = DataQuality(
        purposes=[
            Purpose(
                "letter",
                [
                    FieldNeed(["person.last_name", "company.name"]),
                    FieldNeed([["address.street", "address.postcode", "address.city"], "social"], worth=3),
                ],
            )
        ]
    )
    nothing = quality_of(a_lead(), NOW, rules)
    assert [one.fields for one in nothing.parts[0].missing] == [("social",), ("person.last_name",)]
    assert nothing.completeness == {"letter": 0.0} and nothing.complete == {"letter": False}
    named = quality_of(a_lead(company={"name": "Acme"}), NOW, rules)
    assert named.completeness == {"letter": 25.0}  # 1 of 1 + 3


def test_by_hand_a_lead_with_an_address_of_last_year():
    """Mailing complete 8, nothing else of completeness but a quarter of two; valid 30; e-mail ageing 3 of 6."""
    lead = a_lead(email="ada@acme.example", confirmed={"email": {"at": NOW - 300 * DAY, "by": "delivery"}})
    quality = quality_of(lead, NOW)
    by_part = {part.part: part.points for part in quality.parts}
    assert by_part["completeness.mailing"] == 8 and by_part["validity"] == 30
    assert by_part["freshness.email"] == 3 and by_part["freshness.phone"] == 0
    assert "e-mail confirmed: 3 of 6; ageing: 2025-05-06 09:00 by delivery" in quality.text()
    assert "E-Mail bestätigt: 3 von 6; alternd: 06.05.2025 09:00 durch Zustellung" in quality.text("de")


def test_of_nothing_nothing_is_valid_and_a_kind_of_finding_counts_once():
    assert quality_of(a_lead(), NOW).score == 0
    twice = [{"code": "conflict", "field": "email", "severity": "warning", "message": m} for m in ("one", "other")]
    assert quality_of(a_lead(email="ada@acme.example", findings=twice), NOW).validity == 80


def test_an_address_that_bounced_is_missing_and_stale():
    bounced = a_lead(email="ada@acme.example", confirmed={"email": {"at": NOW, "by": "bounce"}})
    quality = quality_of(bounced, NOW)
    assert not quality.complete["mailing"] and quality.outdated == {"email": True}


def test_an_error_is_open_until_a_value_stands_there_and_a_warning_until_somebody_has_looked():
    error = {"code": "no_country", "field": "phone", "severity": "error", "message": "m"}
    warning = {"code": "email_typo", "field": "email", "severity": "warning", "message": "m"}
    bare = a_lead(email="ada@acme.example", findings=[error, warning])
    assert quality_of(bare, NOW).validity == 70
    called = a_lead(email="ada@acme.example", phone="+4930901820", findings=[error, warning])
    assert quality_of(called, NOW).validity == 80
    looked_at = a_lead(
        email="ada@acme.example", findings=[warning], confirmed={"email": {"at": NOW, "by": "correction"}}
    )
    assert quality_of(looked_at, NOW).validity == 100


@pytest.mark.parametrize(
    ("condition", "now", "later"),
    [
        (field("quality.score") >= 45, True, False),
        (field("quality.complete.mailing") == True, True, True),  # noqa: E712  # a condition
        (field("quality.completeness.calling") > 50, False, False),
        (field("quality.outdated.email") == True, False, True),  # noqa: E712
        (field("quality.outdated.phone") == True, None, None),  # noqa: E712  # there is none
        (field("confirmed.email.at").within(days=10), True, False),
    ],
)
def test_conditions_read_it_at_their_moment_in_every_engine(condition, now, later):
    lead = a_lead(email="ada@acme.example", confirmed={"email": {"at": NOW, "by": "delivery"}})
    for moment, truth in ((NOW, now), (NOW + 800 * DAY, later)):
        assert evaluate(condition, lead, moment) is truth
        assert compile_condition(condition)(lead, moment) is truth


def test_the_definition_of_a_class_is_what_its_conditions_read():
    rules = DataQuality(purposes=[Purpose("fax", ["note"])], freshness=[Freshness("email", "1 day")])
    kind = with_data_quality(Lead, rules)
    lead = a_lead(email="ada@acme.example", note="by fax", lead_type=kind)
    assert evaluate(field("quality.complete.fax") == True, lead, NOW) is True  # noqa: E712
    assert evaluate(field("quality.complete.fax") == True, a_lead(note="by fax"), NOW) is None  # noqa: E712


@pytest.mark.parametrize(
    ("make", "said"),
    [
        (lambda: Purpose("hand over", ["email"]), "is not a name for conditions"),
        (lambda: Purpose("mailing", []), "needs"),
        (lambda: Freshness("email", "0 days"), "lasts"),
        (lambda: DataQuality(purposes=[Purpose("a", ["email"]), Purpose("a", ["phone"])]), "'a' is defined twice"),
        (lambda: DataQuality(completeness_weight=0, validity_weight=0, freshness_weight=0), "nothing has a weight"),
        (lambda: FieldNeed("person last"), "any_of"),
        (lambda: DataQuality(per_warning=-1), "per_warning"),
    ],
)
def test_what_cannot_work_is_refused(make, said):
    with pytest.raises(DefinitionError, match=said):
        make()


@given(RULES)
@settings(max_examples=20)
def test_a_definition_goes_to_json_and_back(rules):
    assert DataQuality.model_validate_json(rules.model_dump_json()) == rules


def test_a_definition_is_short_as_data():
    written = DataQuality.model_validate(
        {"purposes": [{"name": "letter", "needs": ["email.address", [["address.street", "address.city"]],
                                                   {"any_of": ["person.last_name", "company.name"], "worth": 2}]}],
         "freshness": [["email", "180 days"]]}
    )  # fmt: skip
    letter = Purpose(
        "letter",
        [FieldNeed("email.address"), FieldNeed.all("address.street", "address.city"),
         FieldNeed(["person.last_name", "company.name"], worth=2)],
    )  # fmt: skip
    assert written.purposes == (letter,) and written.freshness == (Freshness("email", timedelta(days=180)),)
