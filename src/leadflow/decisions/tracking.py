"""Tracking: recording activities of leads and anonymous visitors, and correcting details."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from types import MappingProxyType
from typing import Any

from pydantic import ValidationError

from leadflow.decisions.account_links import place_anew
from leadflow.decisions.answers import Answer
from leadflow.decisions.consequences import follow_up
from leadflow.decisions.draft import Decided, Draft, change_of
from leadflow.decisions.intake import Submission
from leadflow.decisions.moments import check_ahead
from leadflow.decisions.policy import CommandContext, Policy
from leadflow.decisions.reads import Asking
from leadflow.decisions.removals import blanked, emptied, unreachable
from leadflow.decisions.scoring_context import ScoringContext
from leadflow.decisions.survivorship import filled
from leadflow.entities import Activity, Finding, Lead, LeadId
from leadflow.entities.decoder import details_of, keeps_aside
from leadflow.errors import InvalidInput, Refused
from leadflow.events import ActivityRecorded, Change, DetailsCorrected, VisitorSeen, digest_of
from leadflow.events.enriched_lead import as_said

__all__ = ["Corrected", "Recorded", "correct", "new_activity", "record"]


class Recorded(Answer):
    """The result of recording an activity; ``repeated``: the lead has it already, nothing was written."""

    nothing = MappingProxyType({"activity_id": "", "repeated": True})

    activity_id: str
    repeated: bool = False


class Corrected(Answer):
    """The top-level fields that a correction changed, and findings about unusable values."""

    changed: tuple[str, ...] = ()
    findings: tuple[Finding, ...] = ()


def new_activity(
    lead_id: LeadId,
    kind: str,
    moment: CommandContext,
    *,
    id: str | None,
    source: str | None,
    properties: Mapping[str, Any],
) -> Activity:
    """Create an activity; without an id, the same event at the same moment is the same activity."""
    said_at = moment.at or moment.now  # as given: for a repetition the clock has advanced
    given = digest_of({"lead": lead_id, "kind": kind, "at": said_at, "properties": dict(properties)})
    try:
        return Activity(
            id=id or given,
            lead_id=lead_id,
            kind=kind,
            happened_at=moment.happened_at,
            recorded_at=moment.now,
            source=source,
            properties=dict(properties),
        )
    except ValidationError as error:
        first = error.errors()[0]
        field = ".".join(str(part) for part in first["loc"])
        raise InvalidInput(f"activity.{field}", first["input"], str(first["msg"])) from None


def record(
    policy: Policy,
    moment: CommandContext,
    lead: Lead[Any] | None,
    activity: Activity,
    known: ScoringContext,
    *,
    repeated: bool = False,
    visitor: str | None = None,
    under: LeadId | None = None,
) -> Decided[Recorded]:
    """Record an activity of a lead, or of a visitor seen for the first time (``lead`` None).

    ``repeated``: the lead has an activity with this id already. ``under`` is the id by which the lead was named.
    """
    if repeated:
        return Decided(Change(), Recorded(lead_id=activity.lead_id, activity_id=activity.id, repeated=True))
    check_ahead(activity.happened_at, known.ahead(moment.now), moment.now)
    draft = Draft(policy, moment, activity.lead_id, lead)
    if lead is None and visitor is not None:
        draft.say(VisitorSeen, visitor=visitor)
    merged = lead.merged if lead is not None else ()
    side: dict[str, Any] = {"under": under if under in merged else None, "visitor": visitor if merged else None}
    draft.say(ActivityRecorded, activity_id=activity.id, activity=activity.kind, **side)
    draft.activities.append(activity.but(recorded_at=draft.recorded_at))
    follow_up(draft, known.with_new(policy.scoring, draft.activities, moment.now))
    return Decided(change_of(draft), Recorded(lead_id=activity.lead_id, activity_id=activity.id))


def correct(
    policy: Policy,
    moment: CommandContext,
    lead: Lead[Any],
    submission: Submission,
    known: ScoringContext,
    holders: Mapping[str, LeadId],
    blank: Collection[str] = (),
) -> Asking[Decided[Corrected]]:
    """Correct details: given values overwrite known ones, lists as a whole; the ``blank`` fields are emptied.

    ``holders`` hold claims of them.
    """
    for key, holder in holders.items():
        if holder != lead.id:
            raise Refused(f"{key} belongs to lead {holder}; correct that lead first, or keep both as they are")
    details = dict(submission.details)
    if "emails" in details:  # addresses given by the team are the lead's own, all of them
        details["emails"] = tuple(email.but(claimed=True) for email in details["emails"])
    said = as_said(lead)
    empty, refused = emptied(said, blank, details)
    new, _ = filled(said.but(**empty), details, verified=True, replacing=True)
    different = (
        name for name, value in (empty | new).items() if value != getattr(said, name) or keeps_aside(lead, name)
    )
    changes = {name: (empty | new)[name] for name in different}
    if details.get("buying_role") == lead.buying_role != lead.confirmed_role:
        changes["buying_role"] = lead.buying_role  # what a submission brought is confirmed
    findings = (*submission.findings, *refused)
    left_blank = blanked(lead, lead.but(**emptied(lead, blank, details)[0]), said.but(**changes))
    if not changes and not left_blank:
        return Decided(Change(), Corrected(lead_id=lead.id, findings=findings))
    draft = Draft.of(lead, policy, moment)
    corrected = details_of(said, changes, empty)
    draft.say(DetailsCorrected, details=corrected, emptied=left_blank)
    yield from place_anew(draft)
    follow_up(draft, known)
    findings = (*findings, *unreachable(lead, draft.lead))
    changed = {*changes, *(path.partition(".")[0] for path in left_blank)}
    return Decided(change_of(draft), Corrected(lead_id=lead.id, changed=tuple(sorted(changed)), findings=findings))
