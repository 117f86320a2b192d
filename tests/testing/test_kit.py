"""The kit for hosts' own tests: clocks, ids, builders, the fake mailer, assertions."""

from __future__ import annotations

import importlib
from datetime import UTC, datetime, timedelta
from math import log2
from threading import Thread
from types import ModuleType
from typing import Any

import pytest

import leadflow.testing
from leadflow.conditions import field
from leadflow.entities import Email, Entity, Lead
from leadflow.errors import Deferred, DefinitionError, DeliveryFailed, InvalidInput, Rejected, Uncertain
from leadflow.scoring import ScoringModel, half_life, on, points, rule, veto
from leadflow.testing.assertions import assert_scores
from leadflow.testing.builders import a_consent, a_lead, an_account, an_activity, an_adjustment
from leadflow.testing.clock import NOW, ClockAt, CountingIds, TickingClock
from leadflow.testing.fakes import FakeMailer
from leadflow.testing.mailer_contract import MailerContract, a_message
from leadflow.testing.timeline import Timeline


# ------------------------------------------------------------------------------------------------ clocks and ids
def test_a_clock_stands_still_until_it_is_advanced() -> None:
    clock = ClockAt(datetime(2026, 3, 1, tzinfo=UTC))
    assert clock() == clock.now() == datetime(2026, 3, 1, tzinfo=UTC)
    assert clock.advance(days=1, hours=2, minutes=3, seconds=4) == datetime(2026, 3, 2, 2, 3, 4, tzinfo=UTC)
    assert clock.advance(days=-1) == clock.now() == datetime(2026, 3, 1, 2, 3, 4, tzinfo=UTC)
    assert clock.set(NOW) == clock() == NOW


def test_a_ticking_clock_never_shows_the_same_moment_twice() -> None:
    clock = TickingClock(NOW, timedelta(minutes=1))
    assert [clock(), clock(), clock.now()] == [NOW + timedelta(minutes=n) for n in range(3)]
    assert clock.advance(days=1) == NOW + timedelta(days=1, minutes=3)


def test_clocks_know_their_zone() -> None:
    with pytest.raises(InvalidInput):
        ClockAt(datetime(2026, 1, 1))
    with pytest.raises(InvalidInput):
        ClockAt().set(datetime(2026, 1, 1))


