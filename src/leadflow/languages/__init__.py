"""What explanations say to people: one table of texts for each language, with the same keys."""

from __future__ import annotations

from typing import Final

from leadflow.errors import InvalidInput
from leadflow.languages.english import ENGLISH
from leadflow.languages.finding_texts import FINDING_TEXTS, FindingText
from leadflow.languages.german import GERMAN
from leadflow.languages.language import Language

__all__ = ["ENGLISH", "FINDING_TEXTS", "GERMAN", "LANGUAGES", "FindingText", "Language", "language_named"]

LANGUAGES: Final = {"en": ENGLISH, "de": GERMAN}


def language_named(language: str) -> Language:
    """Return the texts of a language: ``en`` or ``de``."""
    if language not in LANGUAGES:
        raise InvalidInput("language", language, f"give one of {', '.join(LANGUAGES)}")
    return LANGUAGES[language]
