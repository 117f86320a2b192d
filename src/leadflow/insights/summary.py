"""All insights as one value, from one pass over the storage."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime

from leadflow.entities import utc
from leadflow.events import ActivityRecorded, ActivityRetracted, LeadCaptured
from leadflow.insights.attainment import Attainment, AttainmentFold
from leadflow.insights.data_quality_counts import QualityCounts, QualityFold
from leadflow.insights.deals import Selling, SellingFold
from leadflow.insights.durations import StageTime, VelocityFold
from leadflow.insights.finding_counts import Defect, FindingFold
from leadflow.insights.journeys import Journey, journeys
from leadflow.insights.lead_sources import Source, SourceFold
from leadflow.insights.mail_outcomes import MailFold, Mails
from leadflow.insights.ownership import OwnerFold, Owners
from leadflow.insights.score_distribution import ScoreFold, Scores
from leadflow.insights.stages import Funnel, FunnelFold
from leadflow.lifecycle import DEFAULT, Lifecycle
from leadflow.ports import Storage

__all__ = ["Summary", "summarise", "summarise_journeys"]


@dataclass(frozen=True, slots=True)
class Summary:
    """All insights at one moment.

    ``stages`` counts the leads in each stage (``leads`` in total), ``submissions`` the submissions captured, ``pairs``
    the pairs of leads that are probably the same person.
    """

    at: datetime
    leads: int = 0
    facts: int = 0
    submissions: int = 0
    activities: int = 0
    pairs: int = 0
    stages: Mapping[str, int] = field(default_factory=dict)
    funnel: Funnel = field(default_factory=Funnel)
    velocity: tuple[StageTime, ...] = ()
    service_levels: tuple[Attainment, ...] = ()
    scores: Scores = field(default_factory=Scores)
    owners: Owners = field(default_factory=Owners)
    findings: tuple[Defect, ...] = ()
    quality: QualityCounts = field(default_factory=QualityCounts)
    mails: Mails = field(default_factory=Mails)
    sources: tuple[Source, ...] = ()
    selling: Selling = field(default_factory=Selling)


def summarise(storage: Storage, lifecycle: Lifecycle = DEFAULT, *, now: datetime | None = None) -> Summary:
    """Summarise the leads of a storage; times are counted up to ``now`` (by default the clock's).

    Reads each lead with its facts once and keeps only numbers: 100,000 leads take about ten megabytes.
    """
    return summarise_journeys(journeys(storage), lifecycle, now=now, storage=storage)


def summarise_journeys(
    some: Iterable[Journey],
    lifecycle: Lifecycle = DEFAULT,
    *,
    now: datetime | None = None,
    storage: Storage | None = None,
) -> Summary:
    """Summarise these leads; a ``storage`` is used only to read the reps' ledgers."""
    at = datetime.now(UTC) if now is None else utc(now)
    funnel, velocity = FunnelFold(lifecycle), VelocityFold(at, lifecycle)
    levels, scores, owners = AttainmentFold(at), ScoreFold(lifecycle), OwnerFold(storage, lifecycle)
    findings, quality = FindingFold(), QualityFold(at)
    mails, sources, selling = MailFold(), SourceFold(lifecycle), SellingFold()
    folds = (funnel, velocity, levels, scores, owners, findings, quality, mails, sources, selling)
    stages: Counter[str] = Counter()
    counts: Counter[str] = Counter()
    pairs: set[frozenset[str]] = set()
    for lead, facts in some:
        stages[lifecycle.present.get(lead.stage, lead.stage)] += 1
        counts["facts"] += len(facts)
        counts["submissions"] += sum(isinstance(fact, LeadCaptured) for fact in facts)
        counts["activities"] += sum(isinstance(fact, ActivityRecorded) for fact in facts)
        counts["activities"] -= sum(isinstance(fact, ActivityRetracted) for fact in facts)
        pairs.update(frozenset((lead.id, twin.lead_id)) for twin in lead.twins)
        for fold in folds:
            fold.add(lead, facts)
    order = [stage.name for stage in lifecycle.stages]
    return Summary(
        at=at,
        leads=stages.total(),
        **counts,
        pairs=len(pairs),
        stages={name: stages[name] for name in (*order, *sorted(set(stages) - set(order))) if stages[name]},
        funnel=funnel.result(),
        velocity=velocity.result(),
        service_levels=levels.result(),
        scores=scores.result(),
        owners=owners.result(),
        findings=findings.result(),
        quality=quality.result(),
        mails=mails.result(),
        sources=sources.result(),
        selling=selling.result(),
    )
