"""Enrichers: what is looked up about a lead, what for, and how often."""

from leadflow.enrichment.colleagues import CompanyFromColleagues
from leadflow.enrichment.enricher import Budget, Enricher
from leadflow.enrichment.header_language import LanguageFromHeader, accepted_languages
from leadflow.enrichment.meter import Meter
from leadflow.enrichment.time_zones import TimeZoneFromAddress, time_zone_at

__all__ = [
    "Budget",
    "CompanyFromColleagues",
    "Enricher",
    "LanguageFromHeader",
    "Meter",
    "TimeZoneFromAddress",
    "accepted_languages",
    "time_zone_at",
]
