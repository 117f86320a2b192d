"""What comes in is measured before anything is done with it: what is too much is not taken, and that is said."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from acme import ADA, acme_flow, consistent
from leadflow import Entity, InvalidInput, LeadFlow, LeadflowError, insights
from leadflow.adapters.memory import MemoryStorage
from leadflow.entities.bounds import SUBMISSION_LIMIT, Bounds
from leadflow.events import replay
from leadflow.quality import FIELDS, check
from standing_oracle import own_keys

NAUGHTY = Path(__file__).parents[3] / "shared" / "data" / "naughty_strings.json"


class LyingText(str):
    """Says of itself that it is short, and raises where it is written."""

    __slots__ = ()

    def __len__(self) -> int:
        return 1

    def __str__(self) -> str:
        raise RuntimeError("no text")

    def __repr__(self) -> str:
        raise RuntimeError("no text")

    def __format__(self, _spec: str) -> str:
        raise RuntimeError("no text")


class Unspeakable:
    def __repr__(self) -> str:
        raise RuntimeError("can't be shown")

    __str__ = __repr__


class Breaking(dict[str, Any]):
    def items(self) -> Any:
        raise RuntimeError("can't be looked at")


def _nested(depth: int, mapping: bool) -> Any:
    value: Any = "x"
    for _ in range(depth):
        value = {"a": value} if mapping else [value]
    return value


def _endless() -> Iterator[str]:
    while True:
        yield "eve@evil.example"


def _itself() -> list[Any]:
    value: list[Any] = []
    value.extend([value] * 900)
    return value


HOSTILE: dict[str, Any] = {
    "megabytes": "x" * 10_000_000,
    "marks": "a" + "\u0316\u0301" * 4_999,
    "ligatures": "\ufdfa" * 9_000,
    "lying text": LyingText("x" * 200_000),
    "raising text": LyingText("abc"),
    "digits": 10**5_000,
    "negative digits": -(10**5_000),
    "exponent": Decimal("1e1000000"),
    "small exponent": Decimal("1e-1000000"),
    "long decimal": Decimal("9" * 5_000),
    "signalling nan": Decimal("sNaN"),
    "nan": float("nan"),
    "infinity": float("-inf"),
    "last moment": datetime.max,  # noqa: DTZ901
    "last day": date.max,
    "deep list": _nested(100_000, mapping=False),
    "deep mapping": _nested(100_000, mapping=True),
    "itself": _itself(),
    "endless": _endless(),
    "bytes": b"x" * 1_000_000,
    "many names": {str(number): number for number in range(100_000)},
    "long list": list(range(100_000)),
    "set": {1, "a", None, 2.5},
    "surrogates": "\ud800\udfff",
    "nul": "a\0b",
    "object": Unspeakable(),
    "mapping that raises": Breaking(a=1),
    "class": int,
    "range": range(10**12),
}  # fmt: skip


class Own(Entity):
    size: int | None = None
    share: float | None = None
    price: Decimal | None = None
    words: tuple[str, ...] = ()
    label: str | None = None
    since: date | None = None


# --------------------------------------------------------------------------------------------------- a submission
@pytest.mark.parametrize("hostile", HOSTILE)
def test_one_value_costs_no_submission_whatever_it_is(clock, hostile):
    flow = acme_flow(MemoryStorage(), clock, custom=Own)
    names = [*sorted(FIELDS - {"phone"}), "utm_medium", "utm_campaign", "zz", *Own.model_fields, "custom.size"]
    for number, name in enumerate(names):
        typed = {"phone": f"+49 30 90182{number:03}", name: HOSTILE[hostile]}
        captured = flow.capture(typed, source="web", visitor=f"v{number}")
        lead = flow.get(captured.lead_id)
        assert lead.phones
        assert len(lead.model_dump_json()) < 700_000
        assert json.loads(json.dumps([*flow.export(lead.id)], allow_nan=False))
        assert sum(len(finding.model_dump_json()) for finding in captured.findings) < 20_000


def test_what_was_not_taken_is_said_with_the_reason(flow):
    typed = ADA | {
        "note": "x" * 100_001,
        "z1": [1] * 1_001,
        "z2": _nested(11, mapping=True),
        "z3": 10**301,
        "z" * 1_001: "x",
        "a\0b": "first",
        "a b": "second",
        5.5: "x",
    }
    captured = flow.capture(typed, source="web")
    said = {finding.code: finding.message for finding in captured.findings}
    assert [finding.code for finding in captured.findings] == [
        *["too_long"] * 5, "key_twice", "not_text", "unknown_key",
    ]  # fmt: skip
    assert "more than 1,000 characters" in said["too_long"]
    assert next(flow.history(captured.lead_id)).submission["a b"] == "first"
    assert flow.get(captured.lead_id).note is None


def test_a_submission_has_a_budget_and_what_leadflow_knows_is_read_first(flow):
    filler = {f"z{number:02}": "é" * 50_000 for number in range(20)}
    captured = flow.capture(filler | ADA | {"note": "call me"}, source="web")
    lead = flow.get(captured.lead_id)
    assert (lead.email.address, lead.note) == ("ada@acme.example", "call me")
    left_out = [finding for finding in captured.findings if finding.code == "too_long"]
    assert len(left_out) == 11  # 100,000 bytes each
    assert all("1,000,000 bytes" in finding.message for finding in left_out)
    stored = next(flow.history(lead.id)).submission
    assert sum(len(text.encode()) for text in stored.values() if isinstance(text, str)) <= SUBMISSION_LIMIT
    consistent(flow)


def test_a_campaign_that_cannot_be_read_costs_no_row(flow):
    typed = ADA | {"utm_campaign": "x" * 5_000, "utm_medium": ["cpc"], "utm_content": "(none)"}
    captured = flow.capture(typed, source="web")
    assert [(f.code, f.field) for f in captured.findings] == [
        ("not_text", "touch.medium"), ("too_long", "touch.campaign"),
    ]  # fmt: skip
    assert flow.get(captured.lead_id).touches[0].content == "(none)"


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.decimals() | st.dates() | st.binary(),
        lambda inner: st.lists(inner) | st.dictionaries(st.text() | st.integers(), inner) | st.tuples(inner, inner),
    )
)
def test_whatever_is_taken_is_plain_and_within_its_bounds(value):
    try:
        taken = Bounds(2_000, values=50, text=100, depth=3).taken(value)
    except ValueError:
        return
    assert _plain(taken, depth=4)
    assert _text_in(taken) <= 6_000


def _plain(value: Any, depth: int) -> bool:
    if isinstance(value, list | dict):
        inner = value if isinstance(value, list) else [*value, *value.values()]
        return depth > 0 and len(inner) <= 100 and all(_plain(one, depth - 1) for one in inner)
    return value is None or type(value) in (bool, int, float, str, Decimal, date, bytes)


def _text_in(value: Any) -> int:
    if isinstance(value, dict):
        return sum(len(name.encode()) + _text_in(inner) for name, inner in value.items())
    if isinstance(value, list):
        return sum(map(_text_in, value))
    return len(value.encode()) if isinstance(value, str) else 0


@pytest.mark.skipif(not NAUGHTY.exists(), reason="the list of naughty strings is not there")
def test_naughty_strings_in_every_field(clock):
    flow = acme_flow(MemoryStorage(), clock, custom=Own)
    strings = json.loads(NAUGHTY.read_text(encoding="utf-8"))
    for number, text in enumerate(strings):
        values = dict.fromkeys(FIELDS, text) | {"phone": f"+49 30 9018{number:04}", text[:100]: text, "label": text}
        lead_id = flow.capture(values, source="web", visitor=f"v {text}"[:1000]).lead_id
        flow.record(lead_id, "page_viewed", properties={"text": text})
        assert check(values).value is not None
    consistent(flow)


# ---------------------------------------------------------------------------------------------------- the arguments
CALLS: dict[str, Any] = {
    "values": lambda flow, lead, value: flow.capture(value, source="web"),
    "source": lambda flow, lead, value: flow.capture(ADA, source=value),
    "visitor": lambda flow, lead, value: flow.capture(ADA, source="web", visitor=value),
    "id": lambda flow, lead, value: flow.capture(ADA, source="web", id=value),
    "key": lambda flow, lead, value: flow.capture(ADA, source="web", key=value),
    "referred_by": lambda flow, lead, value: flow.capture(ADA, source="web", referred_by=value),
    "consents": lambda flow, lead, value: flow.capture(ADA, source="web", consents=value),
    "external_id": lambda flow, lead, value: flow.capture(ADA, source="web", external_id=value),
    "verified": lambda flow, lead, value: flow.capture(ADA, source="web", verified=value),
    "at": lambda flow, lead, value: flow.capture(ADA, source="web", at=value),
    "by": lambda flow, lead, value: flow.capture(ADA, source="web", by=value),
    "seen": lambda flow, lead, value: flow.visit(value, "page_viewed"),
    "visit's properties": lambda flow, lead, value: flow.visit("v", "page_viewed", properties={"a": value}),
    "kind": lambda flow, lead, value: flow.record(lead, value),
    "activity": lambda flow, lead, value: flow.record(lead, "page_viewed", id=value),
    "of": lambda flow, lead, value: flow.record(value, "page_viewed"),
    "properties": lambda flow, lead, value: flow.record(lead, "page_viewed", properties=value),
    "property": lambda flow, lead, value: flow.record(lead, "page_viewed", properties={"a": [{"b": value}]}),
    "proof": lambda flow, lead, value: flow.consent(lead, "newsletter", "email", proof=value),
    "purpose": lambda flow, lead, value: flow.consent(lead, value, "email", proof="p"),
    "channel": lambda flow, lead, value: flow.consent(lead, "newsletter", value, proof="p"),
    "move": lambda flow, lead, value: flow.move(lead, value, by="anna"),
    "to": lambda flow, lead, value: flow.fast_track(lead, by="anna", to=value, reason="x"),
    "reason": lambda flow, lead, value: flow.disqualify(lead, by="anna", reason=value),
    "rep": lambda flow, lead, value: flow.disqualify(lead, by=value, reason="x"),
    "revisit": lambda flow, lead, value: flow.recycle(lead, by="anna", reason="x", revisit=value),
    "deal": lambda flow, lead, value: flow.open_deal(lead, value, by="anna"),
    "deal's name": lambda flow, lead, value: flow.open_deal(lead, "d", by="anna", name=value),
    "amount": lambda flow, lead, value: flow.open_deal(lead, "d", by="anna", amount=value),
    "currency": lambda flow, lead, value: flow.open_deal(lead, "d", by="anna", currency=value),
    "expected": lambda flow, lead, value: flow.open_deal(lead, "d", by="anna", expected=value),
    "won": lambda flow, lead, value: flow.win(lead, by="anna", amount=value),
    "correction": lambda flow, lead, value: flow.correct(lead, {"note": value, "zz": value}, by="anna"),
    "points": lambda flow, lead, value: flow.adjust(lead, value, reason="x", by="anna"),
    "adjustment": lambda flow, lead, value: flow.adjust(lead, 1, reason="x", by="anna", id=value),
    "because": lambda flow, lead, value: flow.adjust(lead, 1, reason=value, by="anna"),
    "until": lambda flow, lead, value: flow.adjust(lead, 1, reason="x", by="anna", until=value),
    "side": lambda flow, lead, value: flow.adjust(lead, 1, reason="x", by="anna", side=value),
    "withdrawn": lambda flow, lead, value: flow.withdraw_adjustment(lead, value, by="anna"),
    "get": lambda flow, lead, value: flow.get(value),
    "erase": lambda flow, lead, value: flow.erase(value, by="anna"),
    "token": lambda flow, lead, value: flow.unsubscribe(value),
    "moment": lambda flow, lead, value: flow.as_of(lead, value),
    "stage": lambda flow, lead, value: list(flow.leads(value)),
}  # fmt: skip


def _refusal(call: Any, flow: LeadFlow, lead_id: str, value: object) -> LeadflowError | None:
    try:
        call(flow, lead_id, value)
    except LeadflowError as refused:
        return refused
    return None


@pytest.mark.parametrize("hostile", HOSTILE)
def test_an_argument_is_refused_with_a_short_reason_or_taken(clock, hostile):
    flow = acme_flow(MemoryStorage(), clock)
    for number, call in enumerate(CALLS.values()):
        lead_id = flow.capture(ADA | {"email": f"n{number}@acme.example"}, source="fair").lead_id
        refused = _refusal(call, flow, lead_id, HOSTILE[hostile])
        assert len(str(refused)) <= 1_000
        assert len(repr(getattr(refused, "value", ""))) <= 2_500
    assert sum(len(repr(fact)) for lead in flow.leads() for fact in flow.history(lead.id)) < 5_000_000
    consistent(flow)


AMOUNTS: dict[str, Any] = {
    "exponent": "1e1000000",
    "decimal": Decimal("1e1000000"),
    "digits": 10**5_000,
    "long": "9" * 1_000_000,
    "tiny": Decimal("1e-30"),
    "nan": float("nan"),
    "negative": "-1",
}


@pytest.mark.parametrize("amount", AMOUNTS)
def test_an_amount_of_money_is_one(flow, amount):
    lead_id = flow.capture(ADA, source="fair").lead_id
    flow.fast_track(lead_id, by="anna", to="sql", reason="rang")
    with pytest.raises(InvalidInput, match="amount"):
        flow.open_deal(lead_id, "d", by="anna", amount=AMOUNTS[amount])
    flow.open_deal(lead_id, "d", by="anna", amount="1200.50")
    assert flow.get(lead_id).deals[0].amount == Decimal("1200.50")


def test_the_properties_of_an_activity_are_bounded_like_a_submission(flow):
    lead_id = flow.capture(ADA, source="fair").lead_id
    for properties in ({f"p{n}": "x" * 99_000 for n in range(11)}, dict.fromkeys(map(str, range(101)))):
        with pytest.raises(InvalidInput, match="properties"):
            flow.record(lead_id, "page_viewed", properties=properties)
        with pytest.raises(InvalidInput, match="properties"):
            flow.visit("v", "page_viewed", properties=properties)
    assert not flow.record(lead_id, "page_viewed", properties={"p": "x" * 99_000}).repeated


# -------------------------------------------------------------------------------------------------------- visitors
def test_a_lead_keeps_its_newest_browsers_and_gives_the_others_free(flow, storage):
    lead_id = flow.capture(ADA, source="web", visitor="b000").lead_id
    for number in range(1, 112):
        flow.capture(ADA, source="web", visitor=f"b{number:03}")
    lead = flow.get(lead_id)
    assert lead.visitors == tuple(f"b{number:03}" for number in range(12, 112))
    assert storage.holders(own_keys(lead)) == dict.fromkeys(own_keys(lead), lead_id)
    assert storage.holders(["visitor:b000", "visitor:b011"]) == {}
    assert replay(storage.facts(lead_id), flow.policy.lead_type) == lead
    assert flow.visit("b000", "page_viewed").lead_id != lead_id
    assert flow.visit("b111", "page_viewed").lead_id == lead_id


# --------------------------------------------------------------------------------------------------------- reports
def test_no_report_dies_of_one_value(flow, clock):
    for number, (name, value) in enumerate(HOSTILE.items()):
        typed = ADA | {"email": f"n{number}@acme.example", "zz": value, "last_name": name, "company": "\ud800<b>"}
        lead_id = flow.capture(typed, source="\ud800 fair", visitor=f"v{number}").lead_id
        flow.fast_track(lead_id, by="anna", to="sql", reason="rang")
        flow.open_deal(lead_id, "d", by="anna", amount="99999999999999999999.5")
        assert json.dumps([*flow.export(lead_id)], allow_nan=False)
        assert str(flow.explain(lead_id)).encode()
    page = insights.render_report(insights.summarise(flow.storage, flow.policy.lifecycle, now=clock()), title="\ud800")
    assert page.encode()
