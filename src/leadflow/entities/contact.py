"""Contact points: e-mail addresses, phone numbers, social profiles, a postal address."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final, Literal

from pydantic import Field

from leadflow.entities.base import Entity, Line

__all__ = [
    "NUMBER_FIRST",
    "Address",
    "Email",
    "EmailKind",
    "ExternalId",
    "Phone",
    "PhoneKind",
    "SocialProfile",
    "dialled_forms",
]

EmailKind = Literal["business", "free", "role", "disposable"]
PhoneKind = Literal["mobile", "landline", "other"]
NUMBER_FIRST: Final = frozenset("US CA GB IE AU NZ FR MC LU ZA IN SG".split())
"""The countries where the house number stands before the street."""
CODE_DIGITS: Final = 3
"""The number of digits in the longest country code."""


class Email(Entity):
    """An e-mail address in its normalised form; ``kind`` says whom it can identify (a role address: nobody).

    ``claimed`` is False for an address that was given in addition to the main one, or that somebody else has verified
    as theirs. It is kept, but identifies nobody and gets no mail until a verified submission of this lead names it.
    """

    address: Line | None = None
    domain: Line | None = None
    kind: EmailKind | None = None
    verified: bool = False
    claimed: bool = True


class Phone(Entity):
    """A phone number in E.164, with its country."""

    number: Line | None = None
    kind: PhoneKind | None = None
    country: str | None = Field(default=None, pattern="^[A-Z]{2}$")


def dialled_forms(phone: Phone) -> Iterator[str]:
    """The forms in which people write the number: with the country code, and without (of one to three digits)."""
    digits = (phone.number or "").removeprefix("+")
    yield digits
    if len(digits) > 2 * CODE_DIGITS:
        yield from (digits[cut:] for cut in range(1, CODE_DIGITS + 1))


class SocialProfile(Entity):
    """A profile on a network: ``network="linkedin", handle="ada"``."""

    network: Line
    handle: Line


class ExternalId(Entity):
    """The lead's id in another system. ``reachable``: that system holds a contact point (pseudonymised imports)."""

    system: Line
    id: Line
    reachable: bool = False


class Address(Entity):
    """A postal address; ``country`` is ISO 3166-1 alpha-2."""

    street: Line | None = None
    house_number: Line | None = None
    postcode: Line | None = None
    city: Line | None = None
    region: Line | None = None
    country: str | None = Field(default=None, pattern="^[A-Z]{2}$")

    @property
    def is_deliverable(self) -> bool:
        """Whether a letter could be delivered: there is a city, and a street or a postcode."""
        return bool(self.city and (self.street or self.postcode))
