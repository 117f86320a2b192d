"""Placement: the account that somebody has put a lead into, and the account that a company's own data names."""

from __future__ import annotations

from leadflow.entities.base import Entity, Line
from leadflow.entities.domains import registrable_domain
from leadflow.entities.folding import name_key
from leadflow.entities.person import Company

__all__ = ["Placement", "own_account"]


class Placement(Entity):
    """The account that a lead was put into, ``instead_of`` the one that its company's domain or name says.

    It counts until they say something else: who changes the company leaves it; that a country becomes known changes
    nothing. ``chosen`` is the account that was named for this lead, None if it came with an account merge.
    """

    account: Line
    instead_of: Line | None = None
    chosen: Line | None = None

    def counts(self, own: str | None) -> bool:
        """Whether it still counts for a lead whose company names this account."""
        return _company(own) == _company(self.instead_of)


def _company(account: str | None) -> str | None:
    return account and account.partition("|")[0]


def own_account(company: Company) -> str | None:
    """Return the account that a company's data names: its registered domain, else its name and country."""
    domain = registrable_domain(company.domain) if company.domain else None
    if domain is not None:
        return domain
    return f"{name_key(company.name)}|{company.country or ''}" if company.name else None
