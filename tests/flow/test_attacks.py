"""What was tried to break it, and must not break it again."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal

import pytest
from pydantic import Field, field_validator

from acme import ADA, START, acme_flow, consistent
from leadflow import Consent, DefinitionError, IdempotencyConflict, InvalidInput, LeadflowError
from leadflow.entities import Entity

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
    assert flow.get(ada).consents == (given,)
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
    assert len(flow.history(captured.lead_id)[0].model_dump_json()) < 10_000


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
    clock.advance(minutes=1)
    assert [error for _, error in flow.run_due().failed] == ["ZeroDivisionError: no"]
