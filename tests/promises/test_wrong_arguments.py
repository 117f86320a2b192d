"""Whatever is given for whichever parameter of a public method: a clear refusal or a result, never a raw error."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date, datetime, timedelta
from decimal import Decimal
from inspect import Parameter, getattr_static, signature
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from acme import ADA, START, Clock, Outbox, acme_flow
from leadflow import Actor, Consent, ExternalId, LeadFlow, field
from leadflow.adapters.memory import MemoryStorage
from leadflow.decisions.commands.intake import Record
from leadflow.decisions.merge_choices import Survivorship
from leadflow.entities import Task
from leadflow.errors import InvalidInput, LeadflowError
from leadflow.events import Change, LeadCaptured
from leadflow.ports import Storage


class Breaks:
    """Whatever is done with it raises."""

    def _break(self, *_: object) -> Any:
        raise RuntimeError("it broke")

    __iter__ = __len__ = __getitem__ = __str__ = __bool__ = __int__ = __float__ = __index__ = __contains__ = _break
    __eq__ = __lt__ = __gt__ = __add__ = _break
    __hash__ = None


class BreaksOnNext:
    def __iter__(self) -> Iterator[object]:
        return self

    def __next__(self) -> object:
        raise RuntimeError("it broke")


class Mixed:
    """A mapping by its looks."""

    def keys(self) -> list[Any]:
        return [1, None, []]

    def __getitem__(self, key: object) -> object:
        raise KeyError(key)


WRONG: dict[str, Any] = {
    "none": None,
    "true": True,
    "number": 7,
    "huge": 10**5_000,
    "nan": float("nan"),
    "decimal": Decimal("NaN"),
    "text": "x\x00 y\ud800",
    "empty": "",
    "bytes": b"\xff",
    "list": [1, [2], None],
    "set": {1, "a"},
    "mapping": {1: {None: [object()]}},
    "object": object(),
    "class": LeadFlow,
    "function": lambda: None,
    "date": date(2026, 3, 2),
    "naive": datetime(2026, 3, 2),
    "span": timedelta(days=1),
    "breaks": Breaks(),
    "breaks on next": BreaksOnNext(),
    "mixed": Mixed(),
}
LAZY = {"rows", "commands"}
"""Gone through while it is worked off: what the host's own iterator raises is the host's."""
METHODS = sorted(
    name for name in dir(LeadFlow) if not name.startswith("_") and callable(getattr_static(LeadFlow, name))
)
BEFORE: dict[str, str] = {
    "accept": "mql", "reject": "mql", "confirm": "sal", "recycle": "sal", "step_back": "sql", "lapse": "customer",
    "open_deal": "sql", "promote": "customer", "settle": "promoter", "win": "sql", "lose": "sql",
    "reopen": "disqualified", "change_deal": "sql", "reopen_deal": "sql",
}  # fmt: skip


def valid(flow: LeadFlow, lead_id: str, method: str) -> dict[str, Any]:
    """Arguments that the method takes."""
    everything: dict[str, Any] = {
        "lead_id": lead_id, "by": "anna", "reason": "r", "proof": "p", "purpose": "newsletter", "channel": "email",
        "visitor": "v1", "kind": "page_viewed", "values": ADA | {"email": "new@other.example"}, "source": "web",
        "points": 5, "revisit": date(2026, 9, 1), "to": "mql", "move": "disqualify", "deal_id": "d", "amount": "10",
        "token": "t", "address": "a@other.example", "goal": field("score.fit") >= 1, "moment": START, "at": START,
        "limit": 5, "task_key": "dead", "adjustment_id": "a1", "fact": LeadCaptured, "handler": print, "name": "n",
        "key": "k", "expected": date(2026, 9, 1), "currency": "EUR", "until": START + timedelta(days=99),
        "side": "fit", "id": "i", "verified": True, "consents": (), "properties": {"a": 1}, "dry_run": True,
        "watch": None, "status": None, "why": "hand", "stage": "lead", "command": Record(lead_id, "page_viewed"),
        "external_id": None, "group": 10,
        "commands": [Record(lead_id, "page_viewed")], "where": field("stage") == "lead", "order": "id", "after": None,
        "repair": False, "referred_by": None, "rep": "ben", "queue": None, "system": "crm", "number": "+49 30 901820",
        "grace": timedelta(minutes=5), "stale_only": True, "activity": "act",
        "note": "n", "retype": {}, "drop": (), "other_id": other_of(flow),
        "held": held_by(flow),
        "survivor": lead_id, "absorbed": other_of(flow), "survivorship": Survivorship(),
        "above": 0.99, "findings": [], "account": "acme.example", "other": "beta.example",
        "confidence": 0.5, "request": None, "only": None,
    }  # fmt: skip
    own: dict[str, dict[str, Any]] = {
        "enrich": {"values": {"company.industry": "pumps"}},
        "withdraw_enrichment": {"source": "register"},
        "withdraw_source": {"source": "register", "dry_run": False, "where": None},
        "retire": {"kind": "notify:gone"},
        "consent": {"status": "given", "address": "ada@acme.example"},
        "step_back": {"to": "sal"},
        "qualify": {"by": Actor(kind="marketing", id="eva")},
        "fast_track": {"to": "sql"},
        "move": {"to": None, "revisit": None},
        "open_deal": {"deal_id": "d2"},
        "capture_many": {"rows": [ADA]},
        "record_many": {"rows": [Record(lead_id, "page_viewed")]},
        "count": {"by": None},
        "tasks": {"lead_id": None},
        "give_held": {"to": None},
        "merge": {"dry_run": False},
        "unmerge": {"absorbed": (flow.get(lead_id).merged or ("nobody",))[0]},
        "account": {"key": flow.get(lead_id).account},
        "find_accounts": {"where": None, "leads": field("stage") == "lead"},
        "hand_over": {"rep": None},
        "reassign": {"to": "ben", "dry_run": False},
    }
    if method in ("account", "find_accounts"):
        everything["after"] = None
    everything |= own.get(method, {})
    return {name: everything[name] for name in parameters(method)}


def other_of(flow: LeadFlow) -> str:
    other = flow.by_email("other@held.example")
    return other.id if other is not None else "nobody"


def held_by(flow: LeadFlow) -> str:
    other = other_of(flow)
    held = flow.held(other) if other != "nobody" else []
    return held[-1].id or "" if held else "held:none"


def parameters(method: str) -> list[str]:
    found = signature(getattr(LeadFlow, method)).parameters.values()
    return [one.name for one in found if one.name != "self" and one.kind is not Parameter.VAR_KEYWORD]


def prepared(flow: LeadFlow, method: str, number: int) -> str:
    """A lead where the method has something to do, and a dead task."""
    lead_id: str = flow.capture(ADA | {"email": f"n{number}@acme{number}.example"}, source="fair").lead_id
    flow.adjust(lead_id, 1, reason="r", by="anna", id="a1")
    flow.enrich(lead_id, {"need": "pumps"}, source="register", by="anna")
    goal = BEFORE.get(method)
    if goal == "disqualified":
        flow.disqualify(lead_id, by="anna", reason="r")
    elif goal in ("customer", "promoter"):
        flow.fast_track(lead_id, by="anna", to="customer", reason="r")
        if goal == "promoter":
            flow.promote(lead_id, by="anna")
    elif goal is not None:
        flow.fast_track(lead_id, by="anna", to=goal, reason="r")
    if method in ("win", "lose", "change_deal", "reopen_deal"):
        flow.open_deal(lead_id, "d", by="anna")
    if method == "retract":
        flow.record(lead_id, "page_viewed", id="act")
    if method == "reopen_deal":
        flow.lose(lead_id, by="anna", reason="r", revisit=date(2026, 9, 1))
    if method in ("not_same", "give_held", "merge", "unmerge"):
        crm = ExternalId(system="crm", id="held")
        flow.capture({"email": "one@held.example"}, source="crm", external_id=crm)
        flow.capture({"email": "other@held.example"}, source="web")
        flow.capture({"email": "other@held.example", "city": "Ulm"}, source="web", external_id=crm, id=str(number))
    if method == "unmerge_accounts":
        flow.merge_accounts("acme.example", "beta.example", by="anna")
    if method == "unmerge":
        flow.merge(lead_id, other_of(flow), by="anna")
    if flow.storage.task("dead") is None:
        flow.storage.save(Change(put=(Task(key="dead", kind="purge", due_at=START, status="dead", error="e"),)))
    return lead_id


def consumed(result: object) -> object:
    return list(result) if isinstance(result, Iterator) else result


def everything_in(flow: LeadFlow) -> object:
    leads = [(lead, flow.storage.facts(lead.id), flow.storage.activities(lead.id)) for lead in flow.leads()]
    return leads, flow.storage.tasks(limit=10_000)


def refusal(call: Callable[..., Any], arguments: dict[str, Any]) -> LeadflowError | None:
    """How it is refused, if so; anything else that is raised is a failure of the test."""
    try:
        consumed(call(**arguments))
    except LeadflowError as refused:
        return refused
    return None


@pytest.mark.parametrize("method", METHODS)
def test_a_wrong_argument_is_refused_in_words_and_writes_nothing(method: str) -> None:
    sweep(MemoryStorage(), method)


@pytest.mark.parametrize("method", [one for one in METHODS if not {"by", "key", "name"} & {*parameters(one)}])
def test_what_is_looked_up_reaches_no_database_in_a_wrong_form(storage: Storage, method: str) -> None:
    sweep(storage, method)


def sweep(storage: Storage, method: str) -> None:
    """Give each parameter each wrong value in turn."""
    flow, number = acme_flow(storage, Clock(), Outbox()), 0
    call: Callable[..., Any] = getattr(flow, method)
    if method != "unsubscribe":  # it needs a token that leadflow has signed
        consumed(call(**valid(flow, prepared(flow, method, number), method)))
    for name in parameters(method):
        lead_id, before = "", None
        for label, wrong in WRONG.items():
            if (name in LAZY and label.startswith("breaks")) or (name == "watch" and label in ("class", "function")):
                continue  # what the host's own iterator, or function, raises is the host's
            if before is None:
                number += 1
                lead_id = prepared(flow, method, number)
                before = everything_in(flow)
            unkeyed = {"key": None} if "key" in parameters(method) else {}
            refused = refusal(call, valid(flow, lead_id, method) | unkeyed | {name: wrong})
            assert refused is None or everything_in(flow) == before, (name, label)
            assert len(str(refused)) < 1_500, (name, label)
            before = before if refused else None


@pytest.mark.parametrize("method", METHODS)
def test_a_keyword_that_is_missing_or_unknown_is_a_type_error(clock: Clock, method: str) -> None:
    flow = acme_flow(MemoryStorage(), clock, Outbox())
    lead_id = prepared(flow, method, 1)
    before, arguments = everything_in(flow), valid(flow, lead_id, method)
    with pytest.raises(TypeError):
        getattr(flow, method)(**arguments, surprise=1)
    for one in signature(getattr(LeadFlow, method)).parameters.values():
        if one.default is Parameter.empty and one.name in arguments:
            with pytest.raises(TypeError):
                getattr(flow, method)(**{name: value for name, value in arguments.items() if name != one.name})
    assert everything_in(flow) == before


anything = st.recursive(
    st.sampled_from(sorted(WRONG.keys() - {"huge"})).map(lambda label: WRONG[label])
    | st.text(max_size=5)
    | st.integers()
    | st.floats()
    | st.binary(max_size=3),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=5,
)


@settings(max_examples=100, deadline=None, suppress_health_check=[*HealthCheck])
@given(data=st.data(), method=st.sampled_from(METHODS))
def test_several_wrong_arguments_at_once(data: st.DataObject, method: str) -> None:
    flow = acme_flow(MemoryStorage(), Clock(), Outbox())
    lead_id = prepared(flow, method, 1)
    before, arguments = everything_in(flow), valid(flow, lead_id, method)
    for name in data.draw(st.sets(st.sampled_from(parameters(method)))) if parameters(method) else ():
        given = anything if name not in LAZY else st.none() | st.integers() | st.just("x")
        arguments[name] = data.draw(given.filter(lambda one: not callable(one)) if name == "watch" else given)
    refused = refusal(getattr(flow, method), arguments)
    assert refused is None or everything_in(flow) == before


def test_tasks_are_listed_by_what_there_is(flow: LeadFlow) -> None:
    lead_id = flow.capture(ADA, source="web").lead_id
    for wrong in ({"lead_id": [lead_id]}, {"status": "asleep"}, {"limit": -1}, {"limit": 2.5}, {"limit": True}):
        (name,) = wrong
        with pytest.raises(InvalidInput, match=name):
            flow.tasks(**wrong)
    assert flow.tasks(limit=0) == []
    assert {one.lead_id for one in flow.tasks(lead_id=lead_id)} <= {lead_id}


def test_consents_that_break_off_are_refused_with_what_they_broke_off_with(flow: LeadFlow) -> None:
    def broken() -> Iterator[Consent]:
        yield Consent(purpose="newsletter", channel="email", status="given", at=START, proof="p")
        raise RuntimeError("a secret of the host's")

    with pytest.raises(InvalidInput, match=r"consents: .* it raised RuntimeError") as refused:
        flow.capture(ADA, source="web", consents=broken())
    assert "secret" not in str(refused.value)
    assert list(flow.leads()) == []
