"""Explanation of a lead: every point, every gate, every candidate, every message, as data and in words."""

# No `from __future__ import annotations`: pydantic reads these annotations.
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final, Literal

from leadflow.buying_center import AccountView, CenterMember
from leadflow.conditions import Condition
from leadflow.conditions.satisfiability import implies
from leadflow.data_quality import quality_of
from leadflow.decisions.explanation_entries import (
    SECTIONS,
    AccountEntry,
    AheadEntry,
    AnyEntry,
    ApartEntry,
    BlockedEntry,
    CandidateEntry,
    DeadlineEntry,
    EnrichmentEntry,
    EnrolmentEntry,
    FindingEntry,
    GateEntry,
    MergeEntry,
    MessageEntry,
    MoveEntry,
    OutlookEntry,
    PolicyEntry,
    QualityEntry,
    RouteEntry,
    ScoreEntry,
    StageEntry,
    StaleScoreEntry,
    TaskEntry,
    ToleranceEntry,
    TwinEntry,
    UnmergeEntry,
    UnmetCondition,
    UnsentEntry,
    Way,
    WayStep,
)
from leadflow.decisions.explanation_text import entry_lines
from leadflow.decisions.message_log import LOGGED, message_log
from leadflow.decisions.messages import permission_for
from leadflow.decisions.policy import THE_POLICY, CommandContext, Policy
from leadflow.decisions.rescore import is_stale
from leadflow.decisions.scoring_context import ScoringContext
from leadflow.decisions.suppression import SuppressionList
from leadflow.entities import Activity, Entity, Finding, Lead, LeadId, Score, Task
from leadflow.entities.base import Moment
from leadflow.entities.score import rounded_down
from leadflow.events import Fact, LeadsUnmerged, StageChanged, TwinDismissed, needs_other
from leadflow.events.enriched_lead import as_said, fillings
from leadflow.languages import ENGLISH, Language, language_named
from leadflow.qualification import Qualification
from leadflow.scoring import Outlook, Recommendation
from leadflow.scoring.what_if import rounded_up

__all__ = ["EXPLAINED", "Explanation", "explain", "outlook_of"]


LATE: Final = timedelta(minutes=5)
EXPLAINED = ("stage_changed", "twin_dismissed", "leads_merged", "leads_unmerged", *LOGGED)
"""The kinds of facts that an explanation shows."""


class Explanation(Entity):
    """Everything about a lead as data, at one moment: ``entries`` of several kinds, each with its names and numbers.

    ``str()`` and ``text("de")`` are for people, ``model_dump_json()`` is for programs. Points are rounded down to two
    decimals, what is missing is rounded up: no number appears to reach a threshold that it fails.
    """

    lead_id: LeadId
    at: Moment
    entries: tuple[AnyEntry, ...]

    def text(self, language: str = "en") -> str:
        """Return the sections with their headings and lines, in English or German (``de``)."""
        words = language_named(language)
        return "\n".join(
            "\n".join((words(heading), *(f"  {line}" for line in lines)))
            for heading in SECTIONS
            if (lines := self._lines(heading, words))
        )

    def __str__(self) -> str:
        return self.text()

    def __getitem__(self, heading: str) -> tuple[str, ...]:
        if heading not in SECTIONS:
            raise KeyError(heading)
        return self._lines(heading, ENGLISH)

    def _lines(self, section: str, words: Language) -> tuple[str, ...]:
        return tuple(line for entry in self.entries if entry.section == section for line in entry_lines(entry, words))


def explain(
    policy: Policy,
    moment: CommandContext,
    lead: Lead[Any],
    facts: Sequence[Fact],
    *,
    known: ScoringContext | None = None,
    listed: SuppressionList | None = None,
    tasks: Sequence[Task] = (),
    account: AccountView | None = None,
) -> Explanation:
    """Explain a lead by its fields, its facts, its tasks, and its scoring context (``known``).

    ``listed`` are the suppressions of its addresses and numbers, ``account`` all leads of its company.
    """
    entries = (
        *_stage(policy, lead, facts),
        *_score(policy, lead, moment, known or ScoringContext()),
        *_route(policy, lead, tasks),
        *_nurturing(policy, moment, lead, facts, listed, tasks),
        *_tasks(tasks),
        *_enrichment(lead),
        *(_account(lead, account) if account is not None and (account.count > 1 or policy.buying_centers) else ()),
        *([QualityEntry(quality=quality_of(lead, moment.now))] if lead.is_reachable else []),
        *(FindingEntry(**{name: getattr(one, name) for name in Finding.model_fields}) for one in lead.findings),
        *_twins(lead, facts),
    )
    return Explanation(lead_id=lead.id, at=moment.now, entries=entries)


def _enrichment(lead: Lead[Any]) -> Iterator[AnyEntry]:
    filled = fillings(as_said(lead)) if lead.enrichments else {}
    for one in lead.enrichments:
        for known in one.values:
            yield EnrichmentEntry(
                path=known.path,
                value=known.value,
                source=one.source,
                at=one.at,
                confidence=known.confidence,
                fills=known.path in filled and filled[known.path].enrichment.source == one.source,
            )


