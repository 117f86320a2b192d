"""Nothing ends in silence: the logger ``leadflow`` has a line for it, with ids and without personal data."""

from __future__ import annotations

import logging

from acme import ADA
from leadflow import LeadCaptured
from leadflow.decisions.policy import ATTEMPTS


def broken(_):
    raise ConnectionError("vera@a.example is not there")


def test_a_task_that_is_dead_is_logged_once_without_what_its_error_said(flow, clock, caplog):
    flow.on(LeadCaptured, broken, name="warehouse")
    ada = flow.capture(ADA, source="fair").lead_id
    with caplog.at_level(logging.WARNING, logger="leadflow"):
        for _ in range(ATTEMPTS + 2):
            flow.run_due()
            clock.advance(days=1)
    (dead,) = [task for task in flow.tasks("dead") if task.lead_id == ada]
    lines = [record.getMessage() for record in caplog.records if dead.key in record.getMessage()]
    assert lines == [f"task {dead.key} is dead; look at it with tasks('dead')"]
    assert "vera" not in caplog.text


def test_a_task_that_kills_its_process_is_logged_when_it_is_dead(flow, clock, caplog):
    class Killed(BaseException):
        pass

    def kills(_):
        raise Killed

    flow.on(LeadCaptured, kills, name="warehouse")
    flow.capture(ADA, source="fair")
    with caplog.at_level(logging.WARNING, logger="leadflow"):
        for _ in range(ATTEMPTS + 4):
            try:
                flow.run_due()
            except Killed:
                clock.advance(minutes=6)
    (dead,) = [task for task in flow.tasks("dead") if task.kind == "notify:warehouse"]
    assert [record.getMessage() for record in caplog.records if dead.key in record.getMessage()] == [
        f"task {dead.key} is dead; look at it with tasks('dead')"
    ]


def test_a_message_that_is_uncertain_is_logged_without_the_address(flow, clock, outbox, caplog):
    ada = flow.capture(ADA, source="fair").lead_id
    flow.consent(ada, "newsletter", "email", proof="a form")
    clock.advance(days=1)
    outbox.failures = [TimeoutError("no answer for ada@acme.example")]
    with caplog.at_level(logging.WARNING, logger="leadflow"):
        flow.run_due()
    assert caplog.messages == [f"task uncertain:{ada}.welcome.1.0 is dead; look at it with tasks('dead')"]


def test_what_is_tried_again_is_logged_by_the_class_of_its_error(flow, clock, caplog):
    flow.on(LeadCaptured, broken, name="warehouse")
    ada = flow.capture(ADA, source="fair").lead_id
    with caplog.at_level(logging.INFO, logger="leadflow"):
        flow.run_due()
    assert caplog.messages == [f"task notify:warehouse:{ada}:00000001:0000 failed: ConnectionError"]
