"""Points by hand: given to a lead or taken from it, with author and reason, and withdrawn again."""

from __future__ import annotations

from datetime import datetime
from types import MappingProxyType
from typing import Any, Final

from leadflow.decisions.answers import Answer
from leadflow.decisions.arguments import as_invalid_input
from leadflow.decisions.consequences import follow_up
from leadflow.decisions.draft import Decided, Draft, change_of
from leadflow.decisions.moments import check_has_come
from leadflow.decisions.policy import CommandContext, Policy
from leadflow.decisions.scoring_context import ScoringContext
from leadflow.entities import ActorKind, Adjustment, Lead, ScoreSide
from leadflow.errors import InvalidInput, NotFound, Refused
from leadflow.events import AdjustmentEnded, Change, ScoreAdjusted

__all__ = ["Adjusted", "adjust", "new_adjustment", "withdraw"]

AUTHORS: Final[tuple[ActorKind, ...]] = ("rep", "marketing", "crm")
"""A policy gives points by its rules, and nobody gives points to themselves."""
IN_FORCE_LIMIT: Final = 100


class Adjusted(Answer):
    """The result for points by hand; ``repeated``: given (or withdrawn) before, nothing was written."""

    nothing = MappingProxyType({"adjustment_id": "", "repeated": True})

    adjustment_id: str
    repeated: bool = False


def new_adjustment(
    moment: CommandContext, *, id: str, side: ScoreSide, points: float, reason: str, until: datetime | None
) -> Adjustment:
    """Create an adjustment by the author of the command."""
    _check_author(moment)
    with as_invalid_input():
        return Adjustment(
            id=id, side=side, points=points, because=reason, by=moment.by, at=moment.happened_at, until=until
        )


def adjust(
    policy: Policy, moment: CommandContext, lead: Lead[Any], adjustment: Adjustment, known: ScoringContext
) -> Decided[Adjusted]:
    """Give or take points by hand; the same id twice is one adjustment."""
    there = _given(lead, adjustment.id)
    if there is not None:
        _check_the_same(there, adjustment)
        return Decided(Change(), Adjusted(lead_id=lead.id, adjustment_id=there.id, repeated=True))
    _check_moments(moment, adjustment.until)
    if sum(not one.ended for one in lead.adjustments) >= IN_FORCE_LIMIT:
        raise Refused(f"lead {lead.id} has {IN_FORCE_LIMIT} adjustments in force; withdraw some first")
    draft = Draft.of(lead, policy, moment)
    draft.say(ScoreAdjusted, adjustment=adjustment)
    follow_up(draft, known)
    return Decided(change_of(draft), Adjusted(lead_id=lead.id, adjustment_id=adjustment.id))


def withdraw(
    policy: Policy,
    moment: CommandContext,
    lead: Lead[Any],
    adjustment_id: str,
    known: ScoringContext,
    *,
    reason: str | None = None,
) -> Decided[Adjusted]:
    """Withdraw points by hand, whoever gave them; expired ones are left unchanged."""
    _check_author(moment)
    there = _given(lead, adjustment_id)
    if there is None:
        raise NotFound("adjustment of this lead", adjustment_id)
    result = Adjusted(lead_id=lead.id, adjustment_id=there.id)
    if there.ended or (there.until is not None and there.until <= moment.now):
        return Decided(Change(), result.but(repeated=True))
    _check_moments(moment)
    draft = Draft.of(lead, policy, moment)
    draft.say(AdjustmentEnded, adjustment_id=there.id, reason=reason)
    follow_up(draft, known)
    return Decided(change_of(draft), result)


def _given(lead: Lead[Any], adjustment_id: str) -> Adjustment | None:
    return next((one for one in lead.adjustments if one.id == adjustment_id), None)


def _check_author(moment: CommandContext) -> None:
    if moment.by.kind not in AUTHORS:
        remedy = "points by hand are given by a rep, marketing or the CRM: by=Actor(kind='marketing', id='eva')"
        raise InvalidInput("by", str(moment.by), remedy)


def _check_the_same(known: Adjustment, given: Adjustment) -> None:
    for name in ("side", "points", "because", "by"):
        before = getattr(known, name)
        if before != getattr(given, name):
            there = f"adjustment {known.id!r} of this lead exists and differs ({name}: {before})"
            raise Refused(f"{there}; give a different id")


def _check_moments(moment: CommandContext, until: datetime | None = None) -> None:
    check_has_come(moment)
    if until is not None and until <= moment.now:
        raise InvalidInput("until", until, "give a future moment, or leave it out for points that count permanently")
