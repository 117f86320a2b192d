"""The next message of a sequence: whether it may be sent, its content, and its outcome.

A message is claimed in a Change of its own before it is handed to the mail server. If a claimed message has no outcome,
it is recorded as uncertain and never sent again automatically.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from leadflow.decisions.draft import Draft, change_of
from leadflow.decisions.policy import THE_POLICY, CommandContext, Policy
from leadflow.decisions.suppression import SuppressionList, named
from leadflow.entities import Enrolment, Lead, Message, Settlement, Suppression, Task
from leadflow.errors import Deferred, DeliveryFailed, MailRefused, Rejected
from leadflow.events import (
    Change,
    Claim,
    ContactDue,
    EnrolmentChanged,
    Fact,
    MessageClaimed,
    MessageFailed,
    MessageSent,
    MessageSkipped,
    MessageUncertain,
    StateWrite,
)
from leadflow.nurturing import (
    Content,
    Sequence,
    can_send,
    compose,
    content_for,
    ending,
    next_enrolment,
    unsubscribe_token,
)
from leadflow.nurturing.mailboxes import ContactPoint
from leadflow.nurturing.permission import Permission, recipient

__all__ = [
    "SENDING",
    "Outgoing",
    "dismissed",
    "lost_message",
    "message_claim",
    "message_id",
    "next_message",
    "permission_for",
    "sent_contents",
    "settled_message",
]


@dataclass(frozen=True)
class Outgoing:
    """The result of the next step of a sequence: a Change, and perhaps a message to send once it is saved."""

    change: Change
    message: Message | None = None
    content: str = ""


def message_claim(message_id: str) -> str:
    """Return the claim that ensures that a message is sent at most once."""
    return f"message:{message_id}"


def uncertain_key(message_id: str) -> str:
    """Return the key of the dead task that lists an uncertain message."""
    return f"uncertain:{message_id}"


def fate_key(message_id: str) -> str:
    """Return the key of the task that makes sure that the outcome of a claimed message is recorded."""
    return f"fate:{message_id}"


def message_id(lead: Lead[Any], enrolment: Enrolment) -> str:
    """Return the id of an enrolment's next message: lead, sequence, round and step."""
    return f"{lead.id}.{enrolment.sequence}.{enrolment.round}.{enrolment.step}"


LOST = "claimed, but its outcome was never recorded; it may have been delivered"
SENDING = ("message_claimed", "contact_due")
"""The kinds of facts about contents that a lead has received, or may have."""


def sent_contents(facts: Iterable[Fact], but: str = "") -> frozenset[str]:
    """Return the contents that a lead has received, or may have; ``but`` excludes a message about to be retried."""
    told = (fact for fact in facts if isinstance(fact, MessageClaimed | ContactDue) and fact.message != but)
    return frozenset(fact.content for fact in told)


def next_message(
    policy: Policy,
    moment: CommandContext,
    lead: Lead[Any],
    sequence_name: str,
    *,
    sent: Collection[str] = (),
    listed: SuppressionList | None = None,
    claims: Collection[str] = (),
    known_by: datetime | None = None,
) -> Outgoing:
    """Decide on the step that is due. ``claims`` are the existing claims of this lead's messages.

    ``known_by`` is when the outcome of a message sent now is known at the latest: the end of the task's lease.
    ``listed`` are the suppressions of the lead's addresses and numbers: the Change fails if these change meanwhile.
    """
    enrolment = next((one for one in lead.enrolments if one.sequence == sequence_name), None)
    if enrolment is None or enrolment.due_at is None or enrolment.due_at > moment.now:
        return Outgoing(Change())
    sequence = policy.sequences[sequence_name]
    draft = Draft.of(lead, policy, moment)
    why = ending(lead, sequence)
    if why:
        return _ended(draft, enrolment, why)
    if message_claim(message_id(lead, enrolment)) in claims:
        return Outgoing(_lost_sight(draft, enrolment, sequence))
    verdict = permission_for(policy, lead, sequence, listed, moment.now)
    if not verdict.allowed and verdict.earliest is not None:
        draft.say(EnrolmentChanged, by=THE_POLICY, enrolment=enrolment.but(due_at=verdict.earliest))
        return Outgoing(change_of(draft))
    choice = content_for(sequence, enrolment.step, policy.contents, lead, sent)
    if not verdict.allowed or choice.content is None:
        reasons = verdict.reasons or choice.because
        content = choice.content.name if choice.content else "(none)"
        draft.say(MessageSkipped, message=message_id(lead, enrolment), content=content, reasons=reasons)
        if not verdict.allowed:
            return _ended(draft, enrolment, verdict.reasons[0])
        return Outgoing(_stepped(draft, enrolment, sequence))
    looked_at = listed.looked_at(lead, sequence.purpose, sequence.channel) if listed else ()
    return _composed(draft, enrolment, sequence, choice.content, looked_at, known_by or moment.now)


