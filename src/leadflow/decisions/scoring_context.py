"""The context in which a lead is scored: its activities (or an engagement state), and its colleagues."""

from __future__ import annotations

import logging
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, Final, Self, cast

from leadflow.buying_center import Member, account_of, with_advice
from leadflow.decisions.account_insiders import Insider, center_members, center_states
from leadflow.decisions.accounts import account_index
from leadflow.decisions.policy import Policy
from leadflow.decisions.reads import Asking, activities_of, matching, readable, states
from leadflow.entities import Account, Activity, Lead, LeadId, Score
from leadflow.entities.stored_form import refuse_newer, schema_of
from leadflow.errors import TooNew
from leadflow.events import StateWrite
from leadflow.ports import State
from leadflow.scoring import EngagementState, Scorer

__all__ = [
    "COLLEAGUES_LIMIT",
    "Colleague",
    "ScoringContext",
    "colleagues_of",
    "engagement_key",
    "engagement_of",
    "known_from",
    "known_of",
]

_log = logging.getLogger("leadflow")

COLLEAGUES_LIMIT: Final = 200
"""The most leads of one account that are read."""


def engagement_key(lead_id: LeadId) -> str:
    """Return the state key of a lead's engagement."""
    return f"engagement:{lead_id}"


@dataclass(frozen=True)
class ScoringContext:
    """What is known besides the lead: its activities (None: the state suffices), its engagement state, its colleagues.

    ``version`` is the one at which the state was read, ``fresh`` means that it has changed since, ``acted_in`` is the
    version of the lead's latest activity when it was written.
    """

    activities: Sequence[Activity] | None = ()
    state: EngagementState | None = None
    version: int = 0
    fresh: bool = False
    acted_in: int = 0
    colleagues: Sequence[Colleague] = ()
    """The other leads of its account with their context, if a rule uses the account."""
    account_read: str | None = None
    """The account whose leads were read; of another one (of a new lead, say) nothing is known before the next tick."""

    @classmethod
    def from_stored(cls, scorer: Scorer, stored: State | None, lead: Lead[Any], now: datetime) -> Self | None:
        """Return the context from a stored state; None if the model needs all activities.

        It is not enough either if the lead has acted since (recorded under a model without states).
        """
        if stored is None:
            return None
        refuse_newer(schema_of(stored.value), f"the engagement state of lead {lead.id}", 1)
        if stored.value.get("acted_in") != lead.acted_in:
            return None
        memories = stored.value.get("memories")
        state = EngagementState.from_json(memories if isinstance(memories, Mapping) else {})
        return None if scorer.missing(state, now) else cls(None, state, stored.version, acted_in=lead.acted_in)

    @classmethod
    def from_activities(
        cls, scorer: Scorer | None, activities: Sequence[Activity], now: datetime, version: int = 0
    ) -> Self:
        """Return the context from all activities, with a state for later commands."""
        if scorer is None or not scorer.is_incremental:
            return cls(activities)
        return cls(activities, scorer.state(activities, now), version, fresh=bool(activities))

    def with_new(self, scorer: Scorer | None, new: Iterable[Activity], now: datetime) -> Self:
        """Return the context after these new activities."""
        new = tuple(new)
        if not new:
            return self
        activities = None if self.activities is None else (*self.activities, *new)
        if self.state is None or scorer is None:
            return replace(self, activities=activities)
        return replace(self, activities=activities, state=scorer.state_after(self.state, new, now), fresh=True)

    def ahead(self, now: datetime) -> list[datetime]:
        """Return the moments of activities dated after ``now`` (with a state, of those that a rule uses)."""
        if self.state is not None:
            return self.state.ahead(now)
        return sorted(
            one.happened_at for one in self.activities or () if one.happened_at > now and one.retracted_at is None
        )

    def score(self, policy: Policy, lead: Lead[Any], at: datetime) -> Score:
        """Score the lead at a moment."""
        return self.alone(policy.scorer, lead, at, self.account(policy, lead, at))

    def crossing(
        self, policy: Policy, lead: Lead[Any], after: datetime, thresholds: Sequence[tuple[str, float]]
    ) -> datetime | None:
        """Return when, by ageing alone, a side of the score crosses the next of these thresholds."""
        account, sides = self.account(policy, lead, after), cast("Sequence[tuple[Any, float]]", thresholds)
        return policy.scorer.crossing(lead, self.activities, after, *sides, state=self.state, account=account)

    def may_rise(self, scorer: Scorer, lead: Lead[Any], now: datetime) -> bool:
        """Whether ageing alone may raise the score."""
        return scorer.may_rise(lead, self.activities, now, state=self.state)

    def alone(self, scorer: Scorer, lead: Lead[Any], at: datetime, account: Account | None = None) -> Score:
        """Score the lead without colleagues, except for this account."""
        return scorer.score(lead, self.activities, at, state=self.state, account=account)

    def account(self, policy: Policy, lead: Lead[Any], at: datetime) -> Account | None:
        """Return the lead's account from the individual scores of its leads at this moment."""
        scorer = policy.scorer
        if lead.account is None or lead.account != self.account_read or not scorer.needs_account:
            return None
        colleagues = (one.insider(policy, at) for one in self.colleagues if one.lead.account == lead.account)
        insiders = [_insider(policy, lead, self, at), *colleagues]
        centers = policy.centers_for([one.lead for one in insiders])
        account = account_of(lead.account, (one.member for one in insiders), centers)
        if not scorer.needs_advice:
            return account
        return with_advice(account, center_states(policy, insiders, center_members(policy, insiders)), lead.id)

    def writes(self, lead: Lead[Any]) -> tuple[StateWrite, ...]:
        """Return the write of the state, if it has changed or covers more."""
        if self.state is None or not (self.fresh or lead.acted_in != self.acted_in):
            return ()
        value = {"acted_in": lead.acted_in, "memories": self.state.as_json()}
        key = engagement_key(lead.id)
        return (StateWrite(key=key, read_version=self.version, value=value, lead_id=lead.id),)


