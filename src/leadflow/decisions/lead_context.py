"""What the host's rules must know of a lead beside itself: what it did, and its colleagues."""

from __future__ import annotations

import logging
from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any, Final

from leadflow.decisions.accounts import account_index
from leadflow.decisions.engagement_record import Colleague, ScoringContext, engagement_key, is_remembered
from leadflow.decisions.policy import Policy
from leadflow.decisions.reads import Asking, activities, matching, readable, states
from leadflow.entities import Lead, LeadId
from leadflow.errors import TooNew
from leadflow.scoring import ScoringModel

__all__ = ["colleagues_of", "engagement_of", "known_of"]

_log = logging.getLogger("leadflow")

COLLEAGUES_LIMIT: Final = 200
"""The most leads of one account that are read."""


def known_of(policy: Policy, lead: Lead[Any] | None, at: datetime) -> Asking[ScoringContext]:
    """Ask for what is needed to score a lead from ``at`` on: its engagement state where that is enough."""
    scoring = policy.scoring
    if scoring is None:
        return ScoringContext()
    if lead is None:
        return ScoringContext.from_activities(scoring, (), at)
    (known,) = yield from engagement_of([lead], scoring, at)
    if not scoring.looks_at_account:
        return known
    others = yield from colleagues_of(policy, account_index(lead), at, without=lead.id)
    return replace(known, colleagues=others)


def colleagues_of(
    policy: Policy, index: Collection[str], at: datetime, without: LeadId | None = None
) -> Asking[list[Colleague]]:
    """Ask for the leads of an account, not too many, with what is known of each."""
    found = yield from matching(index, COLLEAGUES_LIMIT)
    ids = {one for some in found.values() for one in some if one != without}
    read = yield from readable(ids)
    leads, scoring = sorted(read.values(), key=lambda one: one.id), policy.scoring
    if scoring is None:
        return [Colleague(lead, ScoringContext()) for lead in leads]
    try:
        known = yield from engagement_of(leads, scoring, at)
    except TooNew:
        return (yield from _one_by_one(leads, scoring, at))
    return [Colleague(lead, one) for lead, one in zip(leads, known, strict=True)]


def _one_by_one(leads: Sequence[Lead[Any]], scoring: ScoringModel, at: datetime) -> Asking[list[Colleague]]:
    """Leave out the leads whose engagement state a newer version has written."""
    found = []
    for lead in leads:
        try:
            (known,) = yield from engagement_of([lead], scoring, at)
        except TooNew as error:
            _log.warning("%s; the others go on without it", error)
        else:
            found.append(Colleague(lead, known))
    return found


def engagement_of(leads: Sequence[Lead[Any]], scoring: ScoringModel, at: datetime) -> Asking[list[ScoringContext]]:
    """Ask for what each of these leads did, as far as the model must know it."""
    if not scoring.engagement:
        return [ScoringContext() for _ in leads]
    remembered = is_remembered(scoring)
    acted = [engagement_key(lead.id) for lead in leads if lead.acted_in]
    stored = (yield from states(acted)) if remembered else {}
    found = []
    for lead in leads:
        if not lead.acted_in:  # it did nothing: there is nothing to ask for
            found.append(ScoringContext.from_activities(scoring, (), at))
            continue
        if not remembered:
            found.append(ScoringContext((yield from activities(lead.id))))
            continue
        state = stored.get(engagement_key(lead.id))
        known = ScoringContext.from_stored(scoring, state, lead, at)
        if known is None:
            version = state.version if state is not None else 0
            known = ScoringContext.from_activities(scoring, (yield from activities(lead.id)), at, version)
        found.append(known)
    return found
