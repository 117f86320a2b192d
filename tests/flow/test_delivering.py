"""Facts are delivered by tasks; where nobody subscribes, in no process, there need be none."""

from __future__ import annotations

import pytest

from leadflow import DefinitionError, InvalidInput, LeadFlow
from leadflow.adapters.memory import MemoryStorage
from leadflow.events import LeadCaptured

ZOE = {"email": "zoe@zoe.example", "last_name": "Zander"}


@pytest.mark.parametrize("delivers", [True, False])
def test_a_flow_that_delivers_nothing_writes_no_deliveries(delivers):
    storage = MemoryStorage()
    flow = LeadFlow(storage, delivers=delivers)
    flow.erase(flow.capture(ZOE, source="fair").lead_id, by="anna")
    list(flow.capture_many([ZOE | {"email": "max@max.example"}], source="fair"))
    assert {task.kind for task in storage.tasks()} == {"purge"} | ({"deliver"} if delivers else set())


def test_nobody_subscribes_where_nothing_is_delivered():
    flow = LeadFlow(MemoryStorage(), delivers=False)
    with pytest.raises(DefinitionError, match="delivers=False"):
        flow.on(LeadCaptured, print, name="crm")


def test_whether_it_delivers_is_yes_or_no():
    with pytest.raises((DefinitionError, InvalidInput), match="delivers"):
        LeadFlow(MemoryStorage(), delivers="no")  # type: ignore[arg-type]
