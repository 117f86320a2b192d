"""What was tried to break it, and must not break it again."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal

import pytest
from pydantic import Field, field_validator

from acme import ADA, START, acme_flow, consistent
from leadflow import (
    Consent,
    DefinitionError,
    ExternalId,
    IdempotencyConflict,
    InvalidInput,
    LeadflowError,
    Refused,
    Rep,
    Router,
    ServiceLevel,
    StageChanged,
    Territory,
    field,
)
from leadflow.entities import Entity
from leadflow.errors import Deferred
from leadflow.events import Change
from leadflow.lifecycle import ANYONE, DEFAULT, FastTrack, Move, Qualification
from leadflow.nurturing import Content, Sequence, Step
from leadflow.scoring import ScoringModel, points

LATER = date(2027, 1, 15)


# ------------------------------------------------------------------------------------------------ keys at the door
@pytest.mark.parametrize("key", ["a\0b", "  a   b ", "a\r\nb", "\ud800x"])
def test_a_key_is_looked_up_as_it_is_stored(flow, key):
    first = flow.capture(ADA, source="web", visitor=key, key=key)
    assert flow.capture(ADA, source="web", visitor=key, key=key) == first
    seen = flow.visit(key, "page_viewed", id=key)
    assert seen.lead_id == first.lead_id
    assert flow.visit(key, "page_viewed", id=key).repeated
    consistent(flow)


@pytest.mark.parametrize("wrong", ["", " \0 ", "x" * 2_000, 5, None, b"x", ["x"], {"a": 1}, float("nan")])
def test_no_value_of_any_type_gets_past_the_tree_of_errors(flow, ada, wrong):
    calls = [
        lambda: flow.capture(wrong, source="web"),
        lambda: flow.capture(ADA | {"note": "1"}, source=wrong),
        lambda: flow.capture(ADA | {"note": "2"}, source="web", id=wrong, key=wrong, by=wrong, at=wrong),
        lambda: flow.visit(wrong, wrong),
        lambda: flow.record(ada, wrong),
        lambda: flow.record(ada, "page_viewed", id=wrong, at=wrong),
        lambda: flow.record(wrong, "page_viewed"),
        lambda: flow.record(ada, "page_viewed", properties={"a": 1, str: wrong}),
        lambda: flow.consent(ada, wrong, "email", proof="p"),
        lambda: flow.consent(ada, "newsletter", wrong, proof="p"),
        lambda: flow.consent(ada, "newsletter", "email", proof="p", status=wrong),
        lambda: flow.move(ada, wrong, by="anna"),
        lambda: flow.disqualify(ada, by="anna", reason=wrong),
        lambda: flow.disqualify(ada, by=wrong, reason="because"),
        lambda: flow.fast_track(ada, by="anna", to=wrong, reason="because"),
        lambda: flow.open_deal(ada, wrong, by="anna"),
        lambda: flow.open_deal(ada, "d", by="anna", amount="many"),
        lambda: flow.open_deal(ada, "d", by="anna", currency=wrong, expected=wrong),
        lambda: flow.win(ada, by="anna", amount="much"),
        lambda: flow.recycle(ada, by="anna", reason="because", revisit=wrong),
        lambda: flow.as_of(ada, wrong),
        lambda: flow.unsubscribe(wrong),
        lambda: flow.adjust(ada, wrong, reason="x", by="anna"),
        lambda: flow.adjust(ada, 5, reason=wrong, by="anna"),
        lambda: flow.adjust(ada, 5, reason="x", by=wrong, side=wrong),
        lambda: flow.adjust(ada, 5, reason="x", by="anna", until=wrong, at=wrong, id=wrong),
        lambda: flow.withdraw_adjustment(ada, wrong, by="anna"),
        lambda: flow.get(wrong),
    ]
    for call in calls:
        try:
            call()
        except LeadflowError:
            continue
    consistent(flow)


def test_a_wrong_value_is_named_with_its_field(flow, ada):
    flow.fast_track(ada, by="anna", to="sql", reason="rang")
    with pytest.raises(InvalidInput, match="currency: 'euro' can't be used"):
        flow.open_deal(ada, "d", by="anna", currency="euro")
    with pytest.raises(InvalidInput, match=r"amount: Decimal\('-1'\)"):
        flow.open_deal(ada, "d", by="anna", amount=-1)
    with pytest.raises(InvalidInput, match="amount: '12 €' can't be used; give a number"):
        flow.open_deal(ada, "d", by="anna", amount="12 €")
    with pytest.raises(InvalidInput, match=r"revisit: .* give a day"):
        flow.recycle(ada, by="anna", reason="later", revisit=START)
    with pytest.raises(InvalidInput, match="by: '' can't be used"):
        flow.disqualify(ada, by="", reason="student")


@pytest.mark.parametrize(
    "at",
    [
        datetime(9999, 12, 31, 23, tzinfo=timezone(timedelta(hours=-5))),
        datetime(1, 1, 1, tzinfo=timezone(timedelta(hours=5))),
        datetime.max.replace(tzinfo=UTC),
        datetime.min.replace(tzinfo=UTC),
        datetime(2026, 1, 1),
        "2026-01-01",
    ],
)
def test_moments_off_the_calendar_or_without_a_zone_are_refused(flow, ada, at):
    with pytest.raises(InvalidInput, match="at: "):
        flow.record(ada, "page_viewed", at=at)
    with pytest.raises(InvalidInput, match="at: "):
        flow.capture(ADA | {"note": "x"}, source="web", at=at)


# --------------------------------------------------------------------------------------------- what comes beside it
def test_the_same_values_with_new_consent_or_proof_of_the_person_are_no_repetition(flow, ada):
    given = Consent(purpose="newsletter", channel="email", status="given", at=START, proof="double opt-in")
    assert not flow.capture(ADA, source="fair", consents=[given]).repeated
    assert flow.get(ada).consents == (given.but(address="ada@acme.example", recorded_at=START),)
    withdrawn = given.but(status="withdrawn", proof="a letter")
    assert not flow.capture(ADA, source="fair", consents=[withdrawn]).repeated
    assert flow.get(ada).consent("newsletter", "email").status == "withdrawn"
    assert not flow.capture(ADA, source="fair", verified=True).repeated
    assert flow.get(ada).email.verified


def test_a_key_with_other_consents_is_a_conflict(flow, ada):
    given = Consent(purpose="newsletter", channel="email", status="given", at=START, proof="form")
    flow.capture(ADA | {"note": "1"}, source="web", key="k")
    with pytest.raises(IdempotencyConflict):
        flow.capture(ADA | {"note": "1"}, source="web", key="k", consents=[given])


# ----------------------------------------------------------------------------------------------------- custom fields
class Fields(Entity):
    size: int | None = Field(default=None, ge=0)
    ratio: float | None = None
    when: date | None = None
    price: Decimal | None = None
    tags: tuple[str, ...] = ()
    low: str | None = None

    @field_validator("low")
    @classmethod
    def is_low(cls, value):
        if value and value != value.lower():
            raise ValueError("write it small")
        return value


@pytest.mark.parametrize(
    "wrong", [{"size": -5}, {"ratio": "nan"}, {"ratio": "inf"}, {"ratio": float("inf")}, {"low": "A"}, {"when": b"x"}]
)
def test_a_custom_value_that_cannot_be_used_or_kept_is_a_finding(storage, clock, wrong):
    flow = acme_flow(storage, clock, custom=Fields)
    captured = flow.capture(ADA | wrong, source="web")
    (name,) = wrong
    assert [(f.code, f.field) for f in captured.findings] == [("not_readable", f"custom.{name}")]
    assert flow.get(captured.lead_id).custom == Fields()
    consistent(flow)


def test_values_come_as_python_has_them(storage, clock):
    flow = acme_flow(storage, clock, custom=Fields)
    own = {"when": LATER, "price": Decimal("1.50"), "tags": {"b", "a\0"}, "size": 3}
    lead_id = flow.capture(ADA | own | {"timing": LATER, "revenue": float("nan"), "zz": object()}, source="web").lead_id
    lead = flow.get(lead_id)
    assert lead.custom == Fields(when=LATER, price=Decimal("1.50"), tags=("a", "b"), size=3)
    assert (lead.timing, lead.company.revenue) == (LATER, None)
    consistent(flow)


def test_a_custom_field_without_a_default_is_refused_at_once(storage, clock):
    class Needy(Entity):
        size: int

    with pytest.raises(DefinitionError, match="'size' needs a default"):
        acme_flow(storage, clock, custom=Needy)


def test_far_too_long_values_are_left_out_and_the_lead_stays(flow):
    captured = flow.capture(ADA | {"zz": "\0x" * 1_000_000, "interests": ["a"] * 100_000}, source="web")
    assert [(f.code, f.field) for f in captured.findings] == [("too_long", "zz"), ("too_long", "interests")]
    assert len(next(flow.history(captured.lead_id)).model_dump_json()) < 10_000


# ------------------------------------------------------------------------------------------------------------ routing
def test_a_broken_policy_of_a_territory_loses_no_command(storage, clock):
    from leadflow import Rep, Router, Territory, field

    def broken(_):
        raise ZeroDivisionError("no")

    router = Router([Territory("all", field("address.country") == "DE", reps=[Rep("anna")], policy=broken)])
    flow = acme_flow(storage, clock, router=router)
    lead_id = flow.capture(ADA, source="web").lead_id
    flow.record(lead_id, "demo_requested", id="1")
    assert flow.get(lead_id).stage == "mql"
    assert (flow.get(lead_id).owner, flow.get(lead_id).queue) == (None, "unrouted")
    assert "ZeroDivisionError: no" in str(flow.explain(lead_id))
    clock.advance(minutes=1)
    assert flow.run_due().failed == ()
    consistent(flow)


# ------------------------------------------------------------------------------------------------------------ identity
def test_a_colon_in_a_systems_name_makes_no_other_persons_id(flow):
    one = flow.capture({"email": "a@x.example"}, source="crm", external_id=ExternalId(system="crm:eu", id="7"))
    two = flow.capture({"email": "b@x.example"}, source="crm", external_id=ExternalId(system="crm", id="eu:7"))
    assert one.lead_id != two.lead_id


def test_a_correction_replaces_the_address_and_mail_goes_there_once_consent_is_given_with_it(flow, ada, clock, outbox):
    flow.consent(ada, "newsletter", "email", proof="form")
    flow.correct(ada, {"email": "ada@new.example"}, by="anna")
    assert [(one.address, one.verified) for one in flow.get(ada).emails] == [("ada@new.example", False)]
    assert "no longer belongs to the lead" in str(flow.explain(ada))
    clock.advance(hours=1)
    flow.consent(ada, "newsletter", "email", proof="asked again")
    clock.advance(days=1)
    flow.run_due()
    assert [mail.to for mail in outbox.sent] == ["ada@new.example"]
    assert flow.capture({"email": ADA["email"]}, source="web").lead_id != ada
    consistent(flow)


def test_a_correction_keeps_what_is_proven_and_takes_nobodys_address(flow, ada):
    flow.capture({"email": ADA["email"]}, source="portal", verified=True)
    flow.correct(ada, {"email": ADA["email"], "email2": "second@acme.example"}, by="anna")
    assert [one.verified for one in flow.get(ada).emails] == [True, False]
    bob = flow.capture({"email": "bob@other.example"}, source="web").lead_id
    with pytest.raises(Refused, match=f"belongs to lead {ada}"):
        flow.correct(bob, {"email": ADA["email"]}, by="anna")
    consistent(flow)


def test_an_old_word_that_comes_in_late_does_not_undo_a_withdrawal(flow, ada):
    flow.consent(ada, "newsletter", "email", status="withdrawn", proof="letter", at=START - timedelta(days=1))
    flow.consent(ada, "newsletter", "email", proof="form of 2023", at=START - timedelta(days=900))
    assert flow.get(ada).consent("newsletter", "email").status == "withdrawn"
    flow.consent(ada, "newsletter", "email", proof="the same moment", at=START - timedelta(days=1))
    assert flow.get(ada).consent("newsletter", "email").status == "withdrawn"
    flow.consent(ada, "newsletter", "email", proof="new form")
    assert flow.get(ada).consent("newsletter", "email").status == "given"
    consistent(flow)


# ---------------------------------------------------------------------------------------------------------------- tick
class Killed(BaseException):
    """Stands for a process that dies."""


def test_a_task_that_kills_every_process_becomes_a_dead_letter_and_takes_nobody_along(flow, ada, clock):
    heard: list[StageChanged] = []
    flow.on(StageChanged, lambda fact: (_ for _ in ()).throw(Killed()), name="a-killer")
    flow.on(StageChanged, heard.append, name="b-good")
    killed = 0
    for _ in range(30):
        try:
            flow.run_due()
        except Killed:
            killed += 1
        clock.advance(minutes=6)
    (dead,) = flow.tasks("dead")
    assert dead.key.startswith("notify:a-killer:")
    assert "lease ran out 8 times" in dead.error
    assert (killed, len(heard)) == (8, 1)
    assert flow.tasks("leased") == flow.tasks("waiting") == []


def test_what_a_slow_tick_has_no_time_for_is_given_back_untried(flow, clock):
    for number in range(5):
        flow.capture({"email": f"p{number}@x{number}.example"}, source="web")
    flow.run_due()
    slow = []

    def handler(fact):
        slow.append(fact)
        clock.advance(minutes=1)

    flow.on(StageChanged, handler, name="slow")
    for lead in list(flow.leads()):
        flow.disqualify(lead.id, by="anna", reason="test")
    while flow.tasks("waiting"):
        flow.tick(3)
    assert len(slow) == 5
    flow.on(StageChanged, handler, name="slower")
    flow.reopen(lead.id, by="anna", reason="test")
    flow.tick()
    for task in flow.tasks():
        flow.storage.save(Change(put=[task.but(key=f"{task.key}{n}") for n in range(9)]))
    flow.tick()
    assert {(task.status, task.attempts) for task in flow.tasks()} == {("waiting", 0)}


def test_a_clock_that_is_set_back_while_a_tick_runs_loses_no_task(flow, mql):
    due = flow.get(mql).deadline.due_at
    times = iter([due + timedelta(hours=1)])
    flow.clock = lambda: next(times, due - timedelta(hours=5))
    flow.tick()
    consistent(flow)


def test_a_deferred_mail_that_was_chosen_by_itself_is_tried_again(storage, clock, outbox):
    chosen = Sequence("chosen", [Step(timedelta(days=1))])
    flow = acme_flow(storage, clock, outbox, sequences=[chosen], contents=[Content("only", "Hello", "There.")])
    flow.consent(flow.capture(ADA, source="fair").lead_id, "newsletter", "email", proof="form")
    outbox.failures = [Deferred("451 later")]
    clock.advance(days=1)
    flow.run_due()
    clock.advance(minutes=1)
    flow.run_due()
    assert [mail.subject for mail in outbox.sent] == ["Hello"]


def test_dismissing_a_step_that_cannot_be_written_goes_on_with_the_next(storage, clock, outbox):
    two = Sequence("two", [Step(timedelta(days=1), "a"), Step(timedelta(days=1), "b")])
    contents = [Content("a", "{{ person.title }}", "x"), Content("b", "Second", "x")]
    flow = acme_flow(storage, clock, outbox, sequences=[two], contents=contents)
    ada = flow.capture(ADA, source="fair").lead_id
    flow.consent(ada, "newsletter", "email", proof="form")
    for _ in range(10):
        clock.advance(days=1)
        flow.run_due()
    (dead,) = flow.tasks("dead")
    flow.dismiss(dead.key)
    consistent(flow)
    clock.advance(days=1)
    flow.run_due()
    assert [mail.subject for mail in outbox.sent] == ["Second"]
    assert flow.get(ada).enrolments[0].ended == "finished"


def test_what_a_lead_needs_cannot_be_dismissed(flow, storage, mql):
    (task,) = (one for one in flow.tasks(lead_id=mql) if one.kind == "deadline")
    storage.save(Change(put=(task.but(status="dead"),)))
    with pytest.raises(Refused, match="retry it"):
        flow.dismiss(task.key)
    flow.retry(task.key)
    consistent(flow)


@pytest.mark.parametrize("kind", ["deadline", "cool"])
def test_a_dead_task_that_is_retried_before_its_moment_waits_for_it(flow, storage, mql, clock, kind):
    task = storage.task(f"{kind}:{mql}")
    storage.save(Change(put=(task.but(status="dead"),)))  # its clock was ahead, and has been set back
    flow.retry(task.key)
    flow.run_due()
    assert storage.task(task.key).due_at == task.due_at
    clock.now = task.due_at
    flow.run_due()
    consistent(flow)


def test_nobody_can_make_a_lead_grow_without_end(flow, ada):
    for number in range(8):
        more = ";".join(f"p{number}-{each}@other.example" for each in range(10))
        result = flow.capture({"email": ADA["email"], "emails": more}, source="web")
    assert len(flow.get(ada).emails) == 50
    assert {finding.code for finding in result.findings} == {"too_many"}
    consistent(flow)


def test_nothing_that_was_typed_in_outlives_an_erasure(flow, storage, clock):
    mark = "Canary7x"
    flow.visit(f"{mark}cookie", "page_viewed", properties={mark: mark}, source=mark, key=f"{mark}1")
    typed = {
        "email": f"{mark}@acme.example", "first_name": mark, "last_name": mark, "company": mark, "street": f"{mark} 1",
        "city": mark, "note": mark, "zz": mark, "interests": mark, "linkedin": f"https://linkedin.com/in/{mark}",
    }  # fmt: skip
    lead_id = flow.identify(
        f"{mark}cookie", typed, source=mark, id=mark, external_id=ExternalId(system="crm", id=mark), key=f"{mark}2"
    ).lead_id
    twin = flow.capture(typed | {"email": "else@gmail.com"}, source="web")
    assert twin.outcome == "unsure"
    flow.record(lead_id, "demo_requested", id=mark, key=f"{mark}3")
    flow.disqualify(lead_id, by="anna", reason=mark, key=f"{mark}4")
    flow.erase(twin.lead_id, by="anna")
    flow.erase(lead_id, by="anna")
    flow.run_due()
    assert mark.lower() not in repr(vars(storage)).lower()


# ----------------------------------------------------------------------------------------------------- own lifecycles
def test_another_reps_lead_cannot_be_taken_by_the_moves_name_either(flow, mql):
    with pytest.raises(Refused, match="belongs to anna"):
        flow.move(mql, "accept", by="ben")


def test_a_move_of_ones_own_that_needs_an_owner_takes_from_the_queue(storage, clock):
    own = DEFAULT.extend(without=["accept"], moves=[Move("take", "mql", "sal", ["rep"], ["owner"])])
    flow = acme_flow(storage, clock, lifecycle=own)
    lead_id = flow.capture(ADA | {"country": "FR"}, source="fair").lead_id
    flow.record(lead_id, "demo_requested", id="1")
    assert flow.get(lead_id).queue == "unrouted"
    flow.move(lead_id, "take", by="ben")
    assert (flow.get(lead_id).stage, flow.get(lead_id).owner, flow.get(lead_id).queue) == ("sal", "ben", None)
    consistent(flow)


def test_rules_that_name_no_stage_are_refused_when_the_flow_is_made(storage, clock):
    no_such = Qualification(mql=field("score.fit") >= 1, fast_track=[FastTrack("sqll", field("score.fit") >= 2, "x")])
    with pytest.raises(InvalidInput, match="sqll"):
        acme_flow(storage, clock, qualification=no_such)
    known = Move("get_to_know", "prospect", "lead", ANYONE, ["contact_point"])
    with pytest.raises(DefinitionError, match="'identify'"):
        acme_flow(storage, clock, lifecycle=DEFAULT.extend(without=["identify"], moves=[known]))
    with pytest.raises(DefinitionError, match="token"):
        acme_flow(storage, clock, unsubscribe_url="https://acme.example/u")


# ---------------------------------------------------------------------------------------------------------------- time
def test_a_service_level_is_not_broken_by_an_activity_that_is_reported_late(flow, ada):
    flow.record(ada, "demo_requested", id="1", at=START - timedelta(days=3))
    assert flow.get(ada).stage == "mql"
    assert flow.get(ada).deadline.due_at == START + timedelta(hours=4)
    flow.run_due()
    assert not flow.get(ada).deadline.breached
    consistent(flow)


def test_a_stage_that_a_rep_reports_late_has_its_service_level_from_then_on(storage, clock):
    flow = acme_flow(storage, clock, service_levels=[ServiceLevel(stage="sal", within=timedelta(days=2))])
    ada = flow.capture(ADA, source="fair").lead_id
    flow.record(ada, "demo_requested", id="1")
    clock.advance(days=5)
    flow.accept(ada, by="anna", at=clock() - timedelta(days=3))
    deadline = flow.get(ada).deadline
    assert deadline is not None
    assert deadline.due_at == clock() - timedelta(days=1)


def test_a_date_to_look_again_lies_ahead(flow, mql):
    with pytest.raises(InvalidInput, match=r"revisit: .* give a future day"):
        flow.reject(mql, by="anna", reason="no", revisit=date(2020, 1, 1))
    flow.reject(mql, by="anna", reason="no", revisit=START.date())
    flow.run_due()
    assert flow.get(mql).stage == "mql"


def test_an_erased_lead_leaves_its_reps_hands(storage, clock):
    router = Router([Territory("all", field("address.country") == "DE", reps=[Rep("anna", open_cap=1)])])
    flow = acme_flow(storage, clock, router=router)
    one, two = (
        flow.capture(ADA | {"email": f"p{n}@x{n}.example", "last_name": f"N{n}x"}, source="fair").lead_id
        for n in range(2)
    )
    flow.record(one, "demo_requested", id="1")
    flow.erase(one, by="anna")
    flow.record(two, "demo_requested", id="1")
    assert flow.get(two).owner == "anna"
    consistent(flow)


def test_a_submission_that_points_to_two_leads_names_neither_to_the_other(flow, storage):
    bob = flow.capture({"email": "bob@x.example"}, source="crm", external_id=ExternalId(system="crm", id="7")).lead_id
    eve = flow.capture({"email": "Eve.Canary@y.example"}, source="web").lead_id
    held = {"email": "eve.CANARY@y.example", "emails": ["EVE.canary@y.example"], "note": "call me"}
    assert flow.capture(held, source="web", external_id=ExternalId(system="crm", id="7")).outcome == "unsure"
    assert flow.held(bob)[0].submission["note"] == "call me"
    assert "canary" not in repr(list(flow.history(bob))).lower()
    flow.erase(eve, by="anna")
    flow.run_due()
    assert "canary" not in repr(vars(storage)).lower()


def test_an_explanation_says_that_an_address_is_suppressed(flow, ada):
    flow.erase(ada, by="anna")
    again = flow.capture(ADA, source="import").lead_id
    assert "the address is suppressed" in str(flow.explain(again))


def test_custom_fields_keep_their_class_through_the_whole_journey(storage, clock, outbox):
    model = ScoringModel(name="own", fit=[points(50, field("custom.size") >= 10, because="large")])
    router = Router([Territory("dogs", field("custom.low") == "dog", reps=[Rep("anna")])])
    policy = Qualification(mql=field("score.fit") >= 40, keep=field("custom.size") >= 5)
    rules = {"scoring": model, "router": router, "qualification": policy}
    flow = acme_flow(storage, clock, outbox, custom=Fields, **rules)
    lead_id = flow.capture(ADA | {"custom.size": "3", "low": "cat"}, source="web").lead_id
    assert flow.correct(lead_id, {"size": 12, "low": "dog"}, by="anna").changed == ("custom",)
    lead = flow.get(lead_id)
    assert (lead.stage, lead.owner, lead.custom) == ("mql", "anna", Fields(size=12, low="dog"))
    flow.correct(lead_id, {"size": 2}, by="anna")
    flow.run_due()
    assert (flow.get(lead_id).stage, flow.get(lead_id).custom.size) == ("lead", 2)
    consistent(flow)
