"""What type checkers know of a flow: the host's own fields, the answers of its methods, the kind of a fact.

Read by mypy and pyright only (tests/test_type_checkers.py); an ignored error that is none fails there.
"""

# ruff: noqa: B018  (an attribute that is not there is the mistake)
from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime
from typing import Any, assert_type

from leadflow import AsyncLeadFlow, Entity, Lead, LeadCaptured, LeadFlow, Moved, Qualification, StageChanged, field
from leadflow.adapters.async_memory import AsyncMemoryStorage
from leadflow.adapters.memory import MemoryStorage
from leadflow.search import Page


class Shop(Entity):
    machines: int = 0


class Club(Entity):
    member: bool = False


def answers(flow: LeadFlow[Shop]) -> None:
    """Every method that gives leads gives those with the host's fields."""
    assert_type(LeadFlow(MemoryStorage(), custom=Shop), LeadFlow[Shop])
    assert_type(flow.get("x"), Lead[Shop])
    assert_type(flow.by_email("x"), Lead[Shop] | None)
    assert_type(flow.by_phone("x"), list[Lead[Shop]])
    assert_type(flow.by_external_id("crm", "7"), Lead[Shop] | None)
    assert_type(flow.by_visitor("x"), Lead[Shop] | None)
    assert_type(flow.find(limit=3), Page[Shop])
    assert_type(flow.first(), Lead[Shop] | None)
    assert_type(flow.as_of("x", datetime.now(UTC)), Lead[Shop] | None)
    assert_type(flow.leads("mql"), Iterator[Lead[Shop]])
    assert_type(flow.get("x").custom.machines, int)
    assert_type(flow.accept("x", by="anna"), Moved)
    assert_type(flow.count(), int)
    for lead in flow.find():
        assert_type(lead.custom, Shop)


async def awaited(flow: AsyncLeadFlow[Shop]) -> None:
    """The same in an event loop."""
    assert_type(AsyncLeadFlow(AsyncMemoryStorage(), custom=Shop), AsyncLeadFlow[Shop])
    assert_type(await flow.get("x"), Lead[Shop])
    assert_type(await flow.by_email("x"), Lead[Shop] | None)
    assert_type(await flow.find(), Page[Shop])
    assert_type(flow.leads(), AsyncIterator[Lead[Shop]])
    assert_type(await flow.accept("x", by="anna"), Moved)
    async for fact in flow.history("x"):
        if fact.kind == "stage_changed":
            assert_type(fact, StageChanged)
    (await flow.get("x")).custom.machine  # type: ignore[attr-defined]  # pyright: ignore[reportAttributeAccessIssue]
    flow.get("x").version  # type: ignore[attr-defined]  # pyright: ignore[reportAttributeAccessIssue]


def history(flow: LeadFlow[Shop]) -> None:
    """A fact is narrowed by its kind, or by its class."""
    for fact in flow.history("x"):
        if fact.kind == "stage_changed":
            assert_type(fact, StageChanged)
            fact.adjustment  # type: ignore[attr-defined]  # pyright: ignore[reportAttributeAccessIssue]
        elif isinstance(fact, LeadCaptured):
            assert_type(fact.source, str)
        fact.adjustment  # type: ignore[union-attr]  # pyright: ignore[reportAttributeAccessIssue]


def any_fields(flow: LeadFlow) -> Any:
    """A function for all flows."""
    return flow.get("x").custom.anything


def mistakes(flow: LeadFlow[Shop], club: LeadFlow[Club]) -> None:
    any_fields(flow)
    answers(club)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    flow.get("x").custom.machine  # type: ignore[attr-defined]  # pyright: ignore[reportAttributeAccessIssue]
    flow.gett("x")  # type: ignore[attr-defined]  # pyright: ignore[reportAttributeAccessIssue]
    flow.get(1)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    flow.accept("x", who="anna")  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]
    flow.accept("x", by="anna").ownr  # type: ignore[attr-defined]  # pyright: ignore[reportAttributeAccessIssue]
    flow.capture({"email": "ada@acme.example"}, sorce="web")  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]
    LeadFlow(MemoryStorage(), scoring=Qualification(field("owner").is_known()))  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
