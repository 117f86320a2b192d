"""Replay: the one place that defines what each fact does to a lead."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import Any, Final, TypeGuard, TypeVar

from leadflow.entities import (
    Adjustment,
    Custom,
    Finding,
    Lead,
    LeadId,
    Touch,
    word_that_counts,
)
from leadflow.entities.base import keep_aside
from leadflow.entities.decoder import (
    UNREADABLE,
    marked,
    read_fields,
    read_lead,
    recorded_findings,
    under_present_paths,
)
from leadflow.entities.former_names import present_path
from leadflow.entities.lead import present_deadline, present_stage, unknown
from leadflow.entities.stored_form import has_aside
from leadflow.events import facts as f
from leadflow.events.confirmations import confirmed_after
from leadflow.events.enriched_lead import as_said, enriched_lead
from leadflow.events.merged_lead import merged_lead

__all__ = ["Replay", "apply", "blank", "needs_other", "replay", "restored_in"]

Values = Mapping[str, Any]
ASIDE = "aside"
"""The key, among the values of an effect, for what the lead itself keeps aside."""
OWN: Final = frozenset({"id", "version", "recorded_at"})
"""What a lead that is restored from a fact has of its own."""
T = TypeVar("T")
FactsOf = Callable[[LeadId], Iterable[f.Fact]]

TOUCHES_KEPT = 10, 40
FINDINGS_KEPT = 50
ENDED_ADJUSTMENTS_KEPT = 20
VISITORS_KEPT = 100
"""Limits on what is kept on the lead itself: first and newest touches, findings, ended manual points, and browsers (the
newest, by which it is recognised). All of them remain in its facts.
"""


def _captured(lead: Lead[Any], fact: f.LeadCaptured, details: Values | None = None) -> Values:
    return {
        **_details(lead, fact, details),
        "source": lead.source or fact.source,
        "findings": _with_findings(lead, *fact.findings),
        "touches": _kept_touches((*lead.touches, fact.touch) if fact.touch else lead.touches),
    }


def _kept_touches(touches: tuple[Touch, ...]) -> tuple[Touch, ...]:
    first, newest = TOUCHES_KEPT
    return (*touches[:first], *touches[-newest:]) if len(touches) > first + newest else touches


def _details(lead: Lead[Any], fact: f.LeadCaptured | f.DetailsCorrected, details: Values | None = None) -> Values:
    if not fact.details:
        return {}
    if details is not None and not lead.__pydantic_extra__:
        return details
    values, aside = read_fields(lead, fact.details)
    return {**values, ASIDE: aside} if aside or lead.__pydantic_extra__ else values


def _corrected(lead: Lead[Any], fact: f.DetailsCorrected, details: Values | None = None) -> Values:
    emptied = {present_path(type(lead), path) for path in fact.emptied}
    left = {"left_blank": tuple(sorted({*lead.left_blank, *emptied}))} if emptied else {}
    return {**_details(lead, fact, details), **left}


def _enriched(lead: Lead[Any], fact: f.LeadEnriched) -> Values:
    source, given = fact.enrichment.source, under_present_paths(type(lead), fact.enrichment)
    return {
        "enrichments": _replaced(lead.enrichments, given, lambda one: one.source),
        "withdrawn_sources": tuple(one for one in lead.withdrawn_sources if one != source),
    }


def _enrichment_withdrawn(lead: Lead[Any], fact: f.EnrichmentWithdrawn) -> Values:
    return {
        "enrichments": tuple(one for one in lead.enrichments if one.source != fact.source),
        "withdrawn_sources": tuple(sorted({*lead.withdrawn_sources, fact.source})),
    }


def _absorbed(lead: Lead[Any], fact: f.VisitorAbsorbed) -> Values:
    if lead.id == fact.absorbed:
        return {"absorbed_by": fact.into, "visitors": ()}
    return {
        "absorbed": (*lead.absorbed, fact.absorbed),
        "visitors": _newest((*lead.visitors, *(v for v in fact.visitors if v not in lead.visitors))),
        "adjustments": _adjustments((*lead.adjustments, *fact.adjustments)),
        "acted_in": fact.version,
    }


def _merged(lead: Lead[Any], fact: f.LeadsMerged, other: Lead[Any] | None = None) -> Values:
    """Without the other lead (it was erased since) only its id remains."""
    if lead.id == fact.absorbed:
        return {"absorbed_by": fact.into}
    ids = {
        "absorbed": tuple(dict.fromkeys((*lead.absorbed, fact.absorbed))),
        "merged": tuple(dict.fromkeys((*lead.merged, fact.absorbed))),
        "acted_in": fact.version,
    }
    if other is None:
        return ids
    values: dict[str, Any] = ids | merged_lead(lead, as_said(other), fact.taken, fact.united)
    return values | {
        "visitors": _newest(values["visitors"]),
        "touches": _kept_touches(values["touches"]),
        "findings": values["findings"][-FINDINGS_KEPT:],
        "adjustments": _adjustments(values["adjustments"]),
    }


def _unmerged(lead: Lead[Any], fact: f.LeadsUnmerged, restored: Lead[Any] | None = None) -> Values:
    if restored is None and not fact.lead:  # another lead that was part of it was erased: a later fact says the rest
        return {"acted_in": fact.version, "absorbed_by": None}
    if restored is None:
        stage = str(fact.lead.get("stage", "prospect"))
        restored = read_lead(type(lead), json.dumps(fact.lead), id=lead.id, version=lead.version, stage=stage)
    said = as_said(restored)
    kept = {name: getattr(said, name) for name in type(lead).model_fields if name not in OWN}
    return kept | {"acted_in": fact.version, "absorbed_by": None}


def _visitor_moved(lead: Lead[Any], fact: f.VisitorMoved) -> Values:
    others = tuple(v for v in lead.visitors if v != fact.visitor)
    return {"visitors": _newest((*others, fact.visitor)) if fact.to in (None, lead.id) else others}


def _newest(visitors: tuple[str, ...]) -> tuple[str, ...]:
    return visitors[-VISITORS_KEPT:]


def _taken_over(lead: Lead[Any], fact: f.AddressTakenOver) -> Values:
    emails = tuple(
        email.but(claimed=False, verified=False) if email.address == fact.address else email for email in lead.emails
    )
    return {"emails": emails, "findings": _with_findings(lead, fact.finding)}


def _with_findings(lead: Lead[Any], *new: Finding) -> tuple[Finding, ...]:
    return tuple(dict.fromkeys((*recorded_findings(lead), *new)))[-FINDINGS_KEPT:]


def _stage_changed(lead: Lead[Any], fact: f.StageChanged) -> Values:
    return {
        "stage": present_stage(type(lead), fact.target),
        "entered_at": fact.happened_at,
        "last_move": fact.move,
        "moved_by": fact.actor.kind,
        "rounds": lead.rounds + fact.round_ended,
        "reason": fact.reason,
        "revisit": date.fromisoformat(fact.revisit) if fact.revisit else None,
        "cool_at": None,
        "qualify_at": None,
    }


def _routed(_: Lead[Any], fact: f.LeadRouted) -> Values:
    return {"route": fact.route, "owner": fact.route.owner, "queue": fact.route.queue}


def _consent(lead: Lead[Any], fact: f.ConsentChanged) -> Values:
    said, key = fact.consent, (fact.consent.purpose, fact.consent.channel)
    if said.recorded_at is None:  # a fact from an earlier version
        said = said.but(recorded_at=fact.recorded_at)
    if word_that_counts(lead.consent(*key), said) is not said:
        return {}
    return {"consents": (*(c for c in lead.consents if (c.purpose, c.channel) != key), said)}


def _deal(lead: Lead[Any], fact: f.DealChanged) -> Values:
    return {"deals": _replaced(lead.deals, fact.deal, lambda deal: deal.id)}


def _enrolment(lead: Lead[Any], fact: f.EnrolmentChanged) -> Values:
    return {"enrolments": _replaced(lead.enrolments, fact.enrolment, lambda enrolment: enrolment.sequence)}


def _twin(lead: Lead[Any], fact: f.TwinSuspected) -> Values:
    twin = fact.twin
    if twin.lead_id in lead.not_same:
        return {}
    known = next((one for one in lead.twins if one.lead_id == twin.lead_id), None)
    if known is not None and known.since is not None:
        twin = twin.but(since=known.since)
    return {"twins": _replaced(lead.twins, twin, lambda one: one.lead_id)}


def _dismissed(lead: Lead[Any], fact: f.TwinDismissed) -> Values:
    return {
        "twins": tuple(one for one in lead.twins if one.lead_id != fact.other),
        "not_same": tuple(dict.fromkeys((*lead.not_same, fact.other))),
    }


def _adjusted(lead: Lead[Any], fact: f.ScoreAdjusted) -> Values:
    return {"adjustments": _adjustments((*lead.adjustments, fact.adjustment))}


def _adjustment_ended(lead: Lead[Any], fact: f.AdjustmentEnded) -> Values:
    ended = (
        one.but(until=fact.happened_at, ended=True) if one.id == fact.adjustment_id else one for one in lead.adjustments
    )
    return {"adjustments": _adjustments(tuple(ended))}


def _adjustments(all_of_them: tuple[Adjustment, ...]) -> tuple[Adjustment, ...]:
    ended = [one.id for one in all_of_them if one.ended]
    forgotten = set(ended[:-ENDED_ADJUSTMENTS_KEPT])
    return tuple(one for one in all_of_them if one.id not in forgotten)


def _reminded(lead: Lead[Any], _: f.DeadlineReminded) -> Values:
    return {"deadline": lead.deadline.but(remind_at=None)} if lead.deadline else {}


def _breached(lead: Lead[Any], _: f.DeadlineBreached) -> Values:
    return {"deadline": lead.deadline.but(remind_at=None, breached=True)} if lead.deadline else {}


def _nothing(_: Lead[Any], __: f.Fact) -> Values:
    return {}


def _replaced(values: Sequence[T], new: T, key: Callable[[T], object]) -> tuple[T, ...]:
    """Replace the value with the same key by ``new``, or append it."""
    if any(key(value) == key(new) for value in values):
        return tuple(new if key(value) == key(new) else value for value in values)
    return (*values, new)


_Effect = Callable[..., Values]
EFFECTS: Mapping[type[f.Fact], _Effect] = {
    f.LeadCaptured: _captured,
    f.VisitorSeen: lambda lead, fact: {"visitors": _newest((*lead.visitors, fact.visitor))},
    f.VisitorAbsorbed: _absorbed,
    f.VisitorMoved: _visitor_moved,
    f.AddressTakenOver: _taken_over,
    f.DetailsCorrected: _corrected,
    f.LeadEnriched: _enriched,
    f.EnrichmentWithdrawn: _enrichment_withdrawn,
    f.FindingsNoted: lambda lead, fact: {"findings": _with_findings(lead, *fact.findings)},
    f.ActivityRecorded: lambda _, fact: {"acted_in": fact.version},
    f.ActivityRetracted: lambda _, fact: {"acted_in": fact.version},
    f.LeadScored: lambda _, fact: {"score": fact.score},
    f.ScoreAdjusted: _adjusted,
    f.AdjustmentEnded: _adjustment_ended,
    f.StageChanged: _stage_changed,
    f.RevisitDue: lambda _, __: {"revisit": None},
    f.CoolingPlanned: lambda _, fact: {"cool_at": fact.cool_at},
    f.QualifyingPlanned: lambda _, fact: {"qualify_at": fact.qualify_at},
    f.MomentAwaited: lambda _, fact: {"awaited_at": fact.awaited_at},
    f.LeadRouted: _routed,
    f.OwnerReleased: lambda _, __: {"owner": None, "queue": None},
    f.ConsentChanged: _consent,
    f.DealChanged: _deal,
    f.DeadlineSet: lambda lead, fact: {"deadline": present_deadline(type(lead), fact.deadline)},
    f.DeadlineReminded: _reminded,
    f.DeadlineBreached: _breached,
    f.DeadlineMet: lambda _, __: {"deadline": None},
    f.EnrolmentChanged: _enrolment,
    f.MessageClaimed: _nothing,
    f.MessageSent: _nothing,
    f.MessageFailed: _nothing,
    f.MessageUncertain: _nothing,
    f.MessageSkipped: _nothing,
    f.ContactDue: _nothing,
    f.TwinSuspected: _twin,
    f.TwinDismissed: _dismissed,
    f.LeadsMerged: _merged,
    f.LeadsUnmerged: _unmerged,
    f.AccountChanged: lambda _, fact: {"placement": fact.placement},
    f.LeadErased: _nothing,
}


def apply(lead: Lead[Custom], fact: f.Fact, details: Values | Lead[Any] | None = None) -> Lead[Custom]:
    """Return the lead after ``fact``; a fact of an unknown kind changes nothing.

    ``details`` are the values behind the JSON in ``fact.details``, if the caller still has them; for a merge, the
    absorbed lead. A fact is about what people said: what sources fill is laid over it anew.
    """
    return enriched_lead(_applied(as_said(lead), fact, details))


def _applied(lead: Lead[Custom], fact: f.Fact, details: Values | Lead[Any] | None) -> Lead[Custom]:
    effect: _Effect = EFFECTS.get(type(fact), _nothing)
    values = dict(effect(lead, fact) if details is None else effect(lead, fact, details))
    aside: Mapping[str, Any] | None = values.pop(ASIDE, None)
    after = lead.but(**values, version=fact.version, recorded_at=fact.recorded_at)
    if (confirmed := confirmed_after(lead, after, fact)) is not lead.confirmed:
        after = after.but(confirmed=confirmed)
    if aside is not None:
        keep_aside(after, aside)
    was_marked = any(one.code == UNREADABLE for one in after.findings) or lead.__pydantic_extra__
    # new values keep nothing aside except what the lead has kept before
    read_anew = details is None and has_aside([*values.values()])
    return marked(after) if aside or was_marked or read_anew else after


def replay(
    facts: Iterable[f.Fact],
    lead_type: type[Lead[Any]] = Lead,
    *,
    recorded_by: datetime | None = None,
    upto: int | None = None,
    facts_of: FactsOf | None = None,
) -> Lead[Any] | None:
    """Rebuild a lead from its facts, oldest first, in one pass; None if there are none.

    A lead that has absorbed others by a merge results from their facts, too: ``facts_of=storage.facts`` reads them.

    ``recorded_by`` leaves out facts recorded later, except those that precede a fact recorded by then (the clock was
    ahead). ``upto`` leaves out later versions.
    """
    replaying = Replay(lead_type, recorded_by)
    for fact in facts:
        if upto is not None and fact.version > upto:
            break
        absorbed = _absorbed_by(fact, lead_type, facts_of) if facts_of is not None and needs_other(fact) else None
        replaying.add(fact, absorbed)
    return replaying.known


def _absorbed_by(merge: f.LeadsMerged, lead_type: type[Lead[Any]], facts_of: FactsOf) -> Lead[Any] | None:
    said = [one for one in facts_of(merge.absorbed) if one.version <= merge.absorbed_version]
    replaying, since = Replay(lead_type), restored_in(said)
    for fact in said:
        absorbed = None
        if needs_other(fact) and fact.version > since:
            absorbed = _absorbed_by(fact, lead_type, facts_of)
        replaying.add(fact, absorbed)
    return replaying.known


def restored_in(said: Iterable[f.Fact]) -> int:
    """Return the last version in which an undoing says what the whole lead is; 0 without one.

    What the merges before it had made of the lead is of no consequence afterwards, and each of them would have to be
    carried out again, with all that came before it on the other side.
    """
    return max((one.version for one in said if isinstance(one, f.LeadsUnmerged) and one.lead), default=0)


def needs_other(fact: f.Fact) -> TypeGuard[f.LeadsMerged]:
    """Whether the lead after this fact depends on another lead: it is the survivor of a merge."""
    return isinstance(fact, f.LeadsMerged) and fact.into == fact.lead_id


class Replay:
    """An incremental replay, oldest fact first; ``known`` is the lead that ``replay`` returns.

    ``lead`` is what it is before the first of the facts, if that is not the first of all.
    """

    def __init__(
        self,
        lead_type: type[Lead[Any]] = Lead,
        recorded_by: datetime | None = None,
        lead: Lead[Any] | None = None,
    ) -> None:
        self._lead_type, self._recorded_by = lead_type, recorded_by
        self._lead = self.known = lead

    def add(self, fact: f.Fact, absorbed: Lead[Any] | None = None) -> None:
        """Apply the next fact; for the survivor of a merge with the absorbed lead (see ``needs_other``)."""
        erased = isinstance(fact, f.LeadErased)
        self._lead = None if erased else apply(self._lead or blank(self._lead_type, fact), fact, absorbed)
        if self._recorded_by is None or fact.recorded_at <= self._recorded_by:
            self.known = self._lead


def blank(lead_type: type[Lead[Any]], first: f.Fact) -> Lead[Any]:
    """Return a lead of which only the moment of its first fact is known."""
    return unknown(lead_type, first.lead_id, first.happened_at).but(
        recorded_at=first.recorded_at, entered_at=first.happened_at
    )
