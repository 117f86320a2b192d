"""Rules of a host's own: plain Python, tested like any other function."""

from __future__ import annotations

from typing import Any

from leadflow.scoring import ScoringModel, rule

__all__ = ["RULES", "with_own_rules"]

TRADES = ("automation", "maschinenbau", "werkzeuge", "anlagenbau")


@rule(10, because="builds machines")
def builds_machines(lead: Any) -> bool:
    """The trade stands in the company's name."""
    return any(trade in (lead.company.name or "").casefold() for trade in TRADES)


@rule(5, because="asks in their own words")
def wrote_something(lead: Any) -> bool:
    """Whoever writes a message of their own means it."""
    return bool(lead.note and lead.note.rstrip().endswith(("?", ".")))


RULES = (builds_machines, wrote_something)


def with_own_rules(model: ScoringModel | None) -> ScoringModel:
    """Return a model from a file with the rules of this module."""
    known = model or ScoringModel(name="own rules only")
    return known.but(fit=(*known.fit, *RULES))
