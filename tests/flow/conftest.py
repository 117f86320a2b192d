"""A whole leadflow on memory."""

from __future__ import annotations

import pytest

from acme import ADA, Clock, Outbox, acme_flow
from leadflow import LeadFlow
from leadflow.adapters.memory import MemoryStorage


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def outbox() -> Outbox:
    return Outbox()


@pytest.fixture
def storage() -> MemoryStorage:
    return MemoryStorage()


@pytest.fixture
def flow(storage, clock, outbox) -> LeadFlow:
    return acme_flow(storage, clock, outbox)


@pytest.fixture
def ada(flow) -> str:
    return flow.capture(ADA, source="fair").lead_id


@pytest.fixture
def mql(flow, ada) -> str:
    flow.record(ada, "demo_requested", id="web-1")
    return ada
