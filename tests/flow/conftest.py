"""A whole leadflow on memory."""

from __future__ import annotations

import pytest

from acme import ADA, START, acme_flow
from leadflow.adapters.memory import MemoryStorage


@pytest.fixture
def storage() -> MemoryStorage:
    return MemoryStorage()


@pytest.fixture
def ada(flow) -> str:
    return flow.capture(ADA, source="fair").lead_id


@pytest.fixture
def mql(flow, ada) -> str:
    flow.record(ada, "demo_requested", id="web-1")
    return ada


@pytest.fixture(scope="module")
def everything_is_loaded() -> None:
    """What is imported on first use is there before we fork: the processes are to work, not to import."""
    acme_flow(MemoryStorage(), lambda: START).capture(ADA, source="warm-up")
