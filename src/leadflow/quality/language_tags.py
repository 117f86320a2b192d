"""Languages as BCP 47 tags, from tags, names, and what browsers send."""

from __future__ import annotations

import re
from functools import cache
from typing import Final

from leadflow.entities import Finding
from leadflow.entities.text import normal, remembered
from leadflow.quality.countries import CODES, check_country
from leadflow.quality.language_names import LANGUAGE_CODES, LANGUAGE_NAMES
from leadflow.quality.results import Checked, error, line, note, warning
from leadflow.quality.spellings import by_spelling

__all__ = ["check_language"]

_TAG: Final = re.compile(r"[A-Za-z]{2,3}(?:[-_](?:[A-Za-z]{2}|[A-Za-z]{4}|\d{3}|[A-Za-z0-9]{5,8})){0,3}", re.ASCII)
_WITH_COUNTRY: Final = re.compile(r"([^()\[\]]+?)\s*(?:[(\[]([^()\[\]]+)[)\]]|\s[-–]\s(.+))")
_BETWEEN: Final = re.compile(r"\s*[,/|&+]\s*|\s*;(?!\s*q=)\s*|\s+(?:und|and|et|oder|or|y|e|en|i)\s+", re.IGNORECASE)
_WEIGHT: Final = re.compile(r"\s*;\s*q\s*=\s*([01](?:\.\d{1,3})?)$", re.IGNORECASE)
_FORMER: Final = {"iw": "he", "in": "id", "ji": "yi"}
_COUNTRIES_TOO: Final = {
    "ch": "Chamorro, not Switzerland", "se": "Northern Sami, not Sweden", "br": "Breton, not Brazil",
    "ie": "Interlingue, not Ireland",
}  # fmt: skip
_MEANT: Final = {
    "at": "de-AT", "us": "en-US", "gb": "en-GB", "dk": "da", "cz": "cs", "gr": "el", "jp": "ja", "cn": "zh",
    "au": "en-AU", "mx": "es-MX",
}  # fmt: skip


def check_language(raw: object, field: str = "person.language") -> Checked[str]:
    """Return a BCP 47 tag from ``de_DE``, ``German (Austria)``, ``Deutsch`` or ``de-CH,de;q=0.9,en;q=0.8``.

    Of several languages the preferred one is used, with a note unless they have weights. An unknown code of two letters
    is refused, one of three letters is kept with a warning: there are 7,000.
    """
    given = line(field, raw)
    if given.value is None:
        return Checked(None, given.findings)
    parts = _by_preference(given.value)
    for part in parts:
        if (tag := _tag(part)) is not None:
            findings: list[Finding] = []
            if len(parts) > 1 and "q=" not in given.value:
                findings.append(note("several_languages", field, f"names several; {tag} was used", raw))
            language = tag.partition("-")[0]
            if language in _COUNTRIES_TOO and tag == language:
                findings.append(warning("rare_language", field, f"is {_COUNTRIES_TOO[language]}", raw))
            if language not in LANGUAGE_CODES and language not in _by_name().values():
                findings.append(warning("unknown_language", field, "is no code of a language known here", raw))
            return Checked(tag, tuple(findings))
    message = "is not a language; give a tag such as de or en-GB"
    meant = _MEANT.get(given.value.casefold())
    return Checked(None, (error("unknown_language", field, message, raw, meant),))


def _by_preference(text: str) -> list[str]:
    """Return the languages of a text, by their weights (``q=0.8``) or in the order given."""
    if _TAG.fullmatch(text) or len(text) > 300:
        return [text]
    weighed: list[tuple[float, str]] = []
    for part in _BETWEEN.split(text):
        weight = _WEIGHT.search(part)
        bare = part[: weight.start()] if weight else part
        if bare.strip(" *;"):
            weighed.append((-float(weight[1]) if weight else -1.0, bare.strip(" ;")))
    return [part for _, part in sorted(weighed, key=lambda pair: pair[0])]


@remembered
def _tag(text: str) -> str | None:
    name = normal(text).casefold().strip(" .")
    if known := _by_name().get(name):
        return known
    if found := _WITH_COUNTRY.fullmatch(text):
        language, country = _by_name().get(found[1].casefold()), check_country(found[2] or found[3]).value
        return f"{language}-{country}" if language and country else None
    text = re.sub(r"[.@][\w-]+$", "", text).removesuffix("-*")  # de_DE.UTF-8
    if not _TAG.fullmatch(text):
        return None
    first, *more = text.replace("_", "-").split("-")
    language = _FORMER.get(first.lower(), first.lower())
    language = _by_name().get(language, language)
    if len(language) == 2 and language not in LANGUAGE_CODES:
        return None
    if any(len(tag) == 2 and tag.upper() not in CODES for tag in more):
        return None
    return "-".join([language, *(_subtag(tag) for tag in more)])


def _subtag(tag: str) -> str:
    return {2: tag.upper(), 4: tag.title()}.get(len(tag), tag.lower())


@cache
def _by_name() -> dict[str, str]:
    return by_spelling(LANGUAGE_NAMES)
