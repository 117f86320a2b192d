"""Consequences of a changed lead, in the same Change: score, policy moves, clocks, nurturing."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal

from leadflow.decisions.draft import Draft
from leadflow.decisions.moments import await_moments, note_dated_ahead, put_clocks_right
from leadflow.decisions.policy import THE_POLICY
from leadflow.decisions.scoring_context import ScoringContext
from leadflow.decisions.transitions import make_move
from leadflow.entities import Lead, Route, Score
from leadflow.events import (
    AdjustmentEnded,
    CoolingPlanned,
    DeadlineMet,
    DeadlineSet,
    EnrolmentChanged,
    LeadRouted,
    LeadScored,
    QualifyingPlanned,
    StageChanged,
)
from leadflow.nurturing import ending, enrolments_due
from leadflow.routing import decides_otherwise

__all__ = ["follow_up", "nurture", "score_as_of"]

POLICY_MOVES_LIMIT = 8
"""More moves at once than a lifecycle has stages would mean that the policy contradicts itself."""


def follow_up(draft: Draft, known: ScoringContext, *, since: Lead[Any] | None = None) -> None:
    """Derive every consequence: the score, the moves of the policy, the clocks, nurturing, and the states to write.

    ``since`` is the lead that a merge has made: its service level goes on, and no enrolment begins.
    """
    put_clocks_right(draft)
    _adjustments(draft)
    _score(draft, known)
    _policy_moves(draft)
    _cooling(draft, known)
    _qualifying(draft, known)
    _service_level(draft, draft.before if since is None else since)
    nurture(draft, begins=since is None)
    _leave_queue(draft)
    note_dated_ahead(draft)
    await_moments(draft)
    draft.states += known.writes(draft.lead)


def score_as_of(draft: Draft, known: ScoringContext, at: datetime) -> Lead[Any]:
    """Return the lead as it would be at this moment by ageing alone."""
    policy = draft.policy
    return draft.lead if policy.scoring is None else draft.lead.but(score=known.score(policy, draft.lead, at))


def _adjustments(draft: Draft) -> None:
    for one in draft.lead.adjustments:
        if one.until is not None and one.until <= draft.moment.now and not one.ended:
            draft.say(AdjustmentEnded, by=THE_POLICY, at=one.until, adjustment_id=one.id)


def _score(draft: Draft, known: ScoringContext) -> None:
    if draft.policy.scoring is None:
        return
    score = known.score(draft.policy, draft.lead, draft.moment.now)
    if _what_counts(score) != _what_counts(draft.lead.score):
        draft.say(LeadScored, by=THE_POLICY, at=draft.moment.now, score=score)


def _what_counts(score: Score) -> tuple[object, ...]:
    return score.model, score.grade, score.veto, score.contributions, score.account, score.at is None


def _policy_moves(draft: Draft) -> None:
    qualification = draft.policy.qualification
    if qualification is None or _was_moved_by_hand(draft):
        return
    for _ in range(POLICY_MOVES_LIMIT):
        allowed = draft.policy.lifecycle.allowed(draft.lead.stage, THE_POLICY)
        following = qualification.next_move(draft.lead, draft.moment.now, allowed)
        if following is None or following.move is None or (following.move == "accept" and draft.lead.owner is None):
            return
        if _would_undo(draft.lead, following.move):
            return
        make_move(draft, following.move, to=following.to, reason=following.because, by=THE_POLICY)


UNDONE_BY = {"qualify": {"cool"}, "step_back": {"cool", "accept"}, "reopen": {"disqualify"}, "settle": {"promote"}}
"""Moves of people, with the policy moves that would undo them although nothing else has happened."""


def _would_undo(lead: Lead[Any], move: str) -> bool:
    return lead.moved_by != "policy" and move in UNDONE_BY.get(lead.last_move or "", ())


def _was_moved_by_hand(draft: Draft) -> bool:
    """Whether a person has just moved the lead: the policy does not overrule that in the same command."""
    return any(
        isinstance(fact, StageChanged) and fact.actor.kind != "policy" and fact.move != "identify"
        for fact in draft.facts
    )


def _cooling(draft: Draft, known: ScoringContext) -> None:
    planned = _by_age(draft, known, "cool") if draft.policy.moves_by_age else draft.lead.cool_at
    if planned != draft.lead.cool_at:
        draft.say(CoolingPlanned, by=THE_POLICY, cool_at=planned)


def _qualifying(draft: Draft, known: ScoringContext) -> None:
    planned = _by_age(draft, known, "qualify") if draft.policy.moves_by_age else draft.lead.qualify_at
    if planned != draft.lead.qualify_at:
        draft.say(QualifyingPlanned, by=THE_POLICY, qualify_at=planned)


def _by_age(draft: Draft, known: ScoringContext, move: Literal["cool", "qualify"]) -> datetime | None:
    """Return when the policy will make this move by ageing alone, if it is allowed."""
    qualification, scorer, lead = draft.policy.qualification, draft.policy.scoring, draft.lead
    if qualification is None or scorer is None or _would_undo(lead, move):
        return None
    if move not in draft.policy.lifecycle.allowed(lead.stage, THE_POLICY):
        return None
    if move == "cool":
        thresholds, planned = qualification.keep_thresholds, qualification.cooling
    else:
        thresholds, planned = qualification.mql_thresholds, qualification.qualifying
        if qualification.wants_points and not known.may_rise(scorer, lead, draft.moment.now):
            thresholds = ()  # points can only be lost
    return planned(
        lambda at: score_as_of(draft, known, at),
        draft.moment.now,
        lambda after: known.crossing(draft.policy, lead, after, thresholds),
        lead,
    )


def _service_level(draft: Draft, before: Lead[Any] | None) -> None:
    lead = draft.lead
    entered_before = before.entered_at if before else None
    if before is not None and (before.stage, entered_before) == (lead.stage, lead.entered_at):
        return
    running = lead.deadline
    if running is not None and lead.entered_at is not None:
        late = lead.entered_at > running.due_at
        draft.say(DeadlineMet, stage=running.stage, due_at=running.due_at, late=late)
    level = draft.policy.service_levels.get(lead.stage)
    if level is not None and lead.entered_at is not None:
        draft.say(DeadlineSet, by=THE_POLICY, deadline=level.deadline(_known_since(draft, lead.entered_at)))


def _known_since(draft: Draft, entered_at: datetime) -> datetime:
    """Return the moment from which somebody could act: conclusions from a late report are known only now."""
    moves = [fact for fact in draft.facts if isinstance(fact, StageChanged)]
    concluded = bool(moves) and moves[-1].actor.kind == "policy"
    return max(entered_at, draft.moment.now) if concluded else entered_at


def _leave_queue(draft: Draft) -> None:
    """Offer a lead in a queue to the rotation again if a gate or a territory decides otherwise by now."""
    router, now = draft.policy.router, draft.moment.now
    if router is None or not draft.policy.next_offer(draft.lead) or any(isinstance(f, LeadRouted) for f in draft.facts):
        return
    if decides_otherwise(draft.lead, router, now):
        draft.say(LeadRouted, by=THE_POLICY, at=now, route=Route(at=now))


def nurture(draft: Draft, *, begins: bool = True) -> None:
    """End finished enrolments, and begin those that nothing prevents."""
    sequences, now = draft.policy.sequences, draft.moment.now
    for enrolment in draft.lead.enrolments:
        sequence = sequences.get(enrolment.sequence)
        if enrolment.ended or sequence is None:
            continue
        why = ending(draft.lead, sequence)
        if why:
            draft.say(EnrolmentChanged, by=THE_POLICY, enrolment=enrolment.but(due_at=None, ended=why))
    if not begins:
        return
    for enrolment in enrolments_due(draft.lead, tuple(sequences.values()), now):
        draft.say(EnrolmentChanged, by=THE_POLICY, enrolment=enrolment)
