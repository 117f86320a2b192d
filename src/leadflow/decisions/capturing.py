"""Capture: whose submission it is, what it changes, who is probably the same person."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from pydantic import TypeAdapter

from leadflow.decisions.consequences import follow_up
from leadflow.decisions.draft import Decided, Draft, change_of
from leadflow.decisions.filling import filled
from leadflow.decisions.implied import visitor_claim
from leadflow.decisions.intake import Submission
from leadflow.decisions.known import Known
from leadflow.decisions.moving import make_move
from leadflow.decisions.policy import Moment, Policy
from leadflow.entities import Activity, Adjustment, Consent, Entity, Finding, Lead, LeadId, Twin
from leadflow.errors import InvalidInput
from leadflow.events import (
    Change,
    Claim,
    ConsentChanged,
    LeadCaptured,
    Redirect,
    TwinSuspected,
    VisitorAbsorbed,
    VisitorMoved,
    VisitorSeen,
)
from leadflow.quality import likeness, match_keys

__all__ = ["Captured", "Found", "Outcome", "capture", "found_by", "keys_to_match"]

Outcome = Literal["captured", "updated", "unsure"]
TWINS_LIMIT = 10
NOTHING_KNOWN = Known()

_ANY: TypeAdapter[Any] = TypeAdapter(Any)


class Captured(Entity):
    """What became of a submission: a new lead (``captured``), a known one (``updated``), or ``unsure``.

    Unsure is a new lead with a probable twin, or a submission whose certain keys point to two leads: a person decides.
    ``repeated``: the identical submission was there already, nothing was written. The lead itself is not returned.
    """

    lead_id: LeadId
    outcome: Outcome
    findings: tuple[Finding, ...] = ()
    repeated: bool = False


@dataclass(frozen=True)
class Found:
    """What the keys of a submission led to: the lead that it belongs to, the anonymous visitor, a second claimant."""

    lead: Lead[Any] | None = None
    prospect: Lead[Any] | None = None
    other: Lead[Any] | None = None
    rehomed: Lead[Any] | None = None
    """Who was on this browser before."""
    repeated: LeadId | None = None


def found_by(submission: Submission, holders: Mapping[str, LeadId], leads: Mapping[LeadId, Lead[Any]]) -> Found:
    """Say who the holders of a submission's keys are to it."""
    repeated = holders.get(submission.digest_claim)
    if repeated is not None and repeated in leads:
        return Found(repeated=leads[repeated].id)
    claimed = [leads[holders[key]] for key in submission.certain_claims if holders.get(key) in leads]
    named = list({lead.id: lead for lead in claimed}.values())
    browser = holders.get(visitor_claim(submission.visitor)) if submission.visitor else None
    seen = leads.get(browser) if browser else None
    lead = named[0] if named else None
    other = named[1] if len(named) > 1 else None
    if seen is None or (lead is not None and seen.id == lead.id):
        return Found(lead, other=other)
    if seen.stage == "prospect":
        return Found(lead, prospect=seen, other=other)
    if lead is None and not submission.certain_claims:
        return Found(seen)
    return Found(lead, other=other, rehomed=seen)


def keys_to_match(policy: Policy, moment: Moment, submission: Submission) -> frozenset[str]:
    """Return the match keys by which twins of a new lead are looked up."""
    details = {name: value for name, value in submission.details.items() if name != "custom"}
    provisional = policy.lead_type(id="new", created_at=moment.now, recorded_at=moment.now).but(**details)
    return match_keys(provisional)


def capture(
    policy: Policy,
    moment: Moment,
    submission: Submission,
    found: Found,
    *,
    new_id: LeadId,
    known: Known = NOTHING_KNOWN,
    visitor_activities: Sequence[Activity] = (),
    candidates: Sequence[Lead[Any]] = (),
    consents: Sequence[Consent] = (),
    referred_by: LeadId | None = None,
) -> Decided[Captured]:
    """Decide what becomes of a submission. ``candidates`` share a match key with it.

    ``visitor_activities`` are those of an anonymous visitor that the lead found does not have itself.
    """
    if found.repeated is not None:
        return Decided(Change(), Captured(lead_id=found.repeated, outcome="updated", repeated=True))
    if found.other is not None and found.lead is not None:
        return _held(policy, moment, submission, found.lead, found.other)
    lead = found.lead or found.prospect
    draft = Draft(policy, moment, lead.id if lead else new_id, lead)
    findings = _fill(draft, submission, referred_by)
    others = _visitors(draft, submission, found, visitor_activities)
    _consents(draft, consents)
    if not draft.lead.is_reachable:
        wrong = "".join(f"; {one.field}: {one.message}" for one in findings if one.severity == "error")
        remedy = "give an e-mail address, phone number, postal address or social profile"
        raise InvalidInput("submission", sorted(submission.raw), remedy + wrong)  # names, no values: it is logged
    if draft.lead.stage == "prospect":
        make_move(draft, "identify")
    is_new = found.lead is None
    twins = _twins(draft, candidates) if is_new else 0
    follow_up(draft, known.with_new(policy.scoring, draft.activities, moment.now))
    outcome: Outcome = "updated" if not is_new else "unsure" if twins else "captured"
    claim = Claim(key=submission.digest_claim, lead_id=draft.lead.id)
    change = change_of(draft, *others, claims=(claim,))
    if found.prospect is not None and found.lead is not None:
        change = _redirected(change, found.prospect.id, found.lead.id)
    return Decided(change, Captured(lead_id=draft.lead.id, outcome=outcome, findings=findings))


