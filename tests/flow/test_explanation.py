"""``explain`` shows what can't be done and why: messages that can't leave, routing that failed."""

from __future__ import annotations

import json

from acme import ADA, acme_flow
from leadflow import LeadCaptured
from leadflow.decisions.explanation import Explanation
from leadflow.decisions.policy import ATTEMPTS
from leadflow.errors import Deferred, Rejected

DOWN = Deferred("SmtpMailer(mail.example:25, none): no connection; nothing was sent")


def reader_of(flow, clock) -> str:
    lead_id = flow.capture(ADA, source="fair").lead_id
    flow.consent(lead_id, "newsletter", "email", proof="a form")
    clock.advance(days=1)
    return lead_id


def nurturing(flow, lead_id) -> str:
    return "\n".join(flow.explain(lead_id)["Nurturing"])


def test_a_mail_server_that_is_down_until_the_message_is_given_up(flow, clock, outbox):
    reader = reader_of(flow, clock)
    outbox.failures = [DOWN] * (ATTEMPTS + 2)
    flow.run_due()
    assert "welcome: not sent yet, 1 attempt failed, next attempt at 2026-03-03 09:01: " in nurturing(flow, reader)
    assert "no connection" in nurturing(flow, reader) and "overdue" not in nurturing(flow, reader)
    for _ in range(ATTEMPTS):
        clock.advance(days=1)
        flow.run_due()
    assert "no connection" in nurturing(flow, reader)
    assert "failed" in nurturing(flow, reader)


def test_a_refused_a_suppressed_and_an_overdue_message(flow, clock, outbox, storage):
    reader = reader_of(flow, clock)
    later = acme_flow(storage, clock)  # without a mailer: it waits
    clock.advance(hours=1)
    later.run_due()
    assert "welcome: step 1 at 2026-03-03 09:00, overdue: no tick has done it, or none with a mailer" in nurturing(
        flow, reader
    )
    outbox.failures = [Rejected("550 no such user")]
    flow.run_due()
    text = nurturing(flow, reader)
    assert "welcome: failed, 550 no such user" in text and "the mailbox refuses mail" in text
    german = flow.explain(reader).text("de")
    assert "welcome: fehlgeschlagen, 550 no such user" in german
    assert (
        "welcome darf nicht gesendet werden: die Adresse ist gesperrt seit 2026-03-03: das Postfach nimmt keine"
        in german
    )


def test_a_dead_task_of_the_lead_that_is_no_message(storage, clock, outbox):
    def broken(*_):
        raise ZeroDivisionError("no")

    flow = acme_flow(storage, clock, outbox)
    flow.on(LeadCaptured, broken, name="warehouse")
    ada = flow.capture(ADA, source="fair").lead_id
    flow.run_due()
    (line,) = flow.explain(ada)["Tasks"]
    assert line.startswith(
        "notify:warehouse: 1 attempt failed, next attempt at 2026-03-02 09:01: ZeroDivisionError: no"
    )
    for _ in range(ATTEMPTS):
        clock.advance(days=1)
        flow.run_due()
    (line,) = flow.explain(ada)["Tasks"]
    assert line == "notify:warehouse: given up after 8 attempts: ZeroDivisionError: no; retry or dismiss the task"
    assert "notify:warehouse: aufgegeben, 8 Versuche fehlgeschlagen" in flow.explain(ada).text("de")


def test_an_explanation_goes_to_json_and_back_with_what_the_text_says(flow, clock, mql, outbox):
    outbox.failures = [DOWN]
    flow.run_due()
    told = flow.explain(mql)
    again = Explanation.model_validate_json(told.model_dump_json())
    assert again == told
    assert (str(again), again.text("de")) == (str(told), told.text("de"))
    kinds = [entry["kind"] for entry in json.loads(told.model_dump_json())["entries"]]
    assert {"stage", "move", "score", "policy", "outlook", "route", "candidate"} <= set(kinds)
    (score,) = [entry for entry in told.entries if entry.kind == "score"]
    assert (score.fit, score.contributions[0].points) == (45, 25)