@dataclass(frozen=True)
class Colleague:
    """Another lead of an account, with its context; its score is computed once."""

    lead: Lead[Any]
    known: ScoringContext
    _insiders: dict[datetime, Insider] = field(default_factory=dict, init=False, repr=False, compare=False)

    def having(self, activities: Sequence[Activity]) -> Colleague:
        """Return it with all its activities, whatever its context was read for."""
        return Colleague(self.lead, replace(self.known, activities=activities))

    def insider(self, policy: Policy, at: datetime) -> Insider:
        """Return it as a part of its account at a moment."""
        if at not in self._insiders:
            self._insiders[at] = _insider(policy, self.lead, self.known, at)
        return self._insiders[at]


def _insider(policy: Policy, lead: Lead[Any], known: ScoringContext, at: datetime) -> Insider:
    score = known.alone(policy.scoring, lead, at) if policy.scoring is not None else Score()
    bought = any(deal.status == "won" for deal in lead.deals)
    role = lead.confirmed_role if policy.is_in_center(lead) else None
    done = [one for one in known.activities or () if one.retracted_at is None and one.happened_at <= at]
    return Insider(lead, Member(score.fit, score.engagement, role, bought), done)


def known_of(policy: Policy, lead: Lead[Any] | None, at: datetime) -> Asking[ScoringContext]:
    """Read what is needed to score a lead from ``at`` on: its engagement state, if that is enough."""
    scorer = policy.scoring
    if scorer is None:
        return ScoringContext()
    if lead is None:
        return ScoringContext.from_activities(scorer, (), at)
    (known,) = yield from engagement_of([lead], scorer, at)
    if not scorer.needs_account:
        return known
    others = yield from colleagues_of(policy, account_index(lead), at, without=lead.id)
    return replace(known, colleagues=others, account_read=lead.account)


def known_from(policy: Policy, lead: Lead[Any], activities: Sequence[Activity], at: datetime) -> Asking[ScoringContext]:
    """Read what is needed besides these activities, which are all that counts whatever a state remembers."""
    remembered = yield from known_of(policy, lead, at)
    known = ScoringContext.from_activities(policy.scoring, activities, at, remembered.version)
    return replace(known, colleagues=remembered.colleagues, account_read=remembered.account_read)


def colleagues_of(
    policy: Policy, index: Collection[str], at: datetime, without: LeadId | None = None
) -> Asking[list[Colleague]]:
    """Read the leads of an account (a limited number), with their context."""
    found = yield from matching(index, COLLEAGUES_LIMIT)
    ids = {one for some in found.values() for one in some if one != without}
    read = yield from readable(ids)
    leads, scorer = sorted(read.values(), key=lambda one: one.id), policy.scoring
    if scorer is None:
        return [Colleague(lead, ScoringContext()) for lead in leads]
    try:
        known = yield from engagement_of(leads, scorer, at)
    except TooNew:
        return (yield from _one_by_one(leads, scorer, at))
    return [Colleague(lead, one) for lead, one in zip(leads, known, strict=True)]


def _one_by_one(leads: Sequence[Lead[Any]], scorer: Scorer, at: datetime) -> Asking[list[Colleague]]:
    """Leave out leads whose engagement state was written by a newer version."""
    found = []
    for lead in leads:
        try:
            (known,) = yield from engagement_of([lead], scorer, at)
        except TooNew as error:
            _log.warning("%s; the others go on without it", error)
        else:
            found.append(Colleague(lead, known))
    return found


def engagement_of(leads: Sequence[Lead[Any]], scorer: Scorer, at: datetime) -> Asking[list[ScoringContext]]:
    """Read the activities of each of these leads, as far as the model needs them."""
    if not scorer.model.engagement and not scorer.needs_advice:
        return [ScoringContext() for _ in leads]
    remembered = scorer.is_incremental
    acted = [engagement_key(lead.id) for lead in leads if lead.acted_in]
    stored = (yield from states(acted)) if remembered else {}
    found = []
    for lead in leads:
        if not lead.acted_in:  # no activities: nothing to read
            found.append(ScoringContext.from_activities(scorer, (), at))
            continue
        if not remembered:
            found.append(ScoringContext((yield from activities_of(lead))))
            continue
        state = stored.get(engagement_key(lead.id))
        known = ScoringContext.from_stored(scorer, state, lead, at)
        if known is None:
            version = state.version if state is not None else 0
            known = ScoringContext.from_activities(scorer, (yield from activities_of(lead)), at, version)
        found.append(known)
    return found
