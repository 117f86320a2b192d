"""``leadflow quality``: how good the data of all leads in a database is."""

from collections.abc import Iterator, Sequence
from dataclasses import asdict

from leadflow.cli.options import AsJson, DatabaseOptions, LanguageOption
from leadflow.cli.rendering import say, say_json
from leadflow.data_quality import part_name
from leadflow.insights import Defect, QualityCounts, journeys
from leadflow.insights.data_quality_counts import AGES, QualityFold, band_name
from leadflow.insights.finding_counts import FindingFold
from leadflow.languages import FINDING_TEXTS, Language, language_named

__all__ = ["quality"]

SHOWN = 10
"""The most missing fields and kinds of findings that are shown; ``--json`` has all."""


def quality(stored: DatabaseOptions, as_json: AsJson = False, language: LanguageOption = "en") -> None:
    """Say how good the data of all leads is: complete for what, confirmed when, which findings, and what to do."""
    words = language_named(language)
    with stored.opened() as flow:
        qualities, findings = QualityFold(flow.clock()), FindingFold()
        for lead, facts in journeys(flow.storage):
            qualities.add(lead, facts)
            findings.add(lead, facts)
    counts, defects = qualities.result(), findings.result()
    if as_json:
        say_json({**_plain(counts), "findings": [asdict(one) for one in defects]})
    else:
        say(*_lines(counts, defects, words))


def _plain(counts: QualityCounts) -> dict[str, object]:
    return {
        "leads": counts.leads,
        "mean": counts.mean,
        "bands": {band_name(band): leads for band, leads in enumerate(counts.bands)},
        "complete": dict(counts.complete),
        "missing": dict(counts.missing),
        "ages": {group: dict(ages) for group, ages in counts.ages.items()},
    }


def _lines(counts: QualityCounts, defects: Sequence[Defect], words: Language) -> Iterator[str]:
    yield words("quality_mean", mean=counts.mean, leads=counts.leads)
    yield from (f"  {band_name(band)}: {leads}" for band, leads in enumerate(counts.bands) if leads)
    for purpose, leads in counts.complete.items():
        part = part_name(f"completeness.{purpose}", words)
        yield words("quality_complete", part=part, count=leads, leads=counts.leads)
    for field, leads in [*counts.missing.items()][:SHOWN]:
        yield "  " + words("quality_lacking", field=field, count=leads)
    for group, ages in counts.ages.items():
        yield words("quality_ages", part=part_name(f"freshness.{group}", words), **{age: ages[age] for age in AGES})
    for one in sorted(defects, key=lambda one: -one.leads)[:SHOWN]:
        meaning = words.reason(one.code, FINDING_TEXTS[one.code].english) if one.code in FINDING_TEXTS else one.code
        severity, remedy = words(f"severity_{one.severity}"), words.remedies.get(one.code, "")
        yield words(
            "quality_defect", count=one.leads, severity=severity, field=one.fields[0], reason=meaning, do=remedy
        )
