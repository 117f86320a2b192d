"""Nothing ends in silence: the logger ``leadflow`` has a line for it, with ids and without personal data."""

from __future__ import annotations

import logging
import subprocess
import sys

from acme import ADA
from leadflow import LeadCaptured
from leadflow.adapters.sql import SqlStorage
from leadflow.decisions.policy import ATTEMPTS
from leadflow.errors import Deferred


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
    assert caplog.messages == [
        f"task uncertain:{ada}.welcome.1.0 is dead; look at it with tasks('dead')",
        "tick failed to do tasks of these kinds: {'nurture:welcome': 1}",
    ]


def test_what_is_tried_again_is_logged_by_the_class_of_its_error(flow, clock, caplog):
    flow.on(LeadCaptured, broken, name="warehouse")
    ada = flow.capture(ADA, source="fair").lead_id
    with caplog.at_level(logging.INFO, logger="leadflow"):
        flow.run_due()
    assert caplog.messages == [
        f"task notify:warehouse:{ada}:00000001:0000 failed: ConnectionError",
        "tick failed to do tasks of these kinds: {'notify:warehouse': 1}",
    ]


def test_a_mail_server_that_is_down_is_logged_for_each_tick_without_the_addresses(flow, clock, outbox, caplog):
    ada = flow.capture(ADA, source="fair").lead_id
    flow.consent(ada, "newsletter", "email", proof="a form")
    clock.advance(days=1)
    outbox.failures = [Deferred("no connection to send to ada@acme.example")]
    with caplog.at_level(logging.INFO, logger="leadflow"):
        flow.run_due()
    assert caplog.messages == [
        f"message {ada}.welcome.1.0 was not sent, or perhaps not: Deferred",
        "tick failed to do tasks of these kinds: {'nurture:welcome': 1}",
    ]


def test_a_migration_is_logged(tmp_path, caplog):
    storage = SqlStorage(f"sqlite:///{tmp_path / 'leads.db'}")
    with caplog.at_level(logging.INFO, logger="leadflow"):
        storage.migrate().migrate().close()
    (line,) = [record.getMessage() for record in caplog.records if record.name == "leadflow"]
    assert line.startswith("the tables were migrated from nothing to 00")


def test_without_a_handler_of_the_host_nothing_is_printed(tmp_path):
    program = "import leadflow, logging; logging.getLogger('leadflow').error('a task is dead')"
    assert subprocess.run([sys.executable, "-c", program], capture_output=True, check=True).stderr == b""
