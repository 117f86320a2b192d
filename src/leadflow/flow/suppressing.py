"""Mailboxes and numbers that are closed by hand, by a complaint, or opened again with proof."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Final, Literal

from leadflow.decisions.commands import Moved, command, consents_withdrawn
from leadflow.decisions.draft import Decided, Draft
from leadflow.decisions.suppression import SuppressionList, contact_points, named
from leadflow.entities import ActedBy, LeadId, Lift, Suppression
from leadflow.errors import InvalidInput
from leadflow.events import Change, StateWrite
from leadflow.flow.core import Core
from leadflow.flow.given import line_of
from leadflow.nurturing.mailboxes import ContactPoint
from leadflow.quality import check_email, check_phone

__all__ = ["Suppressing"]

PROOF_LIMIT: Final = 1_000


class Suppressing(Core):
    """The suppression list: what holds for every lead that reaches a mailbox or number, whatever its spelling."""

    def suppress(
        self,
        address: str,
        *,
        reason: str,
        by: ActedBy,
        purpose: str | None = None,
        why: Literal["hand", "complaint", "bounce"] = "hand",
    ) -> tuple[Suppression, ...]:
        """Close a mailbox or number, for one purpose or for all; return what stands against it now.

        Nothing goes there any more, for no lead that reaches it, until the person says yes again with proof, or
        ``unsuppress`` opens it. A complaint or a bounce that your mail server reports is given by ``why``. The same
        twice changes nothing. Write no personal data into ``reason``: it outlives erasure.
        """
        point, reason = self._point_of(address), line_of("reason", reason)
        purpose = None if purpose is None else line_of("purpose", purpose)

        def closed(listed: SuppressionList) -> None:
            moment = self._moment(by)
            ban = Suppression(purpose=purpose, why=why, since=moment.now, by=named(moment.by), reason=reason)
            listed.ban(listed.place(point), ban)

        return self._changed(point, closed)

    def unsuppress(
        self, address: str, *, proof: str, by: ActedBy, purpose: str | None = None
    ) -> tuple[Suppression, ...]:
        """Open a mailbox or number again, for one purpose or for all; return what stands against it still.

        ``proof`` is what would convince a court that the person wants it. What each lead has withdrawn stays withdrawn:
        messages need its new consent. Write no personal data into ``proof``: it outlives erasure.
        """
        point, proof = self._point_of(address), line_of("proof", proof, PROOF_LIMIT)
        purpose = None if purpose is None else line_of("purpose", purpose)

        def opened(listed: SuppressionList) -> None:
            moment = self._moment(by)
            lift = Lift(purpose=purpose, at=moment.now, by=named(moment.by), proof=proof)
            listed.lift(listed.place(point), lift)

        return self._changed(point, opened)

    def suppressed(self, address: str, purpose: str | None = None) -> tuple[Suppression, ...]:
        """Return what stands against a mailbox or number, for one purpose or for any; empty when it is open.

        What one lead has taken back for itself alone still stands for all others.
        """
        point = self._point_of(address)
        listed = self._suppressions([point])
        return listed.standing(listed.place(point), purpose)

    def complain(
        self,
        lead_id: LeadId,
        *,
        proof: str,
        at: datetime | None = None,
        by: ActedBy | None = None,
        key: str | None = None,
    ) -> Moved:
        """Note that the person complained of mail (a spam button, a letter): consent by e-mail is withdrawn throughout.

        Its mailboxes are closed for every purpose and every lead that reaches them. Where you know the address only,
        call ``suppress`` with ``why="complaint"``.
        """
        proof = line_of("proof", proof, PROOF_LIMIT)

        def decide() -> Decided[Moved]:
            moment = self._moment(by, at)
            lead = self._lead(lead_id)
            listed = self._suppressions(contact_points(lead.emails, ()), claimed=True)
            ban = Suppression(why="complaint", since=moment.now, by="person")

            def besides(_draft: Draft) -> tuple[StateWrite, ...]:
                for point in listed.points_of(lead.but(phones=())):
                    listed.ban(listed.place(point), ban)
                return listed.writes()

            step = consents_withdrawn("email", proof)
            return command(self.policy, moment, lead, self._known(lead, moment.now), step, besides)

        payload = {"command": "complain", "lead": lead_id, "proof": proof, "at": at}
        return self._run(decide, Moved, key=key, payload=payload)

    def _changed(self, point: ContactPoint, change: Callable[[SuppressionList], None]) -> tuple[Suppression, ...]:
        def attempt() -> tuple[Suppression, ...]:
            listed = self._suppressions([point])
            change(listed)
            self._save(Change(states=listed.writes()))
            return listed.standing(listed.place(point), None)

        return self._until_saved(attempt)

    def _point_of(self, address: str) -> ContactPoint:
        """Read an address or number as those of leads are read, so that both are the same text."""
        text = line_of("address", address)
        if "@" in text:
            email = check_email(text).value
            if email is not None and email.address:
                return ContactPoint("email", email.address)
        else:
            phone = check_phone(text, self.policy.country).value
            if phone is not None and phone.number:
                return ContactPoint("phone", phone.number)
        remedy = "give an e-mail address such as ada@acme.example, or a phone number with + and country code"
        raise InvalidInput("address", text, remedy)
