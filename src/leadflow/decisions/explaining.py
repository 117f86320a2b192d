"""Why a lead stands where it stands: every point, every gate, every candidate, every message."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from leadflow.decisions.policy import THE_POLICY, Moment, Policy
from leadflow.entities import Lead
from leadflow.events import Fact, MessageFailed, MessageSent, MessageSkipped, MessageUncertain, StageChanged
from leadflow.nurturing import can_send
from leadflow.scoring import explain as explain_score

__all__ = ["Explanation", "explain"]


@dataclass(frozen=True)
class Explanation:
    """The sections of an explanation, each a heading with lines; ``str()`` is made for people."""

    lead_id: str
    sections: tuple[tuple[str, tuple[str, ...]], ...]

    def __str__(self) -> str:
        blocks = ["\n".join((heading, *(f"  {line}" for line in lines))) for heading, lines in self.sections]
        return "\n".join(blocks)

    def __getitem__(self, heading: str) -> tuple[str, ...]:
        return dict(self.sections)[heading]


def explain(
    policy: Policy, moment: Moment, lead: Lead[Any], facts: Sequence[Fact], *, suppressed: bool = False
) -> Explanation:
    """Explain a lead from what stands on it and from its facts; ``suppressed``: an address of it is on the list."""
    sections = (
        ("Stage", tuple(_stage(lead, facts))),
        ("Score", tuple(_score(policy, lead, moment))),
        ("Route", tuple(_route(lead))),
        ("Nurturing", tuple(_nurturing(policy, moment, lead, facts, suppressed))),
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
    if lead.deadline:
        state = "breached" if lead.deadline.breached else "due"
        yield f"service level {state} {lead.deadline.due_at:%Y-%m-%d %H:%M}"


def _score(policy: Policy, lead: Lead[Any], moment: Moment) -> Iterator[str]:
    if lead.score.at is not None:
        yield from explain_score(lead.score).splitlines()
    if policy.qualification is not None:
        allowed = policy.lifecycle.allowed(lead.stage, THE_POLICY)
        yield f"policy: {policy.qualification.verdict(lead, moment.now, allowed).because}"


def _route(lead: Lead[Any]) -> Iterator[str]:
    if lead.route is None:
        return
    yield f"to {lead.route.owner or f'queue {lead.route.queue}'}, territory {lead.route.territory or '(none)'}"
    for gate in lead.route.gates:
        yield f"{gate.name}: {gate.outcome} ({gate.text})"
    for one in lead.route.candidates:
        chance = "eligible" if one.eligible else "not eligible"
        yield f"{one.rep}: {chance}, had {one.assigned} of {one.entitled}; {one.because}".rstrip("; ")


def _nurturing(
    policy: Policy, moment: Moment, lead: Lead[Any], facts: Sequence[Fact], suppressed: bool
) -> Iterator[str]:
    for enrolment in lead.enrolments:
        if enrolment.due_at:
            yield f"{enrolment.sequence}: step {enrolment.step + 1} at {enrolment.due_at:%Y-%m-%d %H:%M}"
        else:
            yield f"{enrolment.sequence}: ended, {enrolment.ended}"
    for name, sequence in policy.sequences.items():
        verdict = can_send(
            lead,
            purpose=sequence.purpose,
            channel=sequence.channel,
            suppressed=suppressed,
            now=moment.now,
            quiet=policy.quiet,
        )
        if not verdict.allowed:
            earliest = f" (earliest {verdict.earliest:%Y-%m-%d %H:%M})" if verdict.earliest else ""
            yield f"{name} may not go: {'; '.join(verdict.reasons)}{earliest}"
    for fact in facts:
        if isinstance(fact, MessageSent | MessageFailed | MessageUncertain):
            yield f"{fact.happened_at:%Y-%m-%d %H:%M} {fact.content}: {fact.kind.removeprefix('message_')}"
        elif isinstance(fact, MessageSkipped):
            yield f"{fact.happened_at:%Y-%m-%d %H:%M} {fact.content}: skipped, {'; '.join(fact.reasons)}"
