"""A step on the lead, then everything that follows from it."""

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
from leadflow.entities import Channel, Consent, Lead
from leadflow.events import Change, StateWrite

__all__ = ["DraftStep", "Moved", "consent_changed", "consents_withdrawn", "take_step"]

DraftStep = Callable[[Draft], None]
"""Says what happened on a draft."""
Besides = Callable[[Draft], tuple[StateWrite, ...]]
"""What is written with a step beside the lead."""


def nothing(_draft: Draft) -> tuple[StateWrite, ...]:
    """Write nothing beside the lead."""
    return ()


class Moved(Answer):
    """Where a lead came from and where it stands now, after all that followed; ``owner`` is who got it by routing."""

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
    """Take one step with a lead, and draw the consequences; a step that says nothing writes nothing.

    ``besides`` says which states are to be written with it, whether the step says something or not.
    """
    draft = Draft.of(lead, policy, moment)
    step(draft)
    if draft.facts:
        follow_up(draft, known)
    after, states = draft.lead, besides(draft)
    change = change_of(draft, states=states) if draft.facts else Change(states=states)
    return Decided(change, Moved(lead_id=lead.id, source=lead.stage, stage=after.stage, owner=after.owner))


def consent_changed(consent: Consent) -> DraftStep:
    """Return the step that notes a person's word; the same word again says nothing."""

    def step(draft: Draft) -> None:
        say_word(draft, consent)

    return step


def consents_withdrawn(channel: Channel, proof: str) -> DraftStep:
    """Return the step by which a person takes back all consent on a channel."""

    def step(draft: Draft) -> None:
        at = draft.moment.happened_at
        for said in draft.lead.consents:
            if (said.channel, said.status) == (channel, "given"):
                say_word(draft, Consent(purpose=said.purpose, channel=channel, status="withdrawn", at=at, proof=proof))

    return step
