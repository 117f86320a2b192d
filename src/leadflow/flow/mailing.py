"""Sending messages of sequences: claim, hand to the mail server, record the outcome, in this order."""

from __future__ import annotations

import logging
import socket
from typing import Any, Final

from leadflow.decisions.messages import (
    SENDING,
    Outgoing,
    lost_message,
    message_claim,
    message_id,
    next_message,
    sent_contents,
    settled_message,
)
from leadflow.decisions.policy import CommandContext, retry_at
from leadflow.decisions.reads import Asking, holders, leads_with
from leadflow.decisions.suppression import contact_points, suppressions
from leadflow.entities import Lead, Message, Task
from leadflow.errors import Deferred, DeliveryFailed, Refused, Rejected, Uncertain, described
from leadflow.events import Change
from leadflow.flow.effects import Program, collected
from leadflow.flow.fact_pages import facts_of
from leadflow.flow.outbox import Outbox
from leadflow.flow.runner import Runner
from leadflow.flow.tasks import done, holds, lead_of, moment_of_task, with_lead
from leadflow.nurturing.mailboxes import ContactPoint

__all__ = ["do_fate", "do_nurture", "never_connected"]

_log = logging.getLogger("leadflow")

NOBODY_THERE: Final = (ConnectionRefusedError, socket.gaierror)
"""Errors before there is a connection; all others may occur in the middle of a message."""


def do_nurture(runner: Runner, outbox: Outbox, task: Task) -> Program[str | None]:
    """Take the due step; a message that was not, or perhaps not, sent counts as a failure, and is settled."""

    def claimed() -> Program[tuple[Outgoing, Lead[Any] | None]]:
        lead = yield from lead_of(task)
        outgoing = (yield from _next_message(runner, task, lead)) if lead else Outgoing(Change())
        change = outgoing.change
        yield from runner.save(change if outgoing.message else change.but(settle=(done(task),)))
        return outgoing, lead

    outgoing, lead = yield from runner.until_saved(claimed, while_=lambda: holds(task))
    message = outgoing.message
    if message is None or lead is None:
        return None
    failure = yield from _sent(outbox, message)
    if failure is not None:
        _log.info("message %s was not sent, or perhaps not: %s", message.id, type(failure).__name__)

    def noted() -> Program[None]:
        now_lead = (yield from leads_with([lead.id])).get(lead.id)
        if now_lead is None:
            return
        moment = CommandContext(now=runner.now())
        again = retry_at(task.attempts, moment.now) if (yield from holds(task)) else None
        listed = yield from runner.asked(suppressions([ContactPoint("email", message.to)]))
        change = settled_message(
            runner.policy, moment, now_lead, task, message, outgoing.content, failure, retry_at=again, listed=listed
        )
        yield from runner.save(change)

    yield from runner.until_saved(noted)
    return None if failure is None or isinstance(failure, Rejected) else described(failure)


def do_fate(runner: Runner, task: Task) -> Program[str | None]:
    """Record a message without an outcome in time as uncertain, whatever happened to the lead."""

    def lost(moment: CommandContext, lead: Lead[Any]) -> Asking[Change]:
        return lost_message(runner.policy, moment, lead, task)
        yield

    yield from with_lead(runner, task, lost)
    return None


def _next_message(runner: Runner, task: Task, lead: Lead[Any]) -> Program[Outgoing]:
    sequence = task.text("sequence")
    enrolment = next((one for one in lead.enrolments if one.sequence == sequence), None)
    mail_id = message_id(lead, enrolment) if enrolment is not None else ""
    facts = []
    for one in (lead.id, *lead.merged):
        facts += yield from collected(facts_of(one, kinds=SENDING))
    return next_message(
        runner.policy,
        moment_of_task(runner, task),
        lead,
        sequence,
        sent=sent_contents(facts, but=mail_id),
        listed=(yield from runner.asked(suppressions(contact_points(lead.emails, lead.phones)))),
        claims=tuple((yield from holders([message_claim(mail_id)] if mail_id else []))),
        known_by=task.leased_until,
    )


def _sent(outbox: Outbox, message: Message) -> Program[DeliveryFailed | None]:
    if outbox.mailer is None:
        raise Refused("no mailer was given to LeadFlow; give one, or no sequences")
    try:
        yield from outbox.send(message)
    except DeliveryFailed as failure:
        return failure
    except Exception as error:  # noqa: BLE001  (a host's mailer may raise anything)
        return Deferred(described(error)) if never_connected(error) else Uncertain(described(error))
    return None


def never_connected(error: BaseException) -> bool:
    """Whether nothing can have been sent: no connection was established, now or before.

    An error raised while handling another one is a second attempt, and the first may have arrived.
    """
    before = [one for one in (error.__cause__, error.__context__) if one is not None]
    return isinstance(error, NOBODY_THERE) and all(map(never_connected, before))
