"""What a public form may show of a capture is the same whether the person is known or not."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import count

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from acme import Clock, acme_flow
from leadflow import Consent, InvalidInput
from leadflow.adapters.memory import MemoryStorage

NUMBERS = count()
"""Each example has people of its own: the storage is the same for all."""

VALUES: dict[str, Sequence[object]] = {
    "email": ["ada@{}.example", "ADA@{}.example", "bob@{}.example", "info@{}.example", "ada at home", "ada@gmial.com"],
    "emails": [
        ["bob@{}.example"],
        ["bob@{}.example", "x"],
        "ada@{}.example; bob@{}.example",
        [f"p{n}" for n in range(30)],
    ],
    "first_name": ["Ada", "Bob", "ada"],
    "last_name": ["Lovelace", "Byron"],
    "phone": ["030 901820", "0171 1234567", "call me"],
    "city": ["Berlin", "Ulm"],
    "postcode": ["10115", "x"],
    "employees": ["900", "many", "12"],
    "company": ["Acme GmbH", "Other AG"],
    "note": ["hello", "{}"],
    "compny": ["x"],
    "owner": ["eve"],
}


@st.composite
def submissions(draw):
    names = draw(st.lists(st.sampled_from(sorted(VALUES)), unique=True, max_size=6))
    return {name: draw(st.sampled_from(VALUES[name])) for name in {"email", *names}}, draw(st.booleans())


def of_person(values, number):
    name = f"x{number}"

    def filled(value):
        return value.replace("{}", name) if isinstance(value, str) else [filled(one) for one in value]

    return {key: filled(value) for key, value in values.items()}


def answered(flow, values, verified, **more):
    try:
        return flow.capture(values, source="form", verified=verified, **more).public.model_dump(mode="json")
    except InvalidInput as refused:
        return str(refused)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(submissions(), max_size=4), submissions())
def test_what_a_form_may_show_does_not_depend_on_who_is_known(storage, known, submitted):
    flow, number = acme_flow(storage, Clock()), next(NUMBERS)
    for values, verified in known:
        answered(flow, of_person(values, number), verified)
    values, verified = of_person(submitted[0], number), submitted[1]
    unknown = answered(acme_flow(MemoryStorage(), Clock()), values, verified)
    assert answered(flow, values, verified, key=f"k{number}") == unknown
    assert answered(flow, values, verified, key=f"k{number}") == unknown  # the same key again
    assert answered(flow, values, verified) == unknown  # the identical submission


def test_conflicts_are_for_the_team_and_slips_for_the_form(flow):
    flow.capture({"email": "ada@acme.example", "city": "Berlin", "employees": 900}, source="web")
    guess = {"email": "ada@acme.example", "city": "Ulm", "employees": 12, "emails": "ada@gmial.com", "phone": "none"}
    captured = flow.capture(guess, source="form")
    assert {"address.city", "company.employees"} <= {one.field for one in captured.findings if one.code == "conflict"}
    assert set(captured.public.model_dump()) == {"findings"}
    codes = {one.code for one in captured.public.findings}
    assert "email_typo" in codes and "conflict" not in codes
    assert captured.lead_id not in captured.public.model_dump_json()


def test_a_form_does_not_show_that_somebody_has_withdrawn(flow, clock):
    def sent():
        yes = Consent(purpose="newsletter", channel="email", status="given", at=clock(), proof="a box was ticked")
        return flow.capture({"email": "ada@acme.example", "note": str(clock())}, source="form", consents=[yes])

    first = sent()
    flow.consent(first.lead_id, "newsletter", "email", status="withdrawn", proof="a letter")
    clock.advance(days=1)
    again = sent()
    assert "consent_withdrawn" in {one.code for one in again.findings}
    assert again.public == first.public


def test_a_form_does_not_show_that_somebody_was_erased(flow):
    values = {"email": "ada@gmial.com", "city": "Ulm"}
    first = flow.capture(values, source="form", key="k")
    flow.erase(first.lead_id, by="anna")
    again = flow.capture(values, source="form", key="k")
    assert again.public == first.public
    assert first.public.findings


def test_a_form_does_not_show_that_a_lead_is_full(flow):
    for number in range(8):
        more = ";".join(f"p{number}-{each}@other.example" for each in range(10))
        captured = flow.capture({"email": "ada@acme.example", "emails": more}, source="web")
    assert "too_many" in {one.code for one in captured.findings}
    assert captured.public.findings == ()


def test_a_form_does_not_show_a_takeover_or_who_was_on_the_browser(flow):
    flow.capture({"email": "vera@a.example", "name": "Mallory Evil"}, source="web", visitor="b")
    taken = flow.capture({"email": "vera@a.example", "name": "Vera Klein"}, source="web", verified=True)
    moved = flow.capture({"phone": "0171 1234567", "name": "Oscar Klein"}, source="web", visitor="b")
    assert taken.findings and moved.findings
    assert taken.public == moved.public
    assert taken.public.findings == ()
