"""The person and their company."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from leadflow.entities.base import Entity, Line, Text

__all__ = ["BuyingRole", "Company", "Person", "RoleProposal", "Seniority"]

Seniority = Literal["c-level", "director", "manager", "staff", "student"]
BuyingRole = Literal["initiator", "user", "influencer", "gatekeeper", "decider", "buyer"]


class RoleProposal(Entity):
    """A buying role that somebody may have: how confident (0 to 1), and by what. A person confirms or corrects it."""

    role: BuyingRole
    confidence: float = Field(ge=0, le=1)
    because: tuple[Text, ...] = ()


class Person(Entity):
    """A person's name and position; ``language`` is a BCP 47 tag."""

    salutation: Line | None = None
    title: Line | None = None
    first_name: Line | None = None
    last_name: Line | None = None
    job_title: Line | None = None
    department: Line | None = None
    seniority: Seniority | None = None
    language: Line | None = None

    @property
    def full_name(self) -> str | None:
        """First and last name, as far as they are known."""
        return " ".join(part for part in (self.first_name, self.last_name) if part) or None


class Company(Entity):
    """An organisation; ``domain`` is its own (never a free-mail one), ``revenue`` is a year's in EUR.

    ``register_number`` has the register with it: ``HRB 12345, München``; ``vat_number`` its country: ``DE136695976``.
    """

    name: Line | None = None
    legal_form: Line | None = None
    domain: Line | None = None
    industry: Line | None = None
    employees: int | None = Field(default=None, ge=0, le=100_000_000)
    revenue: float | None = Field(default=None, ge=0, allow_inf_nan=False)
    country: str | None = Field(default=None, pattern="^[A-Z]{2}$")
    register_number: Line | None = None
    vat_number: Line | None = None
    lei: Line | None = None