def permission_for(
    policy: Policy, lead: Lead[Any], sequence: Sequence, listed: SuppressionList | None, now: datetime
) -> Permission:
    """Return whether a message of a sequence may be sent to a lead now, and if not, why and from when."""
    return can_send(
        lead,
        purpose=sequence.purpose,
        channel=sequence.channel,
        suppressed=listed.against(lead, sequence.purpose, sequence.channel) if listed else (),
        now=now,
        quiet=policy.quiet,
    )


def dismissed(policy: Policy, moment: CommandContext, lead: Lead[Any], sequence_name: str, error: str) -> Change:
    """Skip a step that failed too often: the lead continues with the next."""
    enrolment = next((one for one in lead.enrolments if one.sequence == sequence_name and one.due_at), None)
    if enrolment is None:
        return Change()
    draft, sequence = Draft.of(lead, policy, moment), policy.sequences[sequence_name]
    reasons = (f"dismissed: {error}",)
    draft.say(MessageSkipped, message=message_id(lead, enrolment), content="(none)", reasons=reasons)
    return _stepped(draft, enrolment, sequence)


def _composed(
    draft: Draft,
    enrolment: Enrolment,
    sequence: Sequence,
    content: Content,
    looked_at: tuple[StateWrite, ...],
    known_by: datetime,
) -> Outgoing:
    lead, policy = draft.lead, draft.policy
    mail_id = message_id(lead, enrolment)
    if sequence.channel != "email":
        draft.say(ContactDue, message=mail_id, content=content.name, channel=sequence.channel)
        return Outgoing(_stepped(draft, enrolment, sequence, looked_at))
    url = None
    if policy.unsubscribe_url and policy.secrets:
        mailbox = looked_at[0].key if looked_at else None
        token = unsubscribe_token(lead.id, sequence.purpose, sequence.channel, policy.secrets[0], mailbox=mailbox)
        url = policy.unsubscribe_url.replace("{token}", token)
    message = compose(
        lead,
        content,
        message_id=mail_id,
        sender=policy.sender,
        unsubscribe_url=url,
        now=draft.moment.now,
        to=recipient(lead, sequence.purpose, "email"),
    )
    draft.say(MessageClaimed, message=mail_id, content=content.name)
    claim = Claim(key=message_claim(mail_id), lead_id=lead.id)
    fate = _fate_task(lead, mail_id, content.name, sequence.name, known_by)
    return Outgoing(change_of(draft, claims=(claim,), states=looked_at, put=(fate,)), message, content.name)


def settled_message(
    policy: Policy,
    moment: CommandContext,
    lead: Lead[Any],
    task: Task,
    message: Message,
    content: str,
    failure: DeliveryFailed | None,
    *,
    retry_at: datetime | None,
    listed: SuppressionList | None = None,
) -> Change:
    """Record the outcome of a message that was handed to the mail server; ``retry_at`` None: no more attempts.

    It replaces an outcome that was recorded as uncertain in the meantime. A mailbox that refuses mail permanently is
    closed for everybody, on the list of suppressions that was read.
    """
    mail_id = message.id
    if isinstance(failure, Deferred) and retry_at is not None and task.lease:
        claim = Claim(key=message_claim(mail_id), lead_id=lead.id)
        again = Settlement(key=task.key, lease=task.lease, outcome="retry", due_at=retry_at, error=str(failure))
        late = retry_at + (retry_at - moment.now)
        waits = _fate_task(lead, mail_id, content, task.text("sequence"), late, error=str(failure))
        return Change(release=(claim,), settle=(again,), put=(waits,))
    draft = Draft.of(lead, policy, moment)
    if failure is None:
        draft.say(MessageSent, message=mail_id, content=content)
    elif isinstance(failure, Rejected | Deferred):
        bounced = isinstance(failure, Rejected) and not isinstance(failure, MailRefused)
        draft.say(MessageFailed, message=mail_id, content=content, error=str(failure), bounced=bounced)
    else:
        draft.say(MessageUncertain, message=mail_id, content=content, error=str(failure))
    enrolment = _enrolment_of(lead, mail_id)
    sequence = policy.sequences.get(enrolment.sequence) if enrolment else None
    if enrolment is not None and sequence is not None:
        after = next_enrolment(enrolment, sequence, moment.now)
        if isinstance(failure, Rejected):
            after = enrolment.but(due_at=None, ended=f"rejected: {failure}"[:200])
        draft.say(EnrolmentChanged, by=THE_POLICY, enrolment=after)
    more: dict[str, Any] = {"cancel": (fate_key(mail_id), uncertain_key(mail_id))}
    if _is_unknown(failure):
        more["put"] = (_dead_letter(lead, mail_id, str(failure), moment.now),)
    if listed is not None and isinstance(failure, Rejected) and not isinstance(failure, MailRefused):
        bounce = Suppression(why="bounce", since=moment.now, by=named(moment.by))
        listed.ban(listed.place(ContactPoint("email", message.to)), bounce)
        more["states"] = listed.writes()
    return change_of(draft, **more)


