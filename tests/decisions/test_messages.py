"""The next message of a sequence, and what becomes of it: decisions of tick, given values and asked for a Change."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from decisions.by_hand import NOW, RULES, SECRET, answered, lead
from leadflow.decisions.messages import (
    dismissed,
    lost_message,
    message_claim,
    next_message,
    sent_contents,
    settled_message,
)  # fmt: skip
from leadflow.decisions.policy import SYSTEM, CommandContext
from leadflow.decisions.reads import Keys, States
from leadflow.decisions.suppression import contact_points, suppressions
from leadflow.entities import Lead, Message, Suppression, Task
from leadflow.errors import Deferred, MailRefused, Rejected, Uncertain
from leadflow.events import ContactDue, MessageClaimed, MessageSkipped
from leadflow.nurturing import Content, Sequence, Step
from leadflow.nurturing.mailboxes import ContactPoint
from leadflow.ports import State
from leadflow.testing import a_consent
from leadflow.worktime import BusinessHours

DAY = timedelta(days=1)
MOMENT = CommandContext(NOW)
SIGNED = replace(RULES, unsubscribe_url="https://acme.example/u?t={token}")
SENDING = {"sequence": "welcome", "due_at": NOW, "since": NOW - DAY}
MAIL = "lead-1.welcome.1.0"
"""Lead, sequence, round and step."""


def reader(**parts: Any) -> Lead[Any]:
    subscribed: dict[str, Any] = {"consents": (a_consent(at=NOW - DAY),), "enrolments": [SENDING]}
    return lead(**subscribed | {"person": {"first_name": "Ada"}} | parts)


def kinds(change):
    return [fact.kind for fact in change.facts]


def step_of(change):
    (write,) = change.leads
    (enrolment,) = write.lead.enrolments
    return enrolment


# -------------------------------------------------------------------------------------------------------- may it go?
def test_a_message_is_claimed_before_it_is_sent_and_a_task_waits_for_its_fate():
    ends = NOW + timedelta(minutes=5)
    going = next_message(SIGNED, MOMENT, reader(), "welcome", known_by=ends)
    assert kinds(going.change) == ["message_claimed"]
    assert [(claim.key, claim.lead_id) for claim in going.change.claims] == [(f"message:{MAIL}", "lead-1")]
    assert {task.key: task.due_at for task in going.change.put} == {f"fate:{MAIL}": ends}
    message = going.message
    assert (message.id, message.to, message.subject) == (MAIL, "ada@acme.example", "Welcome Ada")
    assert str(message.headers["List-Unsubscribe"]).startswith("<https://acme.example/u?t=")


@pytest.mark.parametrize(
    "enrolments", [[], [SENDING | {"due_at": NOW + timedelta(seconds=1)}], [SENDING | {"due_at": None, "ended": "x"}]]
)
def test_a_step_that_is_not_due_sends_and_writes_nothing(enrolments):
    outgoing = next_message(SIGNED, MOMENT, reader(enrolments=enrolments), "welcome")
    assert (outgoing.message, outgoing.change.is_empty) == (None, True)


def test_a_message_that_is_claimed_already_is_not_sent_again_and_the_lead_goes_on():
    outgoing = next_message(SIGNED, MOMENT, reader(), "welcome", claims={message_claim(MAIL)})
    assert outgoing.message is None
    assert kinds(outgoing.change) == ["enrolment_changed"]
    assert (step_of(outgoing.change).step, step_of(outgoing.change).due_at) == (1, NOW + 3 * DAY)


def test_without_consent_the_sequence_ends_with_the_reason():
    withdrawn = (a_consent(at=NOW - DAY), a_consent(status="withdrawn", at=NOW))
    outgoing = next_message(SIGNED, MOMENT, reader(consents=withdrawn), "welcome")
    assert outgoing.message is None
    assert step_of(outgoing.change).ended == "consent withdrawn"


def listed(*bans: Suppression):
    """What is suppressed at the lead's mailbox."""
    asked = suppressions(contact_points(reader().emails, ()))
    read: Any = lambda one: {one.keys[0]: State(4, {"suppressions": [b.model_dump(mode="json") for b in bans]})}  # noqa: E731
    return answered(asked, {Keys: (SECRET,), States: read if bans else {}})[1]


