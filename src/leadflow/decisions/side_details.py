"""Details of sides: what submissions and corrections of the time as one lead change on the side they belong to."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from leadflow.decisions.intake import Submission, read_submission
from leadflow.decisions.lead_differences import difference, lost, newly_given, replaced_of_other
from leadflow.decisions.policy import Policy
from leadflow.decisions.sides import Separation, holds, place_of, version_of
from leadflow.decisions.survivorship import filled
from leadflow.entities import Lead
from leadflow.events import DetailsCorrected, Fact, LeadCaptured, apply
from leadflow.events.enriched_lead import as_said, enriched_lead

__all__ = ["give_details"]


def give_details(
    policy: Policy,
    own: Separation,
    fact: LeadCaptured | DetailsCorrected,
    before: Lead[Any],
    after: Lead[Any],
    *,
    of_lead: bool,
) -> None:
    """Give what a submission or a correction changed: a correction the difference that it made, not the whole fields.

    A submission changes on its own side what it would have changed there without the merge.
    """
    to_other = False
    if isinstance(fact, LeadCaptured) and not of_lead:
        to_other, own.submitted[version_of(fact)] = _sender(policy, own, fact)
    before, after = as_said(before), as_said(after)
    side, opposite = map(as_said, (own.other, own.lead) if to_other else (own.lead, own.other))
    gone: dict[str, tuple[Any, ...]] = {}
    for name in fact.details:
        old, new = getattr(before, name, None), getattr(after, name, None)
        if isinstance(old, tuple) and isinstance(new, tuple):
            gone |= lost(name, opposite, old, new)
        elif isinstance(fact, DetailsCorrected) and not of_lead:
            own.conflicts |= dict.fromkeys(replaced_of_other(name, old, new, side, opposite))
    changed = difference(fact.details, before, after, side)
    if isinstance(fact, LeadCaptured):
        fact, changed = _filled(policy, fact, side, changed, given=newly_given(fact.details, before, after))
    if to_other:
        own.followed.add(version_of(fact))
        own.given.append(place_of(fact))
        own.make_other(_with(own.other, fact, changed), fact)
        own.lead = own.lead.but(**gone)
    else:
        own.make_lead(_with(own.lead, fact, changed), fact)
        if gone and not of_lead:
            own.make_other(own.other.but(**gone), _correction_of(gone, fact))


def _filled(
    policy: Policy, fact: LeadCaptured, side: Lead[Any], changed: dict[str, Any], *, given: Mapping[str, Any]
) -> tuple[LeadCaptured, dict[str, Any]]:
    """Return a submission as it is on its own side, and what it changes there.

    Its single values count as ``given`` when it came in; those that the merged lead knew already are read again. To the
    lists it adds what was ``changed``, too: whose the addresses are was decided when it came in.
    """
    read = _read_again(policy, fact)
    details = {name: value for name, value in read.details.items() if name != "emails"}
    for name, value in given.items():
        details[name] = {**dict(details.get(name, ())), **value} if isinstance(value, Mapping) else value
    lists = {name: value for name, value in changed.items() if isinstance(value, tuple)}
    more, conflicts = filled(side.but(**lists), details, verified=fact.verified)
    findings = (*(one for one in fact.findings if one.code != "conflict"), *conflicts)
    names = dict.fromkeys((*fact.details, *more))
    return fact.but(details=names, findings=findings, repeats=read.repeats(side)), lists | more


def _with(lead: Lead[Any], fact: LeadCaptured | DetailsCorrected, changed: dict[str, Any]) -> Lead[Any]:
    """Return a lead after a fact of which the details are known."""
    if lead.__pydantic_extra__:  # what is kept aside is read from stored details only
        return enriched_lead(as_said(apply(lead, fact.but(details={}))).but(**changed))
    return apply(lead, fact.but(details=dict.fromkeys(changed)), changed)


def _read_again(policy: Policy, fact: LeadCaptured) -> Submission:
    return read_submission(
        policy, fact.submission, source=fact.source, at=fact.happened_at, dated=None, verified=fact.verified
    )


def _sender(policy: Policy, own: Separation, fact: LeadCaptured) -> tuple[bool, bool | None]:
    """Whether a submission is the absorbed lead's, and whether that is proven: by its first address or number.

    Without one that either has, it is the side's that alone was known from its source: that proves nothing.
    """
    read = _read_again(policy, fact)
    emails, phones = read.details.get("emails", ()), read.details.get("phones", ())
    for point in (*(one.address for one in emails), *(one.number for one in phones)):
        mine, theirs = holds(own.lead, point), holds(own.other, point)
        if mine != theirs:
            return theirs > mine, theirs > mine
    from_theirs, from_mine = ({touch.source for touch in lead.touches} for lead in (own.other, own.lead))
    return not emails and not phones and fact.source in from_theirs - from_mine, None


def _correction_of(names: Iterable[str], fact: Fact) -> DetailsCorrected:
    """Return what a fact means for the side that only lost by it."""
    place = {name: getattr(fact, name) for name in ("lead_id", "version", "seq", "happened_at", "recorded_at", "actor")}
    return DetailsCorrected(**place, details=dict.fromkeys(names))