def _fill(draft: Draft, submission: Submission, referred_by: LeadId | None) -> tuple[Finding, ...]:
    """Write what the submission changes, with the findings that it leaves on the lead."""
    known = draft.before or draft.policy.lead_type(id="new", created_at=draft.moment.now, recorded_at=draft.moment.now)
    changes, conflicts = filled(known, submission.details, verified=submission.verified or draft.before is None)
    findings = (*submission.findings, *conflicts)
    new_externals = tuple(e for e in submission.external_ids if e not in known.external_ids)
    if new_externals:
        changes["external_ids"] = (*known.external_ids, *new_externals)
    if referred_by and not known.referred_by:
        changes["referred_by"] = referred_by
    draft.say(
        LeadCaptured,
        source=submission.source,
        details={name: _ANY.dump_python(value, mode="json") for name, value in changes.items()},
        touch=submission.touch,
        findings=findings,
        submission=dict(submission.raw),
        submission_id=submission.id,
    )
    return findings


def _visitors(draft: Draft, submission: Submission, found: Found, seen: Sequence[Activity]) -> list[Draft]:
    """Join the browser to the lead: absorb an anonymous visitor, or take the browser over from who was on it."""
    others = []
    if found.prospect is not None and found.lead is not None:
        gone = Draft.of(found.prospect, draft.policy, draft.moment)
        for one, brought in ((draft, _brought(found.prospect, found.lead)), (gone, ())):
            one.say(
                VisitorAbsorbed,
                absorbed=found.prospect.id,
                into=found.lead.id,
                visitors=found.prospect.visitors,
                adjustments=brought,
            )
        draft.activities += [a.but(lead_id=found.lead.id) for a in seen]
        others.append(gone)
    elif found.rehomed is not None and submission.visitor:
        before = Draft.of(found.rehomed, draft.policy, draft.moment)
        before.say(VisitorMoved, visitor=submission.visitor, to=draft.lead.id)
        draft.say(VisitorMoved, visitor=submission.visitor)
        others.append(before)
    elif submission.visitor and submission.visitor not in draft.lead.visitors:
        draft.say(VisitorSeen, visitor=submission.visitor)
    return others


def _brought(prospect: Lead[Any], lead: Lead[Any]) -> tuple[Adjustment, ...]:
    """The prospect's points by hand; an id that the lead has used for others is told apart."""
    taken = {one.id for one in lead.adjustments}
    return tuple(
        one.but(id=f"{one.id}@{prospect.id}") if one.id in taken else one
        for one in prospect.adjustments
        if one not in lead.adjustments
    )


def _consents(draft: Draft, consents: Sequence[Consent]) -> None:
    """Take consent over with its own proof, but never over a withdrawal."""
    for consent in consents:
        known = draft.lead.consent(consent.purpose, consent.channel)
        if known is None or (known.status == "given" and known != consent):
            draft.say(ConsentChanged, consent=consent, at=consent.at)


def _twins(draft: Draft, candidates: Sequence[Lead[Any]]) -> int:
    lead = draft.lead
    likely = []
    for other in candidates:
        if other.id == lead.id or other.absorbed_by or other.stage == "prospect":
            continue
        like = likeness(lead, other)
        if like.verdict != "different":
            likely.append(Twin(lead_id=other.id, likeness=round(like.probability, 6), evidence=like.evidence))
    likely.sort(key=lambda twin: (-twin.likeness, twin.lead_id))
    for twin in likely[:TWINS_LIMIT]:
        draft.say(TwinSuspected, twin=twin)
    return len(likely)


def _held(
    policy: Policy, moment: Moment, submission: Submission, lead: Lead[Any], other: Lead[Any]
) -> Decided[Captured]:
    """Two certain keys point to two leads: touch neither's details, keep the submission, note the pair."""
    drafts = [Draft.of(one, policy, moment) for one in (lead, other)]
    evidence = ("certain keys of one submission point to both",)
    typed = _without_addresses_of(other, submission.raw)
    drafts[0].say(LeadCaptured, source=submission.source, submission=typed, submission_id=submission.id)
    for draft, twin in zip(drafts, (other, lead), strict=True):
        draft.say(TwinSuspected, twin=Twin(lead_id=twin.id, likeness=0.5, evidence=evidence))
    claim = Claim(key=submission.digest_claim, lead_id=lead.id)
    change = change_of(*drafts, claims=(claim,))
    return Decided(change, Captured(lead_id=lead.id, outcome="unsure", findings=submission.findings))


def _without_addresses_of(other: Lead[Any], raw: Mapping[str, Any]) -> dict[str, Any]:
    """Leave out what would outlive the other lead's erasure: facts name other leads by id only."""
    theirs = [email.address.casefold() for email in other.emails if email.address]
    return {
        name: value
        for name, value in raw.items()
        if not (isinstance(value, str | list) and any(address in str(value).casefold() for address in theirs))
    }


def _redirected(change: Change, absorbed: LeadId, survivor: LeadId) -> Change:
    return change.but(redirects=(Redirect(absorbed=absorbed, survivor=survivor),))