def test_a_suppressed_mailbox_gets_nothing_and_all_reasons_are_told():
    ban = Suppression(why="hand", since=NOW - DAY, by="rep anna", reason="a letter")
    outgoing = next_message(SIGNED, MOMENT, reader(), "welcome", listed=listed(ban))
    assert outgoing.message is None
    (skipped,) = (fact for fact in outgoing.change.facts if isinstance(fact, MessageSkipped))
    assert skipped.reasons[0].startswith("the address is suppressed since 2026-03-01: by rep anna, a letter")
    assert step_of(outgoing.change).due_at is None


def test_the_mailbox_that_was_looked_at_must_not_be_closed_meanwhile():
    going = next_message(SIGNED, MOMENT, reader(), "welcome", listed=listed())
    (state,) = going.change.states
    assert (state.read_version, state.value) == (0, None)  # only looked at: the Change fails if it moves
    assert state.key.startswith("suppressed:")


def test_in_quiet_hours_it_waits_for_the_first_moment_that_is_not():
    office = replace(SIGNED, quiet=BusinessHours(zone="UTC", week={"mon-fri": "10:00-17:00"}))
    outgoing = next_message(office, MOMENT, reader(), "welcome")
    assert outgoing.message is None
    assert step_of(outgoing.change).due_at == NOW + timedelta(hours=1)
    assert step_of(outgoing.change).step == 0


def test_what_was_sent_already_is_not_sent_in_another_step():
    either = Sequence("welcome", [Step(DAY, ("welcome", "case"))])
    policy = replace(SIGNED, sequences={"welcome": either})
    assert next_message(policy, MOMENT, reader(), "welcome", sent={"welcome"}).content == "case"
    nothing_left = next_message(policy, MOMENT, reader(), "welcome", sent={"welcome", "case"})
    assert nothing_left.message is None
    assert kinds(nothing_left.change) == ["message_skipped", "enrolment_changed"]


def test_a_call_is_due_for_people_and_nothing_is_sent():
    calls = Sequence("calls", [Step(DAY, "call")], channel="phone", purpose="sales")
    call = Content("call", "", "Ask for needs", channel="phone")
    policy = replace(SIGNED, sequences={"calls": calls}, contents=(call,))
    enrolled, allowed = [SENDING | {"sequence": "calls"}], (a_consent("sales", "phone", at=NOW - DAY),)
    known = reader(phone="+4930901820", consents=allowed, enrolments=enrolled)
    outgoing = next_message(policy, MOMENT, known, "calls")
    assert outgoing.message is None
    (due,) = (fact for fact in outgoing.change.facts if isinstance(fact, ContactDue))
    assert (due.content, due.channel) == ("call", "phone")


def test_contents_that_a_lead_has_got_or_may_have_are_told_by_its_facts():
    def claimed(message, content):
        where: dict[str, Any] = {"lead_id": "lead-1", "happened_at": NOW, "recorded_at": NOW, "actor": SYSTEM}
        return MessageClaimed(**where, message=message, content=content)

    facts = [claimed("m1", "welcome"), claimed("m2", "case")]
    assert sent_contents(facts) == {"welcome", "case"}
    assert sent_contents(facts, but="m2") == {"welcome"}


# ------------------------------------------------------------------------------------------------- what became of it
TASK = Task(key="nurture:lead-1:welcome", kind="nurture:welcome", due_at=NOW, lead_id="lead-1",
            payload={"sequence": "welcome"}, status="leased", lease="mine")  # fmt: skip
MESSAGE = Message(id=MAIL, to="ada@acme.example", subject="s", text="t", at=NOW)


def settled(failure, retry_at=None, **parts):
    return settled_message(SIGNED, MOMENT, reader(**parts), TASK, MESSAGE, "welcome", failure, retry_at=retry_at)