def test_ids_count_up_and_sort_also_between_threads() -> None:
    ids, made = CountingIds("deal"), list[str]()
    threads = [Thread(target=lambda: made.extend(ids(NOW) for _ in range(200))) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(made) == [f"deal-{number:04}" for number in range(1, 801)]


# ------------------------------------------------------------------------------------------------ builders
class Fleet(Entity):
    size: int | None = None


def test_a_lead_has_what_was_named_and_nothing_else() -> None:
    lead = a_lead(person={"seniority": "director"}, company={"employees": 900}, email="ada@x.example", rounds=2)
    assert (lead.person.seniority, lead.company.employees, lead.rounds) == ("director", 900, 2)
    assert lead.emails == (Email(address="ada@x.example", domain="x.example"),)
    assert lead.but(person=a_lead().person, company=a_lead().company, emails=(), rounds=0) == a_lead()
    assert not a_lead().is_reachable


def test_a_lead_has_the_host_s_own_fields() -> None:
    assert a_lead(custom=Fleet(size=3)) == a_lead(custom={"size": 3}, lead_type=Lead[Fleet])
    assert a_lead(custom=Fleet(size=3)).custom.size == 3


def test_consent_is_given_in_short_or_in_full() -> None:
    assert a_lead(consented="newsletter").consents == (a_consent("newsletter"),)
    assert [one.purpose for one in a_lead(consented=("a", "b")).consents] == ["a", "b"]


@pytest.mark.parametrize(
    ("parts", "name"),
    [
        ({"persn": {}}, "persn"),
        ({"person": {"senority": "director"}}, "person.senority"),
        ({"company": {"employees": "x"}}, "employees"),
    ],
)
def test_a_misspelt_part_is_refused_by_name(parts: dict[str, Any], name: str) -> None:
    with pytest.raises(InvalidInput, match=name):
        a_lead(**parts)


def test_activities_are_told_apart_unless_they_are_given_an_id() -> None:
    lead = a_lead()
    one, other = (
        an_activity(lead, "page_viewed", path="/pricing"),
        an_activity("lead-1", "page_viewed", path="/pricing"),
    )
    assert one.id != other.id
    assert one.but(id=other.id) == other
    assert one.properties == {"path": "/pricing"}
    assert an_activity(lead, "visit", ago=timedelta(days=3), id="v").happened_at == NOW - timedelta(days=3)
    late = an_activity(lead, "visit", at=NOW, recorded_at=NOW + timedelta(days=1))
    assert (late.happened_at, late.recorded_at) == (NOW, NOW + timedelta(days=1))


# ------------------------------------------------------------------------------------------------ the fake mailer
class TestFakeMailer(MailerContract):
    def new_mailer(self) -> FakeMailer:
        return FakeMailer()

    def arrived(self, mailer: FakeMailer) -> list[str]:
        return [str(message.headers["Message-ID"]) for message in mailer.sent]

    def make_fail(self, mailer: FakeMailer, error: type[DeliveryFailed]) -> None:
        mailer.fail_next(error("as asked for"))


def test_the_fake_mailer_fails_when_it_is_told_to() -> None:
    mailer = FakeMailer({2: Deferred("later"), 3: Rejected("never")})
    results = []
    for number in range(1, 5):
        try:
            mailer.send(a_message(number))
            results.append("sent")
        except DeliveryFailed as failure:
            results.append(str(failure))
    assert results == ["sent", "later", "never", "sent"]
    assert [message.id for message in mailer.sent] == ["m1", "m4"]
    assert [message.id for message in mailer.attempts] == ["m1", "m2", "m3", "m4"]
    assert mailer.sent_to("ada@x.example") == mailer.sent
    assert mailer.sent_to("eve@x.example") == []


@pytest.mark.parametrize("arrives", [True, False])
def test_what_is_uncertain_may_have_arrived(arrives: bool) -> None:
    mailer = FakeMailer({1: Uncertain("gone")}, uncertain_arrive=arrives)
    with pytest.raises(Uncertain):
        mailer.send(a_message())
    assert len(mailer.sent) == arrives


class Careless(FakeMailer):
    """Breaks the promise: it fails as deferred though the message went."""

    def send(self, message: object) -> None:
        if len(self.attempts) + 1 in self._failing:
            self.sent.append(a_message())
        super().send(message)  # type: ignore[arg-type]  # only messages come


class Trusting(FakeMailer):
    """Takes every header as it comes."""

    def send(self, message: object) -> None:
        self.sent.append(message)  # type: ignore[arg-type]  # only messages come


@pytest.mark.parametrize(
    ("broken", "promise"),
    [
        (Careless, "test_a_message_that_was_not_taken_has_not_arrived"),
        (Trusting, "test_no_value_becomes_a_header"),
        (Trusting, "test_only_one_plain_address_is_written_to"),
    ],
)
def test_the_contract_finds_mailers_that_break_it(broken: type[FakeMailer], promise: str) -> None:
    contract = TestFakeMailer()
    contract.new_mailer = broken  # type: ignore[method-assign]  # the same test with another mailer
    with pytest.raises((AssertionError, pytest.fail.Exception)):
        getattr(contract, promise)(*([Deferred] if broken is Careless else []))


# ------------------------------------------------------------------------------------------------ assertions
@rule(15, because="a target")
def target(lead: Lead[Fleet]) -> bool:
    return lead.company.domain == "acme.example"


MODEL = ScoringModel(
    name="m",
    fit=[
        points(25, field("company.employees") >= 250, because="enterprise"),
        points(20, field("person.seniority").is_in("director", "c-level"), because="can decide"),
        target,
    ],
    engagement=[on("demo_requested", 30, decay=half_life(days=30), because="wants a demo")],
)
DIRECTOR = a_lead(person={"seniority": "director"}, company={"employees": 900})


def test_a_score_that_is_as_expected_passes_and_is_returned() -> None:
    assert assert_scores(MODEL, DIRECTOR, fit=45, because=["can decide", "enterprise"]).fit == 45
    asked = an_activity(DIRECTOR, "demo_requested", ago=timedelta(days=30))
    assert_scores(MODEL, DIRECTOR, [asked], engagement=15, because=["wants a demo"])
    assert_scores(MODEL, DIRECTOR, [asked], because=["wants a demo", "can decide", "enterprise"])
    assert_scores(MODEL, DIRECTOR, [asked], engagement=30, now=asked.happened_at)
    assert_scores(MODEL, DIRECTOR, [asked], engagement=7.5, total=52.5, later=timedelta(days=30))
    assert_scores(MODEL, DIRECTOR, [asked], total=60, because=["wants a demo", "can decide", "enterprise"])


@pytest.mark.parametrize(
    ("expected", "message"),
    [
        ({"fit": 44}, "fit: 45, expected 44"),
        ({"engagement": 1}, "engagement: 0, expected 1"),
        ({"total": 1}, "total: 45, expected 1"),
        ({"fit": float("nan")}, "fit: 45, expected nan"),
        ({"grade": "Z9"}, "expected Z9"),
        ({"veto": "competitor"}, "veto: None, expected competitor"),
        ({"because": ["enterprise"]}, "gave points, but not expected: can decide"),
        ({"because": ["enterprise", "can decide", "a target"]}, "expected, but gave no points: a target"),
    ],
)
def test_a_score_that_is_different_fails_and_shows_what_it_is_made_of(
    expected: dict[str, object], message: str
) -> None:
    with pytest.raises(AssertionError) as failed:
        assert_scores(MODEL, DIRECTOR, **expected)  # type: ignore[arg-type]  # a table of keyword arguments
    assert message in str(failed.value)
    assert "+25  fit         enterprise" in str(failed.value)


def test_a_misspelt_field_fails_the_test_not_the_lead() -> None:
    with pytest.raises(DefinitionError, match=r"company\.employees"):
        assert_scores(
            ScoringModel(name="m", fit=[points(1, field("company.employes") > 1, because="x")]), DIRECTOR, fit=0
        )


def test_one_reason_is_still_a_list() -> None:
    with pytest.raises(TypeError, match="list of reasons"):
        assert_scores(MODEL, DIRECTOR, because="enterprise")


RICH = MODEL.but(
    fit=(*MODEL.fit, points(9, field("account.score") >= 100, because="a busy account")),
    vetoes=(veto(field("company.domain") == "rival.example", because="competitor"),),
)


def test_accounts_points_by_hand_and_vetoes_are_given_like_all_else() -> None:
    busy = an_account(fit=40, engagement=60)
    assert_scores(RICH, DIRECTOR, fit=54, because=["enterprise", "can decide", "a busy account"], account=busy)
    assert_scores(RICH, DIRECTOR, fit=45, account=an_account(fit=40))
    helped = DIRECTOR.but(adjustments=(an_adjustment(7, because="rang"), an_adjustment(-2, side="fit", by="ben")))
    assert_scores(RICH, helped, fit=43, engagement=7)
    rival = a_lead(company={"employees": 900, "domain": "rival.example"}, adjustments=helped.adjustments)
    assert_scores(RICH, rival, fit=-2, engagement=0, veto="competitor", grade="D4")


def test_points_by_hand_have_their_time() -> None:
    week = timedelta(days=7)
    lead = a_lead(adjustments=[an_adjustment(5, ago=week, until=NOW + week), an_adjustment(1, at=NOW)])
    assert Timeline(MODEL, lead).engagement(-8, -7, -0.01, 0, 6.99, 7) == [0, 5, 5, 6, 6, 1]


def test_a_misspelt_part_of_an_account_is_named_with_the_nearest() -> None:
    with pytest.raises(InvalidInput, match=r"engagment: .* an account has no such field; did you mean engagement\?"):
        an_account(engagment=3)


def test_a_part_that_stands_deeper_is_named_with_its_place() -> None:
    with pytest.raises(InvalidInput, match=r"a lead has no such field; write person={'seniority': …}"):
        a_lead(seniority="director")


# ------------------------------------------------------------------------------------------------ time travel
def test_a_timeline_shows_how_points_fade() -> None:
    ahead = Timeline(MODEL, DIRECTOR, [an_activity(DIRECTOR, "demo_requested")])
    assert ahead.engagement(0, 30, 60) == [30, 15, 7.5]
    assert ahead.fit(0, 365) == [45, 45]
    assert ahead.total(30) == [60]
    assert ahead.grades(0, 1, 1000) == ["B2", "B3", "B4"]
    assert [one.because for one in ahead.at(30).contributions] == ["enterprise", "can decide", "wants a demo"]


def test_a_timeline_knows_when_a_lead_falls_below() -> None:
    ahead = Timeline(MODEL, DIRECTOR, [an_activity(DIRECTOR, "demo_requested")])
    assert ahead.falls_below(25) == pytest.approx(30 * log2(30 / 25), abs=1e-9)
    assert ahead.falls_below(0) is None
    assert ahead.falls_below(60, side="total") == pytest.approx(30, abs=1e-9)
    assert ahead.falls_below(31) == 0
    (threshold,) = ahead.engagement(12.5)
    assert ahead.falls_below(threshold) == pytest.approx(12.5, abs=1e-9)


def test_a_timeline_starts_where_it_is_told() -> None:
    asked = an_activity(DIRECTOR, "demo_requested", ago=timedelta(days=30))
    assert Timeline(MODEL, DIRECTOR, [asked], now=asked.happened_at).engagement(-1, 0, 30) == [0, 30, 15]
    with pytest.raises(InvalidInput, match="now"):
        Timeline(MODEL, DIRECTOR, now=datetime(2026, 1, 1))


def test_a_timeline_fails_where_the_model_is_wrong() -> None:
    with pytest.raises(DefinitionError, match=r"company\.employees"):
        Timeline(ScoringModel(name="m", fit=[points(1, field("company.employes") > 1, because="x")]), DIRECTOR)
    raising = ScoringModel(name="m", fit=[rule(1, because="x")(lambda _: 1 / 0)])
    with pytest.raises(DefinitionError, match="ZeroDivisionError"):
        Timeline(raising, DIRECTOR).at(0)


# ------------------------------------------------------------------------------------------------ the front door
def test_the_kit_is_reached_from_its_root() -> None:
    assert leadflow.testing.a_lead is a_lead
    assert [name for name in leadflow.testing.__all__ if not hasattr(leadflow.testing, name)] == []
    with pytest.raises(AttributeError, match="no_such_thing"):
        leadflow.testing.no_such_thing  # noqa: B018  # asking is the test


@pytest.mark.parametrize(
    ("parts", "remedy"),
    [
        ({"compny": {}}, "did you mean company?"),
        ({"company": {"employes": 900}}, "did you mean company.employees?"),
        ({"custom": {"size": 3}}, "give lead_type="),
        ({"qqqq": 1}, "no such field$"),
    ],
)
def test_a_misspelt_part_of_a_lead_is_named_with_the_nearest(parts: dict[str, Any], remedy: str) -> None:
    with pytest.raises(InvalidInput, match=remedy):
        a_lead(**parts)


def test_what_is_shown_is_the_same_whenever_it_is_asked_for() -> None:
    kit = leadflow.testing
    first = [getattr(kit, name) for name in kit.__all__]
    for one in first:
        if getattr(one, "__module__", "").startswith("leadflow.testing"):
            importlib.import_module(one.__module__)
    assert [getattr(kit, name) for name in kit.__all__] == first
    assert not any(isinstance(one, ModuleType) for one in first)
