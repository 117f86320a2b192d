"""Whose company somebody belongs to: what speaks for it, as likelihoods with their reasons.

The likelihoods are settings, not estimates: a spelling of the whole name is worth more than a similar one, and what a
single clue can't carry (a postcode that many share) helps only another. Independent clues add up as probabilities:
``1 - (1 - a)(1 - b)``; of clues of one kind the strongest counts.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal, NamedTuple

from leadflow.entities import Lead
from leadflow.entities.domains import registrable_domain
from leadflow.entities.folding import name_key, words_of
from leadflow.quality.email import is_own_domain

__all__ = ["LEAST", "AccountClue", "AccountSuggestion", "account_clues", "suggested_accounts", "switchboard"]

SIMILAR: Final = 0.92
"""The Jaro-Winkler similarity from which two names are spelled alike."""
SHORTEST: Final = 4
"""Shorter names are too often parts, or abbreviations, of others."""
EXTENSION: Final = 3
"""The digits of a number behind those that the extensions of one switchboard share."""
SHORTEST_NUMBER: Final = 9
ABROAD: Final = 0.4
"""What remains of a clue if the two are in different countries."""
LEAST: Final = 0.5
"""What is less likely than not is not suggested."""


class AccountClue(NamedTuple):
    """One thing that speaks for a company: how likely it makes it by itself, and why."""

    kind: Literal["domain", "name", "phone", "place"]
    likelihood: float
    because: str


@dataclass(frozen=True)
class AccountSuggestion:
    """An account that a lead probably belongs to: how likely (0 to 1), and every reason."""

    account: str
    name: str | None
    likelihood: float
    because: tuple[str, ...]

    def __str__(self) -> str:
        return f"{self.account} ({self.name or 'no name'}) {self.likelihood:.0%}: {', '.join(self.because)}"


def suggested_accounts(
    lead: Lead[Any],
    accounts: Mapping[str, Sequence[Lead[Any]]],
    name_of: Callable[[Sequence[Lead[Any]]], str | None],
) -> list[AccountSuggestion]:
    """Return the accounts, given by some who belong to them, that a lead probably belongs to, the most likely first."""
    found = []
    for account, members in accounts.items():
        clues = _strongest(clue for member in members for clue in account_clues(lead, member))
        if (likelihood := _likelihood(clues)) >= LEAST:
            because = tuple(clue.because for clue in clues)
            found.append(AccountSuggestion(account, name_of(members), likelihood, because))
    return sorted(found, key=lambda one: (-one.likelihood, one.account))


def account_clues(lead: Lead[Any], other: Lead[Any]) -> Iterator[AccountClue]:
    """Return what speaks for a lead's working at the same company as another one."""
    domain = registrable_domain(other.company.domain) if other.company.domain else None
    if domain is not None and is_own_domain(domain):
        if any(email.domain and registrable_domain(email.domain) == domain for email in lead.emails):
            yield AccountClue("domain", 0.95, f"an e-mail address at {domain}")
        elif lead.company.domain and registrable_domain(lead.company.domain) == domain:
            yield AccountClue("domain", 0.95, f"the domain {domain}")
    yield from _names(lead, other, domain)
    yield from _phones(lead, other)
    yield from _places(lead, other)


def _strongest(clues: Iterable[AccountClue]) -> tuple[AccountClue, ...]:
    """Return the strongest clue of each kind, the most likely first."""
    found: dict[str, AccountClue] = {}
    for clue in sorted(clues, key=lambda one: (-one.likelihood, one.because)):
        found.setdefault(clue.kind, clue)
    return tuple(found.values())


def _likelihood(clues: Iterable[AccountClue]) -> float:
    """Return how likely independent clues make a company together."""
    against = 1.0
    for clue in clues:
        against *= 1 - clue.likelihood
    return round(1 - against, 4)


def _names(lead: Lead[Any], other: Lead[Any], domain: str | None) -> Iterator[AccountClue]:
    name, theirs = lead.company.name, other.company.name
    if name is None:
        return
    key, abroad = name_key(name), ABROAD if _differ(_country(lead), _country(other)) else 1.0
    if theirs is not None and key == name_key(theirs):
        yield AccountClue("name", 0.8 * abroad, f"the company {name} is {theirs}")
    elif theirs is not None and _are_alike(key, name_key(theirs)):
        yield AccountClue("name", 0.5 * abroad, f"the company {name} is spelled like {theirs}")
    if domain is not None and len(key) >= SHORTEST and key == name_key(domain.partition(".")[0]):
        yield AccountClue("name", 0.7 * abroad, f"the company {name} is spelled like {domain}")


def _are_alike(one: str, other: str) -> bool:
    from rapidfuzz.distance import JaroWinkler  # it takes a while to load

    shorter = min(len(one), len(other))
    return shorter > SHORTEST and JaroWinkler.similarity(one, other) >= SIMILAR


def _country(lead: Lead[Any]) -> str | None:
    return lead.company.country or lead.address.country


def _differ(one: str | None, other: str | None) -> bool:
    return one is not None and other is not None and one != other


def switchboard(number: str) -> str:
    """Return what the extensions of one switchboard have in common."""
    return number[:-EXTENSION]


def _phones(lead: Lead[Any], other: Lead[Any]) -> Iterator[AccountClue]:
    theirs = {phone.number for phone in other.phones if phone.number}
    switchboards = {switchboard(number) for number in theirs if len(number) >= SHORTEST_NUMBER}
    for phone in lead.phones:
        if phone.number in theirs:
            yield AccountClue("phone", 0.7, f"the phone number {phone.number}")
        elif phone.number and phone.kind != "mobile" and switchboard(phone.number) in switchboards:
            yield AccountClue("phone", 0.4, f"phone numbers that begin with {switchboard(phone.number)}")


def _places(lead: Lead[Any], other: Lead[Any]) -> Iterator[AccountClue]:
    mine, theirs = lead.address, other.address
    if not mine.postcode or mine.postcode != theirs.postcode or _differ(mine.country, theirs.country):
        return
    same = mine.street and theirs.street and words_of(mine.street) == words_of(theirs.street)
    if same and mine.house_number == theirs.house_number:
        yield AccountClue("place", 0.5, f"the address {mine.street} {mine.house_number or ''}".rstrip())
    else:
        yield AccountClue("place", 0.2, f"the postcode {mine.postcode}")
