"""Steps: one change to a lead, then all its consequences."""

from __future__ import annotations

from collections.abc import Callable
from types import MappingProxyType
from typing import Any

from leadflow.decisions.answers import Answer
from leadflow.decisions.consents import say_word
from leadflow.decisions.consequences import follow_up
from leadflow.decisions.draft import Decided, Draft, change_of
from leadflow.decisions.policy import CommandContext, Policy
from leadflow.decisions.scoring_context import ScoringContext
from leadflow.entities import Channel, Consent, Lead, LeadId
from leadflow.events import Change, StateWrite

__all__ = ["DraftStep", "Moved", "consent_changed", "consents_withdrawn", "take_step"]

DraftStep = Callable[[Draft], None]
"""Records what happened on a draft."""
Besides = Callable[[Draft], tuple[StateWrite, ...]]
"""Returns the states that are written together with a step."""


def nothing(_draft: Draft) -> tuple[StateWrite, ...]:
    """Write no states."""
    return ()


class Moved(Answer):
    """The stage before and after the move and its consequences; ``owner`` is the rep assigned by routing."""

    nothing = MappingProxyType({"source": "erased", "stage": "erased"})

    source: str
    stage: str
    owner: str | None = None


def take_step(
    policy: Policy,
    moment: CommandContext,
    lead: Lead[Any],
    known: ScoringContext,
    step: DraftStep,
    besides: Besides = nothing,
) -> Decided[Moved]:
    """Take one step with a lead, and derive the consequences; a step without facts writes nothing.

    ``besides`` returns states to write with it, even if the step records no facts.
    """
    draft = Draft.of(lead, policy, moment)
    step(draft)
    if draft.facts:
        follow_up(draft, known)
    after, states = draft.lead, besides(draft)
    change = change_of(draft, states=states) if draft.facts else Change(states=states)
    return Decided(change, Moved(lead_id=lead.id, source=lead.stage, stage=after.stage, owner=after.owner))


def consent_changed(consent: Consent, under: LeadId | None = None) -> DraftStep:
    """Return the step that records a person's statement; a repeated one changes nothing."""

    def step(draft: Draft) -> None:
        say_word(draft, consent, under=under)

    return step


def consents_withdrawn(channel: Channel, proof: str) -> DraftStep:
    """Return the step by which a person withdraws all consent on a channel."""

    def step(draft: Draft) -> None:
        at = draft.moment.happened_at
        for said in draft.lead.consents:
            if (said.channel, said.status) == (channel, "given"):
                say_word(draft, Consent(purpose=said.purpose, channel=channel, status="withdrawn", at=at, proof=proof))

    return step
