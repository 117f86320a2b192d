"""The language of a person, from the Accept-Language header of their browser (RFC 9110, section 12.5.4)."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any, Final

from leadflow.enrichment.enricher import REQUEST, Enricher
from leadflow.entities import EnrichedValue

__all__ = ["LanguageFromHeader", "accepted_languages"]

HEADER: Final = f"{REQUEST}accept_language"
LONGEST: Final = 1_000
NO_LANGUAGE: Final = frozenset({"mis", "mul", "und", "zxx"})
"""Codes of ISO 639 for languages that are several, none, or not known."""
RANGE: Final = re.compile(
    r"\s*(?P<language>[a-z]{2,3})(?:-(?P<script>[a-z]{4}))?(?:-(?P<region>[a-z]{2}|\d{3}))?(?:-[a-z0-9]{1,8})*\s*"
    r"(?:;\s*q\s*=\s*(?P<weight>0(?:\.\d{0,3})?|1(?:\.0{0,3})?)\s*)?",
    re.IGNORECASE | re.ASCII,
)


class LanguageFromHeader(Enricher):
    """Gives ``person.language``: the one that the browser prefers, as its BCP 47 tag. It is what the device speaks."""

    name = "accept_language"
    needs = (HEADER,)
    gives = ("person.language",)

    def look_up(self, asked: Sequence[Mapping[str, Any]]) -> list[list[EnrichedValue]]:
        return [_known(accepted_languages(str(one[HEADER]))) for one in asked]


def _known(languages: Sequence[str]) -> list[EnrichedValue]:
    return [EnrichedValue(path="person.language", value=one, confidence=0.6) for one in languages[:1]]


def accepted_languages(header: str) -> tuple[str, ...]:
    """Return the languages of a header, the preferred one first, without refused ones; the rest is skipped."""
    weights: dict[str, float] = {}
    for part in header[:LONGEST].split(","):
        found = RANGE.fullmatch(part)
        if found is None or found["language"].lower() in NO_LANGUAGE:
            continue
        script, region = (found["script"] or "").capitalize(), (found["region"] or "").upper()
        tag = "-".join(one for one in (found["language"].lower(), script, region) if one)
        weights.setdefault(tag, float(found["weight"] or 1))
    return tuple(sorted((one for one, weight in weights.items() if weight), key=lambda one: -weights[one]))
