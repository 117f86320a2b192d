"""Which of a person's words counts: a withdrawal that was recorded is never without effect."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from acme import ADA, START, Clock, Outbox, acme_flow, consistent
from leadflow import Consent, ExternalId
from leadflow.adapters.memory import MemoryStorage
from leadflow.events import ConsentChanged, replay
from leadflow.nurturing import unsubscribe_token

DAY = timedelta(days=1)
SECRET = b"a secret of 16 bytes or more"
YES = Consent(purpose="newsletter", channel="email", status="given", at=START, proof="double opt-in 7")


@pytest.fixture
def ada(flow) -> str:
    return flow.capture(ADA, source="web").lead_id


def status(flow, lead_id: str) -> str | None:
    word = flow.get(lead_id).consent("newsletter", "email")
    return word.status if word else None


def unsubscribe(flow, lead_id: str, **more):
    return flow.unsubscribe(unsubscribe_token(lead_id, "newsletter", "email", SECRET), **more)


def mails(flow, clock, outbox) -> int:
    before = len(outbox.sent)
    for _ in range(8):
        clock.advance(days=2)
        flow.run_due()
    consistent(flow)
    return len(outbox.sent) - before


# ------------------------------------------------------------------------------------------------------- what is kept
def test_a_word_is_kept_with_its_origin_its_address_and_when_it_was_recorded(flow, ada, clock):
    clock.advance(hours=1)
    forged = YES.but(recorded_at=START + 400 * DAY)
    flow.capture(ADA | {"note": "x"}, source="web", consents=forged)
    kept = flow.get(ada).consent("newsletter", "email")
    assert (kept.origin, kept.address, kept.recorded_at) == ("person", "ada@acme.example", clock())
    flow.consent(ada, "offers", "email", proof="a card", address="ADA@Acme.example")
    assert flow.get(ada).consent("offers", "email").address == "ada@acme.example"
    consistent(flow)


def test_a_fact_of_the_past_counts_as_recorded_when_it_was(flow, ada, clock):
    clock.advance(days=1)
    flow.consent(ada, "newsletter", "email", proof="a form")
    facts = [
        fact.but(consent=Consent(**fact.consent.model_dump(exclude={"recorded_at", "origin", "address"})))
        if isinstance(fact, ConsentChanged)
        else fact
        for fact in flow.storage.facts(ada)
    ]
    assert replay(facts).consent("newsletter", "email").recorded_at == clock()


# ------------------------------------------------------------------------------------------------------- withdrawals
AHEAD = [timedelta(seconds=2), timedelta(hours=3), 2 * DAY, 700 * DAY]


@pytest.mark.parametrize("ahead", AHEAD, ids=str)
def test_a_withdrawal_beats_a_consent_that_a_browser_dated_ahead_of_it(flow, ada, clock, outbox, ahead):
    flow.consent(ada, "newsletter", "email", proof="a form", at=clock() + ahead)
    clock.advance(minutes=1)
    unsubscribe(flow, ada)
    assert status(flow, ada) == "withdrawn"
    clock.advance(days=800)
    assert mails(flow, clock, outbox) == 0


def test_a_withdrawal_counts_although_the_clock_was_set_back(flow, ada, clock, outbox):
    flow.consent(ada, "newsletter", "email", proof="a form")
    clock.advance(days=-1)
    unsubscribe(flow, ada)
    assert status(flow, ada) == "withdrawn"
    clock.advance(days=3)
    assert mails(flow, clock, outbox) == 0


@pytest.mark.parametrize("at", [-900 * DAY, -DAY, timedelta(seconds=2), 2 * DAY], ids=str)
def test_a_withdrawal_with_a_moment_of_its_own_counts(flow, ada, clock, at):
    flow.consent(ada, "newsletter", "email", proof="a form")
    clock.advance(hours=1)
    unsubscribe(flow, ada, at=clock() + at)
    assert status(flow, ada) == "withdrawn"
    flow.consent(ada, "offers", "email", proof="a form")
    flow.consent(ada, "offers", "email", proof="a letter", status="withdrawn", at=clock() + at)
    assert flow.get(ada).consented == ()
    consistent(flow)


def test_a_withdrawal_that_comes_with_a_submission_counts(flow, ada, clock, outbox):
    flow.consent(ada, "newsletter", "email", proof="a form")
    clock.advance(hours=1)
    no = YES.but(status="withdrawn", at=START - DAY, proof="preferences")
    flow.capture({"email": ADA["email"]}, source="preferences", consents=no)
    assert status(flow, ada) == "withdrawn"
    assert mails(flow, clock, outbox) == 0


def test_the_same_submission_with_a_withdrawal_counts_again_after_a_consent(flow, ada, clock):
    def withdrawn() -> None:
        no = YES.but(status="withdrawn", at=clock(), proof="preferences")
        flow.capture({"email": ADA["email"]}, source="preferences", consents=no)

    withdrawn()
    clock.advance(hours=1)
    flow.consent(ada, "newsletter", "email", proof="a form")
    clock.advance(hours=1)
    withdrawn()
    assert status(flow, ada) == "withdrawn"
    consistent(flow)


def test_a_withdrawal_counts_for_both_leads_that_a_submission_may_be_of(flow, ada, clock, outbox):
    crm = ExternalId(system="crm", id="7")
    bob = flow.capture({"email": "bob@acme.example", "country": "DE"}, source="crm", external_id=crm).lead_id
    for one in (ada, bob):
        flow.consent(one, "newsletter", "email", proof="a form")
    clock.advance(hours=1)
    no = YES.but(status="withdrawn", at=clock())
    flow.capture({"email": ADA["email"]}, source="web", external_id=crm, consents=no)
    assert (status(flow, ada), status(flow, bob)) == ("withdrawn", "withdrawn")
    assert mails(flow, clock, outbox) == 0


def test_what_an_anonymous_visitor_withdrew_stays_withdrawn_when_it_turns_out_who_it_is(flow, ada, clock):
    flow.consent(ada, "newsletter", "email", proof="a form")
    prospect = flow.visit("cookie-1", "page_viewed").lead_id
    clock.advance(hours=1)
    flow.consent(prospect, "newsletter", "email", status="withdrawn", proof="the banner")
    flow.identify("cookie-1", {"email": ADA["email"]}, source="web")
    assert status(flow, ada) == "withdrawn"
    consistent(flow)


def test_the_same_click_twice_is_one_fact(flow, ada):
    flow.consent(ada, "newsletter", "email", proof="a form")
    unsubscribe(flow, ada)
    version = flow.get(ada).version
    assert unsubscribe(flow, ada).stage == flow.get(ada).stage
    assert flow.get(ada).version == version


def test_the_last_withdrawal_is_what_a_late_form_is_measured_by(flow, ada, clock):
    unsubscribe(flow, ada)
    clock.advance(days=2)
    unsubscribe(flow, ada)
    clock.advance(days=1)
    flow.consent(ada, "newsletter", "email", proof="a form", at=START + DAY)
    assert status(flow, ada) == "withdrawn"


# --------------------------------------------------------------------------------------------------- opened again
def test_a_new_word_of_the_person_opens_again_also_under_a_clock_that_was_set_back(flow, ada, clock, outbox):
    unsubscribe(flow, ada)
    clock.advance(days=-1)
    flow.consent(ada, "newsletter", "email", proof="double opt-in 8")
    assert status(flow, ada) == "given"
    assert mails(flow, clock, outbox) == 2


def test_a_slow_form_under_a_clock_that_was_set_back_opens_again(flow, ada, clock):
    unsubscribe(flow, ada)
    clock.advance(days=-1)
    flow.consent(ada, "newsletter", "email", proof="double opt-in 8", at=clock() - timedelta(seconds=20))
    assert status(flow, ada) == "given"


@pytest.mark.parametrize("told_late", [timedelta(minutes=1), 10 * DAY], ids=str)
def test_a_form_that_was_filled_in_before_the_withdrawal_opens_nothing(flow, ada, clock, outbox, told_late):
    clock.advance(days=20)
    unsubscribe(flow, ada)
    clock.advance(minutes=1)
    flow.consent(ada, "newsletter", "email", proof="double opt-in 8", at=clock() - timedelta(minutes=1) - told_late)
    assert status(flow, ada) == "withdrawn"
    assert [one.code for one in flow.get(ada).findings if one.field == "consents"] == ["consent_withdrawn"]
    assert mails(flow, clock, outbox) == 0


def test_a_form_that_is_delivered_twice_opens_nothing_the_second_time(flow, ada, clock):
    form = {"email": ADA["email"], "note": "please"}
    flow.capture(form, source="web", verified=True, consents=YES)
    clock.advance(minutes=2)
    unsubscribe(flow, ada)
    clock.advance(minutes=1)
    flow.capture(form, source="web", verified=True, consents=YES)
    flow.capture(form | {"note": "again"}, source="web", verified=True, consents=YES)
    assert status(flow, ada) == "withdrawn"
    consistent(flow)


def test_who_types_an_address_opens_nothing_and_who_proves_to_be_the_person_does(flow, ada, clock, outbox):
    unsubscribe(flow, ada)
    clock.advance(hours=1)
    again = YES.but(at=clock())
    typed = flow.capture({"email": ADA["email"]}, source="web", consents=again)
    assert status(flow, ada) == "withdrawn"
    assert "consent_withdrawn" in {one.code for one in typed.findings}
    assert "consent_withdrawn" in {one.code for one in flow.get(ada).findings}
    flow.capture({"email": ADA["email"]}, source="web", consents=again, verified=True)
    assert status(flow, ada) == "given"
    assert mails(flow, clock, outbox) == 2


def test_the_same_verified_submission_opens_again_what_was_withdrawn_since(flow, ada, clock):
    def confirmed() -> None:
        flow.capture({"email": ADA["email"]}, source="web", verified=True, consents=YES.but(at=clock()))

    confirmed()
    clock.advance(hours=1)
    unsubscribe(flow, ada)
    clock.advance(hours=1)
    confirmed()
    assert status(flow, ada) == "given"
    consistent(flow)


# -------------------------------------------------------------------------------------------- what an import says
def imported(flow, status: str, at, note: str):
    word = YES.but(status=status, at=at, origin="import", proof="list 4")
    return flow.capture({"email": ADA["email"], "note": note}, source="import", consents=word)


def test_an_imported_withdrawal_counts_by_its_own_date(flow, ada, clock):
    clock.advance(days=10)
    flow.consent(ada, "newsletter", "email", proof="double opt-in 7")
    clock.advance(days=10)
    brought = imported(flow, "withdrawn", START + 5 * DAY, "before")
    assert status(flow, ada) == "given"
    assert "withdrawal_outdated" in {one.code for one in brought.findings}
    imported(flow, "withdrawn", START + 15 * DAY, "since")
    assert status(flow, ada) == "withdrawn"
    consistent(flow)


def test_an_imported_withdrawal_without_a_date_counts_from_the_import_on(flow, ada, clock):
    flow.consent(ada, "newsletter", "email", proof="double opt-in 7")
    clock.advance(days=-1)
    imported(flow, "withdrawn", clock(), "undated")
    assert status(flow, ada) == "withdrawn"


@pytest.mark.parametrize("at", [-DAY, DAY, 40 * DAY], ids=str)
@pytest.mark.parametrize("origin", ["person", "import"])
def test_an_imported_consent_never_opens_what_was_withdrawn(flow, ada, clock, outbox, origin, at):
    if origin == "person":
        unsubscribe(flow, ada)
    else:
        imported(flow, "withdrawn", clock(), "no")
    clock.advance(days=20)
    brought = imported(flow, "given", START + at, "yes")
    assert status(flow, ada) == "withdrawn"
    assert "consent_withdrawn" in {one.code for one in brought.findings}
    assert mails(flow, clock, outbox) == 0


@pytest.mark.parametrize("words", [("given", "withdrawn"), ("withdrawn", "given")])
def test_files_in_either_order_come_to_the_same(flow, ada, clock, words):
    clock.advance(days=30)
    dated = {"given": START + 20 * DAY, "withdrawn": START + 10 * DAY}
    for said in words:
        imported(flow, said, dated[said], f"file with {said}")
    assert status(flow, ada) == "withdrawn"


def test_the_persons_own_consent_is_not_replaced_by_an_import(flow, ada, clock):
    flow.consent(ada, "newsletter", "email", proof="double opt-in 7")
    clock.advance(days=5)
    imported(flow, "given", START + 2 * DAY, "yes")
    assert flow.get(ada).consent("newsletter", "email").proof == "double opt-in 7"


def test_a_consent_that_counts_is_not_lost_to_one_that_is_dated_ahead(flow, ada, clock, outbox):
    flow.consent(ada, "newsletter", "email", proof="double opt-in 7")
    clock.advance(hours=1)
    flow.consent(ada, "newsletter", "email", proof="a browser of next year", at=clock() + 365 * DAY)
    assert mails(flow, clock, outbox) == 2


def test_a_consent_dated_next_year_does_not_stand_in_the_way_of_one_of_today(flow, ada, clock, outbox):
    flow.consent(ada, "newsletter", "email", proof="a browser of next year", at=clock() + 365 * DAY)
    clock.advance(hours=1)
    flow.consent(ada, "newsletter", "email", proof="double opt-in 7")
    assert mails(flow, clock, outbox) == 2


# ------------------------------------------------------------------------------------------------ random histories
SKEW = timedelta(minutes=5)
WORDS = st.tuples(
    st.sampled_from(["given", "withdrawn"]),
    st.sampled_from(["person", "import"]),
    st.none()
    | st.just(-timedelta(minutes=1))
    | st.integers(-2 * 24 * 60, 2 * 24 * 60).map(lambda minutes: timedelta(minutes=minutes)),
)
STEPS = st.lists(
    st.tuples(st.just("word"), WORDS)
    | st.tuples(st.just("clock"), st.sampled_from([-DAY, -2 * DAY, DAY, timedelta(minutes=-3)]))
    | st.tuples(st.just("time"), st.sampled_from([timedelta(minutes=1), timedelta(hours=5), DAY])),
    min_size=1,
    max_size=14,
)


def may_be_written_to(words: list[tuple[str, str, datetime, datetime]]) -> bool:
    """The rule, word by word in the order in which they were recorded: (status, origin, at, recorded)."""
    yes: tuple[str, datetime] | None = None
    no: datetime | None = None
    for status, origin, at, recorded in words:
        said = min(at, recorded)
        if status == "withdrawn":
            newer = yes is not None and yes[0] == "person" and min(yes[1], recorded) > said
            if origin == "person" or not newer:
                yes, no = None, said if no is None or said >= min(no, recorded) else no
        elif no is None:
            weaker = yes is not None and yes[0] == "person" and origin == "import"
            if not weaker and (yes is None or yes[0] != origin or said >= min(yes[1], recorded)):
                yes = (origin, said)
        elif origin == "person":
            late = abs(recorded - at)
            if at > no or not late or (late <= SKEW and no - at > SKEW):
                yes, no = ("person", said), None
    return yes is not None


@settings(max_examples=60, deadline=None)
@given(STEPS)
def test_whatever_was_said_under_whatever_clock_the_right_word_counts(steps):
    clock, outbox = Clock(), Outbox()
    flow = acme_flow(MemoryStorage(), clock, outbox)
    ada = flow.capture(ADA, source="web").lead_id
    words: list[tuple[str, str, datetime, datetime]] = []
    for number, (what, value) in enumerate(steps):
        if what == "word":
            status_, origin, skew = value
            at = clock() + min(skew or timedelta(), timedelta())  # what is dated ahead has tests of its own
            word = YES.but(status=status_, origin=origin, at=at, proof=f"word {number}")
            flow.capture(ADA | {"note": str(number)}, source="web", verified=True, consents=word)
            words.append((status_, origin, at, clock()))
        else:
            clock.now += value
        allowed = flow.get(ada).consented == ("newsletter/email",)
        assert allowed == may_be_written_to(words)
    consistent(flow)
    sent = mails(flow, clock, outbox)
    assert bool(sent) <= may_be_written_to(words)