def _is_unknown(failure: DeliveryFailed | None) -> bool:
    return failure is not None and not isinstance(failure, Rejected | Deferred)


def _enrolment_of(lead: Lead[Any], mail_id: str) -> Enrolment | None:
    """Return the enrolment that still waits for this message; None if it has advanced."""
    return next((one for one in lead.enrolments if not one.ended and message_id(lead, one) == mail_id), None)


def _fate_task(lead: Lead[Any], mail_id: str, content: str, sequence: str, due_at: datetime, **more: str) -> Task:
    payload = {"message": mail_id, "content": content, "sequence": sequence, **more}
    return Task(key=fate_key(mail_id), kind="fate", due_at=due_at, lead_id=lead.id, payload=payload)


def lost_message(policy: Policy, moment: CommandContext, lead: Lead[Any], task: Task) -> Change:
    """Record the outcome of a message for which none was recorded in time.

    The sender is gone, or slower than its lease: the outcome is uncertain. A message that the mail server has deferred
    has failed once its lead no longer waits for it.
    """
    mail_id, content, put_off = task.text("message"), task.text("content"), task.payload.get("error")
    sequence, enrolment = policy.sequences.get(task.text("sequence")), _enrolment_of(lead, mail_id)
    if put_off and enrolment is not None:
        later = moment.now + timedelta(hours=1)
        return Change(put=(task.but(due_at=later, status="waiting", lease=None, leased_until=None, attempts=0),))
    draft = Draft.of(lead, policy, moment)
    if put_off:
        draft.say(MessageFailed, message=mail_id, content=content, error=str(put_off))
        return change_of(draft)
    draft.say(MessageUncertain, message=mail_id, content=content, error=LOST)
    if enrolment is not None and sequence is not None:
        draft.say(EnrolmentChanged, by=THE_POLICY, enrolment=next_enrolment(enrolment, sequence, moment.now))
    return change_of(draft, put=(_dead_letter(lead, mail_id, LOST, moment.now),))


def _lost_sight(draft: Draft, enrolment: Enrolment, sequence: Sequence) -> Change:
    """The step's message is claimed already: its own task takes care of the outcome; the lead continues."""
    draft.say(EnrolmentChanged, by=THE_POLICY, enrolment=next_enrolment(enrolment, sequence, draft.moment.now))
    return change_of(draft)


def _dead_letter(lead: Lead[Any], mail_id: str, error: str, now: datetime) -> Task:
    return Task(
        key=uncertain_key(mail_id),
        kind="uncertain_message",
        due_at=now,
        lead_id=lead.id,
        payload={"message": mail_id},
        status="dead",
        error=error,
    )


def _stepped(draft: Draft, enrolment: Enrolment, sequence: Sequence, states: tuple[StateWrite, ...] = ()) -> Change:
    draft.say(EnrolmentChanged, by=THE_POLICY, enrolment=next_enrolment(enrolment, sequence, draft.moment.now))
    return change_of(draft, states=states)


def _ended(draft: Draft, enrolment: Enrolment, why: str) -> Outgoing:
    draft.say(EnrolmentChanged, by=THE_POLICY, enrolment=enrolment.but(due_at=None, ended=why))
    return Outgoing(change_of(draft))
