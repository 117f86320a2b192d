"""Submissions whose certain keys point to two leads: neither is changed, and a person decides."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from leadflow.decisions.capture import Captured
from leadflow.decisions.consents import say_words
from leadflow.decisions.consequences import nurture
from leadflow.decisions.draft import Decided, Draft, change_of
from leadflow.decisions.intake import Submission
from leadflow.decisions.policy import CommandContext, Policy
from leadflow.decisions.reads import Asking, facts_of
from leadflow.entities import Consent, Entity, ExternalId, Finding, Lead, LeadId, Line, Properties, Touch, Twin
from leadflow.entities.stored_form import read_leniently
from leadflow.errors import TooNew, Unreadable
from leadflow.events import Fact, StateWrite, TwinSuspected
from leadflow.ports import State

__all__ = ["HeldSubmission", "held_keys", "held_keys_of", "held_submission", "held_submissions", "hold"]

_log = logging.getLogger("leadflow")

EVIDENCE = ("certain keys of one submission point to both",)


class HeldSubmission(Entity):
    """A submission that may belong to either of two leads, as it came in; ``id`` names it to ``flow.give_held``.

    ``beforehand`` are those of the findings that came with it, from the host's reader.
    """

    id: Line | None = None
    leads: tuple[LeadId, LeadId]
    touch: Touch
    submission: Properties
    submission_id: Line | None = None
    external_ids: tuple[ExternalId, ...] = ()
    visitor: Line | None = None
    verified: bool = False
    consents: tuple[Consent, ...] = ()
    referred_by: LeadId | None = None
    findings: tuple[Finding, ...] = ()
    beforehand: tuple[Finding, ...] = ()


def hold(
    policy: Policy,
    moment: CommandContext,
    submission: Submission,
    leads: tuple[Lead[Any], Lead[Any]],
    *,
    known_by: StateWrite,
    consents: Sequence[Consent] = (),
    referred_by: LeadId | None = None,
) -> Decided[Captured]:
    """Store the submission once, apart from both leads, and record the pair; it is erased with the first of them.

    It belongs to one of them, but it is unknown to which: in their facts each names the other by id only. A withdrawal
    counts for both. The answer that is stored under a key belongs to one lead and has no findings, since these quote
    the input.
    """
    one, other = leads
    key = f"held:{known_by.key.removeprefix('submission:')}"
    kept = HeldSubmission(
        id=key,
        leads=(one.id, other.id),
        touch=submission.touch,
        submission=dict(submission.raw),
        submission_id=submission.id,
        external_ids=submission.external_ids,
        visitor=submission.visitor,
        verified=submission.verified,
        consents=tuple(consents),
        referred_by=referred_by,
        findings=submission.findings,
        beforehand=submission.beforehand,
    )
    drafts = [Draft.of(lead, policy, moment) for lead in leads]
    for draft, twin in zip(drafts, (other, one), strict=True):
        draft.say(
            TwinSuspected,
            twin=Twin(lead_id=twin.id, likeness=0.5, evidence=EVIDENCE, since=draft.recorded_at),
            held=key,
        )
        say_words(draft, _withdrawals(draft.lead, consents, key), proven=submission.verified)
        nurture(draft)
    # it carries its own id in place of a lead's: erasing either of the two also names it
    held = StateWrite(key=key, read_version=0, value=kept.model_dump(mode="json"), lead_id=key)
    change = change_of(*drafts, states=(held, known_by))
    return Decided(change, Captured(lead_id=one.id, outcome="unsure"))


def _withdrawals(lead: Lead[Any], consents: Iterable[Consent], key: str) -> Iterator[Consent]:
    """The withdrawals, without data of the other lead: proof and address stay in the submission only."""
    own = {email.address.casefold() for email in lead.emails if email.address} | {one.number for one in lead.phones}
    for word in consents:
        if word.status == "withdrawn":
            address = word.address if word.address and word.address.casefold() in own else None
            yield word.but(proof=f"in a submission that is held ({key})", address=address)


def held_keys(facts: Iterable[Fact]) -> tuple[str, ...]:
    """Return the states with held submissions that may belong to this lead."""
    return tuple({fact.held: None for fact in facts if isinstance(fact, TwinSuspected) and fact.held is not None})


def held_submissions(states: Mapping[str, State]) -> list[HeldSubmission]:
    """Return the held submissions, oldest first; unreadable ones are logged and left out."""
    held = [one for key, state in states.items() if (one := _read(key, state)) is not None]
    return sorted(held, key=lambda one: one.touch.at)


def held_keys_of(lead: Lead[Any]) -> Asking[tuple[str, ...]]:
    """Read which states have held submissions that may belong to a lead, or to one that was merged into it."""
    return held_keys((yield from facts_of(lead, ["twin_suspected"])))


def held_submission(key: str, state: State) -> HeldSubmission:
    """Read a held submission; ``Unreadable`` or ``TooNew`` if it can't be read."""
    return read_leniently(HeldSubmission, dict(state.value), f"the submission {key}").but(id=key)


def _read(key: str, state: State) -> HeldSubmission | None:
    try:
        return held_submission(key, state)
    except (Unreadable, TooNew) as error:
        _log.warning("%s; it is left out", error)
        return None