def _account(lead: Lead[Any], account: AccountView) -> Iterator[AnyEntry]:
    for center in account.centers:
        following = center.next
        likely = following.likely[0] if following is not None and following.likely else None
        yield AccountEntry(
            account=account.key,
            name=account.name,
            leads=account.count,
            center=center.name,
            coverage=round(center.coverage),
            missing=center.missing,
            next_role=following.role if following is not None else None,
            **(_candidate(lead, likely) if likely is not None else {}),
        )


def _candidate(lead: Lead[Any], member: CenterMember) -> dict[str, Any]:
    proposal = member.proposals[0]
    return {
        "candidate": member.lead_id,
        "candidate_name": member.name,
        "is_this": member.lead_id == lead.id,
        "confidence": round(100 * proposal.confidence),
        "because": proposal.because,
    }


def _twins(lead: Lead[Any], facts: Sequence[Fact]) -> Iterator[AnyEntry]:
    for twin in lead.twins:
        likeness = round(twin.likeness * 100)
        yield TwinEntry(lead_id=twin.lead_id, likeness=likeness, evidence=twin.evidence, since=twin.since)
    for fact in facts:
        if isinstance(fact, TwinDismissed):
            yield ApartEntry(at=fact.happened_at, lead_id=fact.other, by=fact.actor)
        elif needs_other(fact):
            yield MergeEntry(at=fact.happened_at, lead_id=fact.absorbed, by=fact.actor, conflicts=fact.conflicts)
        elif isinstance(fact, LeadsUnmerged):
            other = fact.absorbed if fact.into == fact.lead_id else fact.into
            yield UnmergeEntry(at=fact.happened_at, lead_id=other, by=fact.actor, conflicts=fact.conflicts)


def _stage(policy: Policy, lead: Lead[Any], facts: Sequence[Fact]) -> Iterator[AnyEntry]:
    yield StageEntry(stage=lead.stage, since=lead.entered_at, owner=lead.owner, queue=lead.queue)
    for fact in facts:
        if isinstance(fact, StageChanged):
            yield MoveEntry(
                at=fact.happened_at,
                move=fact.move,
                source=fact.source,
                target=fact.target,
                skipped=fact.skipped,
                by=fact.actor,
                reason=fact.reason or "",
                label=policy.lifecycle.reason_label(fact.move, fact.reason) if fact.reason else "",
                note=fact.note or "",
            )
    ahead: tuple[tuple[Literal["cools", "qualifies", "takes_effect"], datetime | None], ...] = (
        ("cools", lead.cool_at),
        ("qualifies", lead.qualify_at),
        ("takes_effect", lead.awaited_at),
    )
    yield from (AheadEntry(event=event, at=at) for event, at in ahead if at is not None)
    if lead.deadline:
        yield DeadlineEntry(due_at=lead.deadline.due_at, breached=lead.deadline.breached)


def _score(policy: Policy, lead: Lead[Any], moment: CommandContext, known: ScoringContext) -> Iterator[AnyEntry]:
    if lead.score.at is not None:
        yield _score_entry(lead.score, lead.score.at)
        if is_stale(policy, lead):
            yield StaleScoreEntry(model=lead.score.model)
    if policy.qualification is None:
        return
    if policy.qualification.tolerance:
        yield ToleranceEntry(points=policy.qualification.tolerance)
    allowed = policy.lifecycle.allowed(lead.stage, THE_POLICY)
    verdict = policy.qualification.verdict(lead, moment.now, allowed)
    yield PolicyEntry(
        outcome=verdict.outcome,
        stage=lead.stage,
        move=verdict.move,
        to=verdict.to,
        reason=verdict.because,
        revisit=lead.revisit if verdict.outcome == "returned" else None,
        cool_at=lead.cool_at if verdict.outcome == "cooling" else None,
        unmet=tuple(
            UnmetCondition(condition=part, truth="unknown" if truth is None else "false")
            for part, truth in verdict.unmet
        ),
    )
    if policy.scoring is not None:
        asked = policy.qualification.effective
        if "qualify" in allowed:
            yield _outlook_entry("mql", outlook_of(policy, moment, lead, known, _asked(asked)))
        if "cool" in allowed:
            yield _outlook_entry("stay_mql", outlook_of(policy, moment, lead, known, asked.stays_while))


def _score_entry(score: Score, at: datetime) -> ScoreEntry:
    return ScoreEntry(
        fit=rounded_down(score.fit),
        engagement=rounded_down(score.engagement),
        total=rounded_down(score.total),
        grade=score.grade,
        veto=score.veto,
        model=score.model,
        at=at,
        contributions=tuple(
            one.but(points=rounded_down(one.points), raw=None if one.raw is None else rounded_down(one.raw))
            for one in score.contributions
        ),
    )


