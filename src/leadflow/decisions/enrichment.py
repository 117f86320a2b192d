"""Enrichment: what a source knows of a lead is laid over what people said, and taken off again."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from types import MappingProxyType
from typing import Any, Final

from leadflow.decisions.account_links import place_anew
from leadflow.decisions.answers import Answer
from leadflow.decisions.consequences import follow_up
from leadflow.decisions.draft import Decided, Draft, change_of
from leadflow.decisions.policy import CommandContext, Policy
from leadflow.decisions.reads import Asking
from leadflow.decisions.scoring_context import ScoringContext
from leadflow.entities import EnrichedValue, Enrichment, Finding, Lead, LeadId, stored_form
from leadflow.errors import InvalidInput
from leadflow.events import Change, EnrichmentWithdrawn, LeadEnriched
from leadflow.events.enriched_lead import is_enrichable, value_at, value_read
from leadflow.quality.company import split_legal_form

__all__ = ["Enriched", "enrich", "outdated", "statement", "withdraw"]

SOURCES_LIMIT: Final = 50
VALUES_LIMIT: Final = 100
UNDECLARED: Final = ValueError("its enricher does not say that it gives this field; name it in gives")


class Enriched(Answer):
    """The paths that changed with what a source said, or with what was taken back; ``repeated``: nothing was written.

    ``findings`` are values that can't be used, and why.
    """

    nothing = MappingProxyType({"repeated": True})

    changed: tuple[str, ...] = ()
    findings: tuple[Finding, ...] = ()
    repeated: bool = False


def statement(
    lead_type: type[Lead[Any]], given: Enrichment, gives: Collection[str] | None = None
) -> tuple[Enrichment, tuple[Finding, ...]]:
    """Return what a source says in its stored form, without what no field can take, and findings about that.

    ``InvalidInput`` for a path that no source may fill. Where it is declared what the source ``gives``, all else that
    it says is a finding, too.
    """
    values: dict[str, EnrichedValue] = {}
    said = given.values[:VALUES_LIMIT]
    undeclared = [one for one in said if gives is not None and one.path not in gives]
    findings = [_unusable(given.source, one, UNDECLARED) for one in undeclared]
    for one in _with_legal_form(tuple(one for one in said if one not in undeclared)):
        if not is_enrichable(lead_type, one.path):
            raise InvalidInput(
                "values", one.path, "give a field of person, company, address or custom whose default is None"
            )
        try:
            read = value_read(lead_type, one.path, one.value)
        except ValueError as wrong:
            findings.append(_unusable(given.source, one, wrong))
        else:
            values[one.path] = one.but(value=_plain(read))
    return given.but(values=tuple(values[path] for path in sorted(values))), tuple(findings)


def _with_legal_form(values: tuple[EnrichedValue, ...]) -> Iterator[EnrichedValue]:
    """Return the values with the company's name in the spelling in which submissions are stored: Acme, and GmbH."""
    given = {one.path for one in values}
    for one in values:
        if one.path != "company.name" or not isinstance(one.value, str):
            yield one
            continue
        name, form = split_legal_form(one.value)
        yield one.but(value=name)
        if form is not None and "company.legal_form" not in given:
            yield one.but(path="company.legal_form", value=form)


def outdated(lead: Lead[Any], given: Enrichment) -> Finding | None:
    """Return the finding about what a source said before something newer of its own that is known already."""
    newer = next((one for one in lead.enrichments if one.source == given.source and one.at > given.at), None)
    if newer is None:
        return None
    return Finding(
        code="enrichment_outdated",
        field="enrichments",
        severity="warning",
        message=f"{given.source} has said something newer ({newer.at:%Y-%m-%d %H:%M} UTC); this was ignored",
        value=f"{given.at:%Y-%m-%d %H:%M} UTC",
    )


def _plain(value: Any) -> Any:
    return value if isinstance(value, str | bool | int | float) else str(stored_form(value))


def _unusable(source: str, one: EnrichedValue, wrong: ValueError) -> Finding:
    errors = getattr(wrong, "errors", None)
    why = errors(include_url=False)[0]["msg"] if errors else str(wrong)
    return Finding(
        code="enrichment_unusable",
        field=one.path,
        severity="warning",
        message=f"{source} says what this field can't take; it was ignored ({why})"[:1000],
        value=str(one.value)[:1000],
    )


def enrich(
    policy: Policy,
    moment: CommandContext,
    lead: Lead[Any],
    given: Enrichment,
    known: ScoringContext,
    findings: tuple[Finding, ...] = (),
    *,
    under: LeadId | None = None,
) -> Asking[Decided[Enriched]]:
    """Lay what a source says over what people said of the lead; it replaces what the source said before.

    ``under`` is the merged lead under whose id it is said, if it is one.
    """
    before = next((one for one in lead.enrichments if one.source == given.source), None)
    if before == given:
        return Decided(Change(), Enriched(lead_id=lead.id, findings=findings, repeated=True))
    if before is None and len(lead.enrichments) >= SOURCES_LIMIT:
        raise InvalidInput("source", given.source, f"the lead has {SOURCES_LIMIT} sources; withdraw one first")
    draft = Draft.of(lead, policy, moment)
    draft.say(LeadEnriched, enrichment=given, under=under)
    draft.note(*findings)
    return (yield from _decided(draft, known, findings))


def withdraw(
    policy: Policy, moment: CommandContext, lead: Lead[Any], source: str, known: ScoringContext, reason: str | None
) -> Asking[Decided[Enriched]]:
    """Take back what a source has said of the lead."""
    if all(one.source != source for one in lead.enrichments):
        return Decided(Change(), Enriched(lead_id=lead.id, repeated=True))
    draft = Draft.of(lead, policy, moment)
    draft.say(EnrichmentWithdrawn, source=source, reason=reason)
    return (yield from _decided(draft, known, ()))


def _decided(draft: Draft, known: ScoringContext, findings: tuple[Finding, ...]) -> Asking[Decided[Enriched]]:
    before, after = draft.before, draft.lead
    paths = {*after.enriched, *(before.enriched if before is not None else ())}
    changed = tuple(sorted(one for one in paths if before is None or value_at(before, one) != value_at(after, one)))
    if after.placement is None or after.placement.chosen is None:  # where a person has put it counts again afterwards
        yield from place_anew(draft)
    follow_up(draft, known)
    return Decided(change_of(draft), Enriched(lead_id=after.id, changed=changed, findings=findings))
