"""Data quality of a lead: complete for what, confirmed when, and a score that explains itself."""

from __future__ import annotations

from leadflow.data_quality.definition import DataQuality, FieldNeed, Freshness, Purpose
from leadflow.data_quality.lead_quality import LeadQuality, Missing, QualityPart, part_name, quality_lines, subject_name
from leadflow.data_quality.measurement import (
    quality_changes,
    quality_of,
    quality_rules,
    with_data_quality,
)

__all__ = [
    "DataQuality",
    "FieldNeed",
    "Freshness",
    "LeadQuality",
    "Missing",
    "Purpose",
    "QualityPart",
    "part_name",
    "quality_changes",
    "quality_lines",
    "quality_of",
    "quality_rules",
    "subject_name",
    "with_data_quality",
]
