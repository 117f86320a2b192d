"""Messages of sequences: claimed, handed to the mail server, and noted, in this order."""

from __future__ import annotations

import socket
from typing import Any, Final

from leadflow.decisions.messaging import (
    SENDING,
    Outgoing,
    lost_message,
    message_claim,
    message_id,
    next_message,
    sent_contents,
    settled_message,
)
from leadflow.decisions.policy import retry_at
from leadflow.decisions.suppression import contact_points
from leadflow.entities import Lead, Message, Task
from leadflow.errors import Deferred, DeliveryFailed, Refused, Rejected, Uncertain, described
from leadflow.events import Change
from leadflow.flow.tasks import Tasks, done
from leadflow.nurturing.mailboxes import ContactPoint
from leadflow.ports import Mailer

__all__ = ["Mailing"]

NOBODY_THERE: Final = (ConnectionRefusedError, socket.gaierror)
"""What is raised before there is a connection; all else may come in the middle of a message."""


class Mailing(Tasks):
    """The step of a sequence that is due."""

    def _do_nurture(self, task: Task) -> str | None:
        """Take the step that is due; a message that did not go, or may not have gone, is a failure, and settled."""

        def claimed() -> tuple[Outgoing, Lead[Any] | None]:
            lead = self.storage.load([task.lead_id or ""]).get(task.lead_id or "")
            outgoing = self._next_message(task, lead) if lead else Outgoing(Change())
            change = outgoing.change
            self._save(change if outgoing.message else change.but(settle=(done(task),)))
            return outgoing, lead

        outgoing, lead = self._until_saved(claimed, while_=lambda: self._holds(task))
        message = outgoing.message
        if message is None or lead is None:
            return None
        failure = self._sent(message)

        def noted() -> None:
            now_lead = self.storage.load([lead.id]).get(lead.id)
            if now_lead is not None:
                moment, content = self._moment(), outgoing.content
                again = retry_at(task.attempts, moment.now) if self._holds(task) else None
                listed = self._suppressions([ContactPoint("email", message.to)])
                self._save(
                    settled_message(
                        self.policy, moment, now_lead, task, message, content, failure, retry_at=again, listed=listed
                    )
                )

        self._until_saved(noted)
        return None if failure is None or isinstance(failure, Rejected) else described(failure)

    def _do_fate(self, task: Task) -> None:
        """Note a message whose fate nobody has noted in time: it is uncertain, whatever became of the lead."""
        self._with_lead(task, lambda moment, lead: lost_message(self.policy, moment, lead, task))

    def _mailer(self) -> Mailer:
        if self.mailer is None:
            raise Refused("no mailer was given to LeadFlow; give one, or no sequences")
        return self.mailer

    def _next_message(self, task: Task, lead: Lead[Any]) -> Outgoing:
        sequence = task.text("sequence")
        facts = self._facts(lead.id, kinds=SENDING)
        enrolment = next((one for one in lead.enrolments if one.sequence == sequence), None)
        mail_id = message_id(lead, enrolment) if enrolment is not None else ""
        claims = [message_claim(mail_id)] if mail_id else []
        return next_message(
            self.policy,
            self._moment_of(task),
            lead,
            sequence,
            sent=sent_contents(facts, but=mail_id),
            listed=self._suppressions(contact_points(lead.emails, lead.phones)),
            claims=tuple(self.storage.holders(claims)),
            known_by=task.leased_until,
        )

    def _sent(self, message: Message) -> DeliveryFailed | None:
        try:
            self._mailer().send(message)
        except DeliveryFailed as failure:
            return failure
        except Exception as error:  # noqa: BLE001  (a host's mailer may raise anything)
            return Deferred(described(error)) if _never_connected(error) else Uncertain(described(error))
        return None


def _never_connected(error: BaseException) -> bool:
    """Whether nobody was there to take a message: no connection came about, and none was there before.

    Raised while something else was handled, it is the second try of a mailer whose first may have arrived.
    """
    before = [one for one in (error.__cause__, error.__context__) if one is not None]
    return isinstance(error, NOBODY_THERE) and all(map(_never_connected, before))
