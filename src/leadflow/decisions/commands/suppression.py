"""Suppression: closing mailboxes and numbers by hand, and opening them again with proof."""

from __future__ import annotations

from abc import abstractmethod
from dataclasses import KW_ONLY, dataclass
from datetime import datetime
from typing import Final, Literal

from leadflow.decisions.arguments import acting, line_of
from leadflow.decisions.commands.command import Wish, moment_by
from leadflow.decisions.draft import Decided
from leadflow.decisions.policy import CommandContext, Policy
from leadflow.decisions.reads import Asking
from leadflow.decisions.suppression import SuppressionList, named, suppressions
from leadflow.entities import ActedBy, Lift, Suppression
from leadflow.errors import InvalidInput
from leadflow.events import Change
from leadflow.nurturing.mailboxes import ContactPoint
from leadflow.quality import check_email, check_phone

__all__ = ["Suppress", "Unsuppress", "contact_point_at", "suppressed"]

PROOF_LIMIT: Final = 1_000


@dataclass(frozen=True)
class _ListChange(Wish[tuple[Suppression, ...]]):
    """A change to the suppressions of one mailbox or number."""

    address: str
    _: KW_ONLY
    by: ActedBy
    purpose: str | None = None

    def __post_init__(self) -> None:
        purpose = None if self.purpose is None else line_of("purpose", self.purpose)
        self._read(address=line_of("address", self.address), by=acting(self.by), purpose=purpose)

    @abstractmethod
    def change(self, listed: SuppressionList, point: ContactPoint, moment: CommandContext) -> None:
        """Return the changed suppressions."""

    def decide(self, policy: Policy, now: datetime) -> Asking[Decided[tuple[Suppression, ...]]]:
        point = contact_point_at(self.address, policy.country)
        listed = yield from suppressions([point])
        self.change(listed, point, moment_by(now, self.by))
        return Decided(Change(states=listed.writes()), listed.standing(listed.place(point), None))


@dataclass(frozen=True)
class Suppress(_ListChange):
    """Close a mailbox or number, for one purpose or for all; return its current suppressions.

    No lead that reaches it gets messages there until the person consents again with proof, or ``unsuppress`` opens it.
    ``why`` is for complaints and bounces that your mail server reports. Repeating it changes nothing. Write no personal
    data into ``reason``: it outlives erasure.
    """

    _: KW_ONLY
    reason: str
    why: Literal["hand", "complaint", "bounce"] = "hand"

    def __post_init__(self) -> None:
        super().__post_init__()
        self._read(reason=line_of("reason", self.reason))

    def change(self, listed: SuppressionList, point: ContactPoint, moment: CommandContext) -> None:
        ban = Suppression(purpose=self.purpose, why=self.why, since=moment.now, by=named(moment.by), reason=self.reason)
        listed.ban(listed.place(point), ban)


@dataclass(frozen=True)
class Unsuppress(_ListChange):
    """Open a mailbox or number again, for one purpose or for all; return its remaining suppressions.

    ``proof`` is what would convince a court that the person wants it. What each lead has withdrawn stays withdrawn:
    messages need its new consent. Write no personal data into ``proof``: it outlives erasure.
    """

    _: KW_ONLY
    proof: str

    def __post_init__(self) -> None:
        super().__post_init__()
        self._read(proof=line_of("proof", self.proof, PROOF_LIMIT))

    def change(self, listed: SuppressionList, point: ContactPoint, moment: CommandContext) -> None:
        lift = Lift(purpose=self.purpose, at=moment.now, by=named(moment.by), proof=self.proof)
        listed.lift(listed.place(point), lift)


def suppressed(policy: Policy, address: str, purpose: str | None = None) -> Asking[tuple[Suppression, ...]]:
    """Read the suppressions of a mailbox or number."""
    point = contact_point_at(address, policy.country)
    listed = yield from suppressions([point])
    return listed.standing(listed.place(point), purpose)


def contact_point_at(address: str, country: str | None) -> ContactPoint:
    """Normalise an address or number in the same way as those of leads."""
    text = line_of("address", address)
    if "@" in text:
        email = check_email(text).value
        if email is not None and email.address:
            return ContactPoint("email", email.address)
    else:
        phone = check_phone(text, country).value
        if phone is not None and phone.number:
            return ContactPoint("phone", phone.number)
    remedy = "give an e-mail address such as ada@acme.example, or a phone number with + and country code"
    raise InvalidInput("address", text, remedy)
