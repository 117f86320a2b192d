"""When the contact data and the buying role of a lead were last confirmed, and by what."""

from __future__ import annotations

from typing import Final, Literal, get_args

from leadflow.entities.base import Entity, Moment

__all__ = ["BY_TEAM", "GROUPS", "Confirmation", "Confirmed", "ConfirmedBy", "FieldGroup"]

FieldGroup = Literal["email", "phone", "address", "company", "person", "buying_role"]
"""Fields that are confirmed together: the main e-mail address and phone number, address, company, person; the role."""
ConfirmedBy = Literal["submission", "correction", "verification", "delivery", "crm", "bounce"]
"""What was last heard of a group: ``bounce`` is the opposite of a confirmation, the mailbox refuses mail."""
GROUPS: Final[tuple[FieldGroup, ...]] = get_args(FieldGroup)
BY_TEAM: Final[frozenset[ConfirmedBy | None]] = frozenset({"correction", "crm"})
"""What the team has said."""


class Confirmation(Entity):
    """When a group of fields was last heard of, and by what; both None if never since leadflow keeps it."""

    at: Moment | None = None
    by: ConfirmedBy | None = None


class Confirmed(Entity):
    """The last confirmation of each group of fields: ``field("confirmed.email.at").within(days=365)``."""

    email: Confirmation = Confirmation()
    phone: Confirmation = Confirmation()
    address: Confirmation = Confirmation()
    company: Confirmation = Confirmation()
    person: Confirmation = Confirmation()
    buying_role: Confirmation = Confirmation()

    def of(self, group: FieldGroup) -> Confirmation:
        """Return the last confirmation of a group."""
        found: Confirmation = getattr(self, group)
        return found
