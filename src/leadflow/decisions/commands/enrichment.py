"""Enrichment by hand: a host that knows more of a lead says so, with the source, and takes it back."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import KW_ONLY, dataclass
from datetime import datetime
from typing import ClassVar

from leadflow.decisions.arguments import as_invalid_input, line_of, mapping_of
from leadflow.decisions.commands.command import LeadCommand, moment_by
from leadflow.decisions.draft import Decided
from leadflow.decisions.enrichment import Enriched, enrich, outdated, statement, withdraw
from leadflow.decisions.moments import check_has_come
from leadflow.decisions.policy import Policy
from leadflow.decisions.reads import Asking, lead_with
from leadflow.decisions.roster import check_actor
from leadflow.decisions.scoring_context import known_of
from leadflow.entities import EnrichedValue, Enrichment
from leadflow.errors import InvalidInput
from leadflow.events import Change

__all__ = ["Enrich", "WithdrawEnrichment"]


@dataclass(frozen=True)
class Enrich(LeadCommand[Enriched]):
    """Say what a source knows of a lead: it fills blanks, and replaces nothing that a person or the team said.

    ``values`` are by path (``{"company.employees": 250}``), or ``EnrichedValue`` with a ``confidence`` of their own.
    They are all that the source knows: they replace what it said before. Of several sources the surest fills a blank,
    then the newer one. ``at`` is when the source knew it, not in the future; what it knew before something that it has
    said already is not stored. ``findings`` of the answer say so, and what no field can take.
    """

    answer: ClassVar = Enriched

    values: Mapping[str, object] | Iterable[EnrichedValue]
    _: KW_ONLY
    source: str
    confidence: float = 0.5

    def __post_init__(self) -> None:
        super().__post_init__()
        self._read(source=line_of("source", self.source, 200), values=_values(self.values, self.confidence))

    def payload(self, policy: Policy, now: datetime) -> Mapping[str, object]:
        return {**super().payload(policy, now), "values": [one.model_dump(mode="json") for one in self._known]}

    @property
    def _known(self) -> tuple[EnrichedValue, ...]:
        return self.values  # type: ignore[return-value]  # read when the command was created

    def decide(self, policy: Policy, now: datetime) -> Asking[Decided[Enriched]]:
        moment = moment_by(now, self.by, self.at)
        check_actor(policy, moment.by)
        check_has_come(moment)
        lead = yield from lead_with(self.lead_id)
        said = Enrichment(source=self.source, at=moment.happened_at, values=self._known)
        given, findings = statement(policy.lead_type, said)
        if late := outdated(lead, given):
            return Decided(Change(), Enriched(lead_id=lead.id, findings=(*findings, late), repeated=True))
        known = yield from known_of(policy, lead, now)
        under = self.lead_id if self.lead_id in lead.merged else None
        return (yield from enrich(policy, moment, lead, given, known, findings, under=under))


def _values(given: object, confidence: float) -> tuple[EnrichedValue, ...]:
    if isinstance(given, Mapping):
        with as_invalid_input():
            values = mapping_of("values", given)
            return tuple(EnrichedValue(path=path, value=one, confidence=confidence) for path, one in values.items())
    several = tuple(given) if isinstance(given, list | tuple) else ()
    if not several or not all(isinstance(one, EnrichedValue) for one in several):
        raise InvalidInput("values", given, "give values by path, such as {'company.employees': 250}")
    return several


@dataclass(frozen=True)
class WithdrawEnrichment(LeadCommand[Enriched]):
    """Take back what a source has said of a lead: what was before it is there again."""

    answer: ClassVar = Enriched

    source: str
    _: KW_ONLY
    reason: str | None = None

    def __post_init__(self) -> None:
        super().__post_init__()
        reason = None if self.reason is None else line_of("reason", self.reason)
        self._read(source=line_of("source", self.source, 200), reason=reason)

    def decide(self, policy: Policy, now: datetime) -> Asking[Decided[Enriched]]:
        moment = moment_by(now, self.by, self.at)
        check_actor(policy, moment.by)
        lead = yield from lead_with(self.lead_id)
        known = yield from known_of(policy, lead, now)
        return (yield from withdraw(policy, moment, lead, self.source, known, self.reason))
