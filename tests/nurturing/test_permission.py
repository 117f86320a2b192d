"""Whether a message may go."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from leadflow.entities import Consent, Lead, Suppression
from leadflow.errors import InvalidInput
from leadflow.nurturing import Permission, can_send
from leadflow.testing.builders import a_consent, a_lead
from leadflow.testing.clock import NOW
from leadflow.worktime import BusinessHours

ADDRESS = {"city": "Kiel", "postcode": "24103"}
WEEKDAYS = BusinessHours(week={"mon-fri": "09:00-17:00"})
SATURDAY = datetime(2026, 1, 17, 12, tzinfo=UTC)
MONDAY_AT_NINE = datetime(2026, 1, 19, 9, tzinfo=UTC)
ERASED = Suppression(why="erasure", since=NOW, by="person")


def verdict(lead: Lead[Any], **asked: Any) -> Permission:
    return can_send(lead, **{"purpose": "newsletter", "channel": "email", "now": NOW, **asked})


def test_with_consent_and_an_address_it_may_go_now() -> None:
    assert verdict(a_lead(email="ada@x.example", consented="newsletter")) == Permission(True, (), NOW)


def test_all_reasons_are_given_not_only_the_first() -> None:
    lead = a_lead(stage="disqualified", absorbed_by="lead-2")
    assert verdict(lead, suppressed=[ERASED], now=SATURDAY, quiet=WEEKDAYS) == Permission(
        False,
        (
            "the lead was absorbed by lead-2",
            "no e-mail address",
            str(ERASED),
            "the lead is disqualified",
            "no consent for newsletter by email",
            "outside the sending hours until 2026-01-19T09:00:00+00:00",
        ),
        None,
    )


def test_only_the_hours_stand_against_it_and_it_may_go_when_they_begin() -> None:
    lead = a_lead(email="ada@x.example", consented="newsletter")
    said = verdict(lead, now=SATURDAY, quiet=WEEKDAYS)
    assert (said.allowed, said.earliest) == (False, MONDAY_AT_NINE)
    assert verdict(lead, now=MONDAY_AT_NINE, quiet=WEEKDAYS).allowed


def test_consent_counts_for_its_purpose_and_channel_alone() -> None:
    lead = a_lead(email="ada@x.example", phone="+4943112345", address=ADDRESS, consented="newsletter")
    assert verdict(lead).allowed
    assert verdict(lead, purpose="events").reasons == ("no consent for events by email",)
    assert verdict(lead, channel="phone").reasons == ("no consent for newsletter by phone",)
    assert verdict(lead, channel="letter").reasons == ("no consent for newsletter by letter",)


def test_a_withdrawal_counts_until_consent_is_given_again() -> None:
    given_, withdrawn = a_consent(at=NOW - timedelta(days=9)), a_consent(status="withdrawn", at=NOW - timedelta(days=5))
    lead = a_lead(email="ada@x.example", consents=(withdrawn, given_))
    assert verdict(lead).reasons == ("consent for newsletter by email was withdrawn on 2026-01-10",)
    assert verdict(lead.but(consents=(withdrawn, given_, a_consent()))).allowed


def test_of_two_words_at_one_moment_the_withdrawal_counts() -> None:
    both = (a_consent(), a_consent(status="withdrawn"))
    assert not verdict(a_lead(email="ada@x.example", consents=both)).allowed
    assert not verdict(a_lead(email="ada@x.example", consents=both[::-1])).allowed


def test_consent_of_the_future_counts_when_it_has_come_and_the_hours_too() -> None:
    lead = a_lead(email="ada@x.example", consents=(a_consent(at=SATURDAY),))
    assert verdict(lead).earliest == SATURDAY
    assert verdict(lead, quiet=WEEKDAYS).earliest == MONDAY_AT_NINE
    assert len(verdict(lead, quiet=WEEKDAYS).reasons) == 2


@pytest.mark.parametrize(
    ("channel", "missing"),
    [("email", "no e-mail address"), ("phone", "no phone number"), ("letter", "no postal address")],
)
def test_without_a_contact_point_nothing_goes(channel: Any, missing: str) -> None:
    lead = a_lead(consents=(a_consent(channel=channel),), address={"country": "DE"})
    assert verdict(lead, channel=channel) == Permission(False, (missing,), None)


def test_an_unverified_address_is_written_to() -> None:
    lead = a_lead(emails=({"address": "ada@x.example", "verified": False},), consented="newsletter")
    assert verdict(lead).allowed


def test_a_transactional_message_needs_neither_consent_nor_hours_but_a_free_address() -> None:
    lead = a_lead(email="ada@x.example", stage="disqualified")
    assert verdict(lead, transactional=True, now=SATURDAY, quiet=WEEKDAYS) == Permission(True, (), SATURDAY)
    assert verdict(lead, transactional=True, suppressed=[ERASED]).reasons == (str(ERASED),)
    assert verdict(a_lead(), transactional=True).reasons == ("no e-mail address",)


def test_a_naive_moment_is_refused() -> None:
    with pytest.raises(InvalidInput, match="time zone"):
        verdict(a_lead(), now=datetime(2026, 1, 1))


MOMENTS = st.integers(-3, 3).map(lambda days: NOW + timedelta(days=days))
CONSENTS = st.builds(
    a_consent,
    st.sampled_from(["newsletter", "events"]),
    st.sampled_from(["email", "phone"]),
    st.sampled_from(["given", "withdrawn"]),
    at=MOMENTS,
)
STAGES = st.sampled_from(["prospect", "lead", "mql", "opportunity", "customer", "disqualified"])


def agreed(consents: list[Consent]) -> bool:
    """The oracle: some word says yes by now, and none says no at or after it."""
    said = [one for one in consents if one.purpose == "newsletter" and one.channel == "email"]
    return any(
        yes.status == "given"
        and yes.at <= NOW
        and not any(no.status == "withdrawn" and no.at >= yes.at for no in said)
        and not any(other.status == "given" and other.at > NOW for other in said)
        for yes in said
    )


@given(st.lists(CONSENTS, max_size=8), STAGES, st.booleans(), st.booleans())
def test_without_consent_nothing_goes_whatever_happened(
    consents: list[Consent], stage: str, suppressed: bool, reachable: bool
) -> None:
    lead = a_lead(email="ada@x.example" if reachable else None, stage=stage, consents=tuple(consents))
    said = verdict(lead, suppressed=[ERASED] if suppressed else ())
    assert said.allowed == (agreed(consents) and stage != "disqualified" and not suppressed and reachable)
    assert said.allowed == (not said.reasons)


@given(st.lists(CONSENTS, max_size=6), MOMENTS)
def test_a_withdrawal_only_ever_narrows(consents: list[Consent], at: datetime) -> None:
    lead = a_lead(email="ada@x.example", consents=tuple(consents))
    withdrawn = lead.but(consents=(*lead.consents, a_consent(status="withdrawn", at=at)))
    assert verdict(withdrawn).allowed <= verdict(lead).allowed


@given(st.lists(CONSENTS, max_size=6), MOMENTS)
def test_at_the_earliest_moment_it_really_may_go(consents: list[Consent], now: datetime) -> None:
    lead = a_lead(email="ada@x.example", consents=tuple(consents))
    said = verdict(lead, now=now, quiet=WEEKDAYS)
    if said.earliest:
        assert verdict(lead, now=said.earliest, quiet=WEEKDAYS).allowed
