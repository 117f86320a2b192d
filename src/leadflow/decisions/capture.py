"""Capture: what a submission changes, and who is probably the same person."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Any, Final, Literal

from leadflow.decisions.account_links import place
from leadflow.decisions.answers import Answer
from leadflow.decisions.candidates import Candidates
from leadflow.decisions.consents import say_words
from leadflow.decisions.consequences import follow_up
from leadflow.decisions.draft import Decided, Draft, change_of
from leadflow.decisions.identity import ABSORBED_LIMIT, Found, email_of
from leadflow.decisions.intake import Submission
from leadflow.decisions.policy import SYSTEM, CommandContext, Policy
from leadflow.decisions.rivals import WON, OtherLeads, note_rivals, rivals_of, suspected, taken_over
from leadflow.decisions.scoring_context import ScoringContext
from leadflow.decisions.survivorship import filled
from leadflow.decisions.transitions import make_move
from leadflow.entities import Activity, Adjustment, Consent, Entity, Finding, Lead, LeadId
from leadflow.entities.decoder import details_of
from leadflow.entities.lead import unknown
from leadflow.errors import InvalidInput
from leadflow.events import (
    Change,
    FindingsNoted,
    LeadCaptured,
    Redirect,
    StateWrite,
    TwinSuspected,
    VisitorAbsorbed,
    VisitorMoved,
    VisitorSeen,
)
from leadflow.events.enriched_lead import as_said
from leadflow.quality import likeness, may_be_one

__all__ = ["CaptureOutcome", "Captured", "FormAnswer", "capture", "captured_again", "known_by"]

CaptureOutcome = Literal["captured", "updated", "unsure"]
TWINS_LIMIT = 10
NOTHING_KNOWN, NOBODY = ScoringContext(), Candidates()
NO_ACCOUNTS: Final[Mapping[str, str]] = MappingProxyType({})
FULL = Finding(
    code="too_many_visitors",
    field="visitors",
    severity="warning",
    message=f"{ABSORBED_LIMIT:,} anonymous visitors are this lead already; what this browser did earlier stays apart: "
    "check whether the address belongs to several people, or to a machine",
)


class FormAnswer(Entity):
    """What a public form may show of a submission: findings about the values as they were typed in.

    It is the same whether the person is known or not, and reveals nothing that is stored.
    """

    findings: tuple[Finding, ...] = ()


class Captured(Answer):
    """The result of a submission: a new lead (``captured``), a known one (``updated``), or ``unsure``.

    Unsure is a new lead with a probable twin, or a submission whose certain keys point to two leads: a person decides.
    ``repeated``: the identical submission was captured before, nothing was written; ``erased``: and the person was
    erased since. The lead itself is not returned.
    All of this reveals who is known and is for the team, including conflicts among the ``findings``: a public form must
    show ``public`` and nothing else.
    """

    nothing = MappingProxyType({"outcome": "updated", "repeated": True})

    outcome: CaptureOutcome
    findings: tuple[Finding, ...] = ()
    repeated: bool = False
    public: FormAnswer = FormAnswer()


def capture(
    policy: Policy,
    moment: CommandContext,
    submission: Submission,
    found: Found,
    *,
    new_id: LeadId,
    digest_key: str,
    digest_version: int = 0,
    known: ScoringContext = NOTHING_KNOWN,
    known_of_stranger: ScoringContext = NOTHING_KNOWN,
    visitor_activities: Sequence[Activity] = (),
    candidates: Candidates = NOBODY,
    consents: Sequence[Consent] = (),
    referred_by: LeadId | None = None,
    accounts: Mapping[str, str] = NO_ACCOUNTS,
) -> Decided[Captured]:
    """Decide on a submission. ``candidates`` may be the same person.

    ``digest_key`` is the state by which a repetition is recognised, as it was read; ``visitor_activities`` are those of
    an anonymous visitor that the lead does not have itself; ``accounts`` says which account those that its company may
    name are part of.
    """
    lead = found.lead or found.prospect
    draft = Draft(policy, moment, lead.id if lead else new_id, lead, None if lead else submission.fingerprint)
    others = OtherLeads(policy, moment)
    rivals = rivals_of(submission, found, candidates.rivals, TWINS_LIMIT)
    proven = submission.main_email.address if submission.main_email and taken_over(submission, found) else None
    findings = _fill(draft, submission, referred_by, _of_identity(found, won=bool(rivals and proven)))
    _visitors(draft, others, submission, found, visitor_activities)
    place(draft, accounts, SYSTEM)
    findings += say_words(draft, _given_with(draft, submission, consents), proven=submission.verified)
    _check_reachable(draft, submission, findings)
    if draft.lead.stage == "prospect":
        make_move(draft, "identify")
    note_rivals(draft, others, rivals, proven)
    twins = len(rivals) + (_twins(draft, candidates, rivals) if found.lead is None else 0)
    follow_up(draft, known.with_new(policy.scoring, draft.activities, moment.now))
    if found.stranger is not None:
        follow_up(others(found.stranger), known_of_stranger)
    outcome = _outcome(found, twins)
    change = change_of(draft, *others.drafts(), states=(known_by(digest_key, draft.lead.id, digest_version),))
    if found.prospect is not None and found.lead is not None:
        change = _redirected(change, found.prospect.id, found.lead.id)
    noted = (one for fact in draft.facts if isinstance(fact, FindingsNoted) for one in fact.findings)
    findings = tuple(dict.fromkeys((*findings, *noted)))
    return Decided(change, Captured(lead_id=draft.lead.id, outcome=outcome, findings=findings))


def _given_with(draft: Draft, submission: Submission, consents: Sequence[Consent]) -> list[Consent]:
    """Consent by e-mail refers to the address of the form, even if the lead has others before it."""
    if not consents:
        return []
    claim = submission.main_claim
    own = email_of(draft.lead, claim) if claim else None
    address = own.address if own is not None and own.claimed else None
    return [one.but(address=address) if one.channel == "email" and not one.address else one for one in consents]


def captured_again(
    policy: Policy,
    moment: CommandContext,
    submission: Submission,
    lead: Lead[Any],
    known: ScoringContext,
    consents: Sequence[Consent],
) -> Decided[Captured]:
    """The submission is a repetition; only a consent that has changed since counts again."""
    draft = Draft.of(lead, policy, moment)
    anew = [one for one in consents if one.status == "withdrawn" or not _allows(lead, one)]
    findings = say_words(draft, _given_with(draft, submission, anew), proven=submission.verified)
    if not draft.facts:
        return Decided(Change(), Captured(lead_id=lead.id, outcome="updated", findings=findings, repeated=True))
    follow_up(draft, known)
    return Decided(change_of(draft), Captured(lead_id=lead.id, outcome="updated", findings=findings))


def _allows(lead: Lead[Any], word: Consent) -> bool:
    known = lead.consent(word.purpose, word.channel)
    return known is not None and known.status == "given"


def _outcome(found: Found, twins: int) -> CaptureOutcome:
    if found.lead is not None and found.stranger is None:
        return "updated"
    return "unsure" if twins else "captured"


def _check_reachable(draft: Draft, submission: Submission, findings: Sequence[Finding]) -> None:
    if not as_said(draft.lead).is_reachable:
        found = [one for one in findings if one not in submission.beforehand]  # their messages may quote values
        wrong = "".join(f"; {one.field}: {one.message}" for one in found if one.severity == "error")
        remedy = "give an e-mail address, phone number, postal address or social profile"
        raise InvalidInput("submission", sorted(submission.raw), remedy + wrong)  # names, not values: it is logged


def _of_identity(found: Found, *, won: bool) -> tuple[Finding, ...]:
    """Findings for the team about why the submission belongs to this lead."""
    findings = (*((WON,) if won else ()), *((FULL,) if found.is_full else ()))
    if not found.contradictions:
        return findings
    against = ", ".join(found.contradictions)
    message = f"a different lead used this browser; the input contradicts it ({against}), so they count as two people"
    return (*findings, Finding(code="other_person", field="visitors", severity="note", message=message))


def _fill(
    draft: Draft, submission: Submission, referred_by: LeadId | None, more: Sequence[Finding]
) -> tuple[Finding, ...]:
    """Record what the submission changes, with the findings that stay on the lead."""
    known = as_said(draft.before or unknown(draft.policy.lead_type, "new", draft.moment.now))
    proven = submission.verified or draft.before is None
    kept = ("buying_role",) if known.confirmed_role and draft.moment.by.kind != "crm" else ()
    changes, conflicts = filled(known, submission.details, verified=proven, kept=kept)
    findings = (*submission.findings, *conflicts, *more)
    new_externals = tuple(e for e in submission.external_ids if e not in known.external_ids)
    if new_externals:
        changes["external_ids"] = (*known.external_ids, *new_externals)
    if referred_by and not known.referred_by:
        changes["referred_by"] = referred_by
    draft.say(
        LeadCaptured,
        source=submission.source,
        details=details_of(known, changes),
        known=changes,
        touch=submission.touch,
        findings=findings,
        submission=submission.raw,
        submission_id=submission.id,
        repeats=submission.repeats(known) if draft.before else (),
        verified=submission.verified,
    )
    return findings


def _visitors(draft: Draft, others: OtherLeads, submission: Submission, found: Found, seen: Sequence[Activity]) -> None:
    """Join the browser to the lead: absorb an anonymous visitor, or take the browser over from its previous user."""
    if found.prospect is not None and found.lead is not None:
        gone = others(found.prospect)
        for one, brought in ((draft, _brought(found.prospect, found.lead)), (gone, ())):
            one.say(
                VisitorAbsorbed,
                absorbed=found.prospect.id,
                into=found.lead.id,
                visitors=found.prospect.visitors,
                adjustments=brought,
            )
        draft.activities += [a.but(lead_id=found.lead.id) for a in seen]
        _withdraw_with(draft, found.prospect)
    elif found.rehomed is not None and submission.visitor:
        others(found.rehomed).say(VisitorMoved, visitor=submission.visitor, to=draft.lead.id)
        draft.say(VisitorMoved, visitor=submission.visitor)
        if found.is_full:
            _withdraw_with(draft, found.rehomed)
    elif submission.visitor and submission.visitor not in draft.lead.visitors:
        draft.say(VisitorSeen, visitor=submission.visitor)


def _withdraw_with(draft: Draft, visitor: Lead[Any]) -> None:
    """Withdrawals on this browser become withdrawals of the lead."""
    say_words(draft, (one for one in visitor.consents if one.status == "withdrawn"), proven=False)


def _brought(prospect: Lead[Any], lead: Lead[Any]) -> tuple[Adjustment, ...]:
    """The prospect's points by hand; an id that the lead already uses is changed."""
    taken = {one.id for one in lead.adjustments}
    return tuple(
        one.but(id=f"{one.id}@{prospect.id}") if one.id in taken else one
        for one in prospect.adjustments
        if one not in lead.adjustments
    )


def _twins(draft: Draft, candidates: Candidates, noted: Sequence[Lead[Any]]) -> int:
    lead, out = draft.fingerprint.features, {draft.lead.id, *(one.id for one in noted)}
    found = [
        (other_id, likeness(lead, other))
        for other_id, other in candidates.features.items()
        if other_id not in out and may_be_one(lead, other)
    ]
    likely = [suspected(other_id, like, draft.recorded_at) for other_id, like in found if like.verdict != "different"]
    likely.sort(key=lambda twin: (-twin.likeness, twin.lead_id))
    for twin in likely[:TWINS_LIMIT]:
        draft.say(TwinSuspected, twin=twin)
    return len(likely)


def known_by(digest_key: str, lead_id: LeadId, version: int = 0) -> StateWrite:
    """The state by which an identical submission is recognised; it belongs to no lead and survives erasure."""
    return StateWrite(key=digest_key, read_version=version, value={"lead": lead_id})


def _redirected(change: Change, absorbed: LeadId, survivor: LeadId) -> Change:
    return change.but(redirects=(Redirect(absorbed=absorbed, survivor=survivor),))