def test_a_message_that_was_taken_is_sent_and_the_next_step_is_planned():
    change = settled(None)
    assert kinds(change) == ["message_sent", "enrolment_changed"]
    assert (step_of(change).step, step_of(change).due_at) == (1, NOW + 3 * DAY)
    assert f"fate:{MAIL}" in change.cancel


def test_a_rejected_message_ends_the_sequence_with_what_the_server_said():
    change = settled(Rejected("550 no such user"))
    assert kinds(change) == ["message_failed", "enrolment_changed"]
    assert step_of(change).ended == "rejected: 550 no such user"


@pytest.mark.parametrize(("failure", "closes"), [(Rejected("550 no user"), True), (MailRefused("554 spam"), False)])
def test_a_mailbox_that_refuses_all_mail_is_closed_for_everybody_one_that_refused_this_is_not(failure, closes):
    change = settled_message(
        SIGNED, MOMENT, reader(), TASK, MESSAGE, "welcome", failure, retry_at=None, listed=listed()
    )
    written: Any = [state.value for state in change.states]
    bans = [ban["why"] for value in written for ban in value["suppressions"]]
    assert bans == (["bounce"] if closes else [])


def test_a_deferred_message_gives_its_claim_back_and_is_tried_again():
    again = NOW + timedelta(minutes=1)
    change = settled(Deferred("451 later"), retry_at=again)
    assert change.facts == ()
    assert [claim.key for claim in change.release] == [f"message:{MAIL}"]
    (retried,) = change.settle
    assert (retried.outcome, retried.due_at, retried.lease) == ("retry", again, "mine")


def test_a_message_that_was_deferred_for_the_last_time_has_failed():
    assert kinds(settled(Deferred("451 later"))) == ["message_failed", "enrolment_changed"]


@pytest.mark.parametrize("failure", [Uncertain("connection lost")])
def test_what_may_have_arrived_is_uncertain_listed_dead_and_never_sent_again(failure):
    change = settled(failure, retry_at=NOW + timedelta(minutes=1))
    assert kinds(change) == ["message_uncertain", "enrolment_changed"]
    (dead,) = (task for task in change.put if task.status == "dead")
    assert (dead.key, dead.status, dead.kind) == (f"uncertain:{MAIL}", "dead", "uncertain_message")
    assert step_of(change).step == 1
    assert change.release == ()  # the claim stays: nobody sends it again


FATE = Task(key=f"fate:{MAIL}", kind="fate", due_at=NOW, lead_id="lead-1",
            payload={"message": MAIL, "content": "welcome", "sequence": "welcome"})  # fmt: skip


def test_a_message_whose_fate_nobody_noted_is_uncertain():
    change = lost_message(SIGNED, MOMENT, reader(), FATE)
    assert kinds(change) == ["message_uncertain", "enrolment_changed"]
    assert [task.key for task in change.put if task.status == "dead"] == [f"uncertain:{MAIL}"]


def test_a_message_that_was_put_off_waits_on_while_its_lead_waits_for_it():
    put_off = FATE.but(payload={**FATE.payload, "error": "451 later"})
    waits = lost_message(SIGNED, MOMENT, reader(), put_off)
    assert waits.facts == ()
    assert {task.key: task.due_at for task in waits.put} == {FATE.key: NOW + timedelta(hours=1)}
    moved_on = lost_message(SIGNED, MOMENT, reader(enrolments=[SENDING | {"step": 1}]), put_off)
    assert kinds(moved_on) == ["message_failed"]


def test_a_step_that_can_not_be_written_is_skipped_with_its_error():
    change = dismissed(SIGNED, MOMENT, reader(), "welcome", "no such field")
    skipped = next(fact for fact in change.facts if isinstance(fact, MessageSkipped))
    assert skipped.reasons == ("dismissed: no such field",)
    assert step_of(change).step == 1
    assert dismissed(SIGNED, MOMENT, reader(enrolments=[]), "welcome", "x").is_empty


def test_a_closed_mailbox_is_found_in_whatever_spelling():
    ban = Suppression(why="hand", since=NOW, by="rep anna")
    found = listed(ban)
    assert found.standing(found.place(ContactPoint("email", "ADA@Acme.example")), None) == (ban,)
