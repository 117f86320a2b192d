"""Rescoring: leads are evaluated anew after the rules have changed, and everything follows as from any other change."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from leadflow.decisions.accounts import account_index
from leadflow.decisions.consequences import follow_up
from leadflow.decisions.draft import Decided, Draft, change_of, joined
from leadflow.decisions.policy import CommandContext, Policy
from leadflow.decisions.reads import Asking
from leadflow.decisions.scoring_context import Colleague, ScoringContext, colleagues_of, engagement_of
from leadflow.entities import Lead, LeadId, Score
from leadflow.events import StageChanged

__all__ = ["ScoreChange", "is_stale", "rescored"]


@dataclass(frozen=True, slots=True)
class ScoreChange:
    """What new rules change about a lead: its score, its stage, or when it leaves that by ageing alone; and why.

    ``because`` has the reason of every move, and the rules whose points differ. ``cools_at`` is when it will return
    from MQL to lead if nothing else happens: at once means that a task is due.
    """

    lead_id: LeadId
    old_score: float
    score: float
    old_grade: str | None
    grade: str | None
    old_stage: str
    stage: str
    cools_at: datetime | None
    because: tuple[str, ...]

    @property
    def moves(self) -> bool:
        """Whether its stage changes."""
        return self.stage != self.old_stage

    def __str__(self) -> str:
        said = [f"{self.old_stage} → {self.stage}" if self.moves else self.stage]
        said += [f"{_points(self.old_score, self.old_grade)} → {_points(self.score, self.grade)}"]
        said += [f"cools at {self.cools_at:%Y-%m-%d %H:%M}"] if self.cools_at else []
        return f"{self.lead_id}: {', '.join(said)}; {'; '.join(self.because)}".removesuffix("; ")


def is_stale(policy: Policy, lead: Lead[Any]) -> bool:
    """Whether the stored score is not of the current model."""
    return policy.scoring is not None and lead.score.model != policy.scoring.model.label


def rescored(policy: Policy, leads: Sequence[Lead[Any]], now: datetime) -> Asking[Decided[tuple[ScoreChange, ...]]]:
    """Evaluate leads anew, and return the changes to write with what they mean; no lead's result depends on another's.

    Colleagues count with what they do and are, not with their stored scores.
    """
    known = yield from _known_of(policy, leads, now)
    drafts = [Draft.of(lead, policy, CommandContext(now=now)) for lead in leads]
    for draft, context in zip(drafts, known, strict=True):
        follow_up(draft, context)
    written = [draft for draft in drafts if draft.facts]
    told = tuple(one for draft in written if (one := _told(draft)) is not None)
    return Decided(joined([change_of(draft) for draft in written]), told)


def _known_of(policy: Policy, leads: Sequence[Lead[Any]], now: datetime) -> Asking[list[ScoringContext]]:
    """Read what the leads are scored by, as ``known_of`` does for one."""
    scorer = policy.scoring
    if scorer is None:
        return [ScoringContext() for _ in leads]
    known = yield from engagement_of(leads, scorer, now)
    if not scorer.needs_account:
        return known
    members: dict[str | None, list[Colleague]] = defaultdict(list)
    index = frozenset[str]().union(*map(account_index, leads))
    for one in (yield from colleagues_of(policy, index, now)):
        members[one.lead.account].append(one)
    return [
        replace(
            context,
            colleagues=[one for one in members[lead.account] if one.lead.id != lead.id],
            account_read=lead.account,
        )
        for lead, context in zip(leads, known, strict=True)
    ]


def _told(draft: Draft) -> ScoreChange | None:
    before, after = draft.before, draft.lead
    assert before is not None
    old, new = _standing(before), _standing(after)
    if old == new:
        return None
    moves = (f"{fact.move}: {fact.reason}" for fact in draft.facts if isinstance(fact, StageChanged))
    return ScoreChange(
        lead_id=after.id,
        old_score=before.score.total,
        score=after.score.total,
        old_grade=before.score.grade,
        grade=after.score.grade,
        old_stage=before.stage,
        stage=after.stage,
        cools_at=after.cool_at if after.cool_at != before.cool_at else None,
        because=(*moves, *_differences(before.score, after.score)),
    )


def _standing(lead: Lead[Any]) -> tuple[object, ...]:
    return lead.stage, lead.score.total, lead.score.grade, lead.cool_at


def _differences(old: Score, new: Score) -> Iterator[str]:
    """Name the rules whose points differ."""
    was = {one.rule: one.points for one in old.contributions}
    now = {one.rule: one.points for one in new.contributions}
    for rule in dict.fromkeys((*was, *now)):
        before, after = was.get(rule, 0.0), now.get(rule, 0.0)
        if before != after:
            yield f"{rule}: {before:g} → {after:g}"
    if old.veto != new.veto:
        yield f"vetoed: {new.veto}" if new.veto else f"no longer vetoed: {old.veto}"


def _points(score: float, grade: str | None) -> str:
    return f"{score:g} {grade}" if grade else f"{score:g}"