def _outlook_entry(goal: Literal["mql", "stay_mql"], ahead: Outlook) -> OutlookEntry:
    return OutlookEntry(
        goal=goal,
        reached=ahead.reached,
        foreseen=ahead.foreseen,
        turns=ahead.turns,
        missing={side: rounded_up(points) for side, points in ahead.missing.items()},
        unmet=ahead.unmet_conditions,
        ways=tuple(map(_way, ahead.ways)),
    )


def _way(way: Recommendation) -> Way:
    steps = tuple(
        WayStep(
            text=str(step),
            values=_plain(step.values),
            activity=step.kind,
            properties=_plain(step.properties),
            count=step.count,
            fit=rounded_down(round(fit, 9)),
            engagement=rounded_down(round(engagement, 9)),
        )
        for step, (fit, engagement) in zip(way.steps, way.gains, strict=True)
    )
    return Way(steps=steps, fit=rounded_down(way.score.fit), engagement=rounded_down(way.score.engagement))


def _plain(values: Mapping[str, object]) -> dict[str, str | int | float | bool]:
    return {name: value if isinstance(value, str | int | float) else str(value) for name, value in values.items()}


def outlook_of(
    policy: Policy, moment: CommandContext, lead: Lead[Any], known: ScoringContext, goal: Condition
) -> Outlook:
    """Return what a lead lacks for a goal and what would reach it, or until when it is reached."""
    account = known.account(policy, lead, moment.now)
    return policy.scorer.outlook(lead, moment.now, goal, _AmongColleagues(policy, known), account)


def _asked(qualification: Qualification) -> Condition:
    """Return everything that must be true for the policy to qualify the lead."""
    mql, keep = qualification.mql, qualification.stays_while
    return mql if implies(mql, keep) else mql & keep


@dataclass(frozen=True)
class _AmongColleagues:
    """Scores a lead in the context of its activities and colleagues."""

    policy: Policy
    known: ScoringContext

    def score(self, lead: Any, new: Sequence[Activity], at: datetime) -> Score:
        return self.known.with_new(self.policy.scoring, new, at).score(self.policy, lead, at)

    def crossing(self, lead: Any, after: datetime, thresholds: Sequence[tuple[str, float]]) -> datetime | None:
        return self.known.crossing(self.policy, lead, after, thresholds)


def _route(policy: Policy, lead: Lead[Any], tasks: Sequence[Task]) -> Iterator[AnyEntry]:
    route = lead.route
    if route is None:
        return
    offer = next((task for task in tasks if task.kind == "offer"), None)
    next_offer = policy.next_offer(lead)
    if next_offer is not None and offer is not None:
        next_offer = offer.due_at if offer.status != "dead" else None
    yield RouteEntry(
        at=route.at,
        owner=route.owner,
        queue=route.queue,
        territory=route.territory,
        error=route.error,
        next_offer_at=next_offer,
    )
    yield from (GateEntry(name=one.name, outcome=one.outcome, text=one.text) for one in route.gates)
    for one in route.candidates:
        shares = {"assigned": one.assigned, "entitled": one.entitled} if route.territory else {}
        yield CandidateEntry(rep=one.rep, eligible=one.eligible, because=one.because, **shares)


def _nurturing(
    policy: Policy,
    moment: CommandContext,
    lead: Lead[Any],
    facts: Sequence[Fact],
    listed: SuppressionList | None,
    tasks: Sequence[Task],
) -> Iterator[AnyEntry]:
    unsent = [_unsent(task) for task in tasks if _is_message(task) and _has_failed(task)]
    for one in lead.enrolments:
        late = one.due_at is not None and one.due_at + LATE < moment.now
        overdue = late and one.sequence not in {entry.sequence for entry in unsent}
        yield EnrolmentEntry(
            sequence=one.sequence, step=one.step + 1, due_at=one.due_at, overdue=overdue, ended=one.ended
        )
    yield from unsent
    for name, sequence in policy.sequences.items():
        verdict = permission_for(policy, lead, sequence, listed, moment.now)
        if not verdict.allowed:
            yield BlockedEntry(sequence=name, reasons=verdict.reasons, earliest=verdict.earliest)
    for fate in message_log(facts):
        yield MessageEntry(message=fate.message, content=fate.content, fate=fate.fate, at=fate.at, why=fate.why)


def _is_message(task: Task) -> bool:
    return task.kind.partition(":")[0] == "nurture"


def _has_failed(task: Task) -> bool:
    return task.status == "dead" or task.error is not None


def _unsent(task: Task) -> UnsentEntry:
    sequence = task.kind.partition(":")[2] or str(task.payload.get("sequence", ""))
    return UnsentEntry(sequence=sequence, **_failure(task))


def _tasks(tasks: Sequence[Task]) -> Iterator[AnyEntry]:
    """The tasks that failed, except messages, and those about messages, which the log of messages has."""
    for task in tasks:
        if _has_failed(task) and not _is_message(task) and task.kind not in ("fate", "uncertain_message"):
            yield TaskEntry(key=task.key, task=task.kind, **_failure(task))


def _failure(task: Task) -> dict[str, Any]:
    state = "dead" if task.status == "dead" else "retry"
    return {"state": state, "attempts": task.attempts, "due_at": task.due_at, "error": task.error or ""}
