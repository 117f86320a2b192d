"""Explanation of a lead: every point, every gate, every candidate, every message."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from leadflow.conditions import Condition
from leadflow.conditions.satisfiability import implies
from leadflow.decisions.message_log import LOGGED, message_log
from leadflow.decisions.messages import permission_for
from leadflow.decisions.policy import THE_POLICY, CommandContext, Policy
from leadflow.decisions.rescore import is_stale
from leadflow.decisions.scoring_context import ScoringContext
from leadflow.decisions.suppression import SuppressionList
from leadflow.entities import Activity, Lead, Score
from leadflow.events import Fact, StageChanged
from leadflow.qualification import Qualification
from leadflow.scoring import Outlook, Scorer
from leadflow.scoring import explain as explain_score

__all__ = ["EXPLAINED", "Explanation", "explain", "outlook_of"]


EXPLAINED = ("stage_changed", *LOGGED)
"""The kinds of facts that an explanation shows."""


@dataclass(frozen=True)
class Explanation:
    """The sections of an explanation, each a heading with lines; ``str()`` is meant for people."""

    lead_id: str
    sections: tuple[tuple[str, tuple[str, ...]], ...]

    def __str__(self) -> str:
        blocks = ["\n".join((heading, *(f"  {line}" for line in lines))) for heading, lines in self.sections]
        return "\n".join(blocks)

    def __getitem__(self, heading: str) -> tuple[str, ...]:
        return dict(self.sections)[heading]


def explain(
    policy: Policy,
    moment: CommandContext,
    lead: Lead[Any],
    facts: Sequence[Fact],
    *,
    known: ScoringContext | None = None,
    listed: SuppressionList | None = None,
) -> Explanation:
    """Explain a lead by its fields, its facts, and its scoring context (``known``).

    ``listed`` are the suppressions of its addresses and numbers.
    """
    sections = (
        ("Stage", tuple(_stage(lead, facts))),
        ("Score", tuple(_score(policy, lead, moment, known or ScoringContext()))),
        ("Route", tuple(_route(lead))),
        ("Nurturing", tuple(_nurturing(policy, moment, lead, facts, listed))),
        ("Findings", tuple(f"{one.severity}: {one.field}: {one.message}" for one in lead.findings)),
        ("Probable twins", tuple(f"{t.lead_id} {t.likeness:.0%}: {', '.join(t.evidence)}" for t in lead.twins)),
    )
    return Explanation(lead.id, tuple((heading, lines) for heading, lines in sections if lines))


def _stage(lead: Lead[Any], facts: Sequence[Fact]) -> Iterator[str]:
    who = (lead.owner and f", owned by {lead.owner}") or (lead.queue and f", in queue {lead.queue}") or ""
    yield f"{lead.stage} since {lead.entered_at:%Y-%m-%d %H:%M}{who}" if lead.entered_at else f"{lead.stage}{who}"
    for fact in facts:
        if isinstance(fact, StageChanged):
            skipped = f", skipping {', '.join(fact.skipped)}" if fact.skipped else ""
            reason = f": {fact.reason}" if fact.reason else ""
            yield (
                f"{fact.happened_at:%Y-%m-%d %H:%M} {fact.move} {fact.source} → {fact.target}{skipped} "
                f"by {fact.actor}{reason}"
            )
    if lead.cool_at:
        yield f"cools by ageing alone at {lead.cool_at:%Y-%m-%d %H:%M}"
    if lead.qualify_at:
        yield f"qualifies by ageing alone at {lead.qualify_at:%Y-%m-%d %H:%M}"
    if lead.awaited_at:
        yield f"something dated ahead takes effect at {lead.awaited_at:%Y-%m-%d %H:%M}"
    if lead.deadline:
        state = "breached" if lead.deadline.breached else "due"
        yield f"service level {state} {lead.deadline.due_at:%Y-%m-%d %H:%M}"


def _score(policy: Policy, lead: Lead[Any], moment: CommandContext, known: ScoringContext) -> Iterator[str]:
    if lead.score.at is not None:
        yield from explain_score(lead.score).splitlines()
        if is_stale(policy, lead):
            yield f"stale: {lead.score.model or 'no model'} decided this; rescore it by the current model"
    if policy.qualification is not None:
        allowed = policy.lifecycle.allowed(lead.stage, THE_POLICY)
        yield f"policy: {policy.qualification.verdict(lead, moment.now, allowed).because}"
        for move, wanted in (("qualify", "for mql"), ("cool", "as mql")):
            if move in allowed and policy.scoring is not None:
                asked = policy.qualification.effective
                goal = _asked(asked) if move == "qualify" else asked.stays_while
                ahead = outlook_of(policy.scoring, moment, lead, known, goal)
                yield from (f"{wanted}: {line}" for line in ahead.lines())


def outlook_of(
    scorer: Scorer, moment: CommandContext, lead: Lead[Any], known: ScoringContext, goal: Condition
) -> Outlook:
    """Return what a lead lacks for a goal and what would reach it, or until when it is reached."""
    account = known.account(scorer, lead, moment.now)
    return scorer.outlook(lead, moment.now, goal, _AmongColleagues(scorer, known), account)


def _asked(qualification: Qualification) -> Condition:
    """Return everything that must be true for the policy to qualify the lead."""
    mql, keep = qualification.mql, qualification.stays_while
    return mql if implies(mql, keep) else mql & keep


@dataclass(frozen=True)
class _AmongColleagues:
    """Scores a lead in the context of its activities and colleagues."""

    scorer: Scorer
    known: ScoringContext

    def score(self, lead: Any, new: Sequence[Activity], at: datetime) -> Score:
        return self.known.with_new(self.scorer, new, at).score(self.scorer, lead, at)

    def crossing(self, lead: Any, after: datetime, thresholds: Sequence[tuple[str, float]]) -> datetime | None:
        return self.known.crossing(self.scorer, lead, after, thresholds)


def _route(lead: Lead[Any]) -> Iterator[str]:
    if lead.route is None:
        return
    queue = f"queue {lead.route.queue}" if lead.route.queue else "nobody yet"
    yield f"to {lead.route.owner or queue}, territory {lead.route.territory or '(none)'}"
    if lead.route.error:
        yield lead.route.error
    for gate in lead.route.gates:
        yield f"{gate.name}: {gate.outcome} ({gate.text})"
    for one in lead.route.candidates:
        chance = "eligible" if one.eligible else "not eligible"
        share = f", assigned {one.assigned}, entitled to {one.entitled}" if lead.route.territory else ""
        yield f"{one.rep}: {chance}{share}; {one.because}".rstrip("; ")


def _nurturing(
    policy: Policy, moment: CommandContext, lead: Lead[Any], facts: Sequence[Fact], listed: SuppressionList | None
) -> Iterator[str]:
    for enrolment in lead.enrolments:
        if enrolment.due_at:
            yield f"{enrolment.sequence}: step {enrolment.step + 1} at {enrolment.due_at:%Y-%m-%d %H:%M}"
        else:
            yield f"{enrolment.sequence}: ended, {enrolment.ended}"
    for name, sequence in policy.sequences.items():
        verdict = permission_for(policy, lead, sequence, listed, moment.now)
        if not verdict.allowed:
            earliest = f" (earliest {verdict.earliest:%Y-%m-%d %H:%M})" if verdict.earliest else ""
            yield f"{name} may not be sent: {'; '.join(verdict.reasons)}{earliest}"
    yield from map(str, message_log(facts))
