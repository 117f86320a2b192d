"""Names of hosts that look like others: letters of several alphabets in one label, such as Cyrillic ones in Latin."""

from __future__ import annotations

import unicodedata
from typing import Final

from leadflow.entities import Finding
from leadflow.quality.results import warning

__all__ = ["homograph_findings"]

ALIKE: Final = frozenset({"LATIN", "CYRILLIC", "GREEK", "ARMENIAN", "CHEROKEE"})
"""The alphabets with letters that look like those of another; Japanese rightly mixes others."""
PUNYCODE: Final = "xn--"


def homograph_findings(field: str, domain: str, value: object) -> list[Finding]:
    """Warn about a domain (in ASCII, ``xn--…``) with a label of several alphabets whose letters look alike."""
    if PUNYCODE not in domain:
        return []
    mixed = next((text for label in domain.split(".") if _is_mixed(text := _letters(label))), None)
    message = f"has letters of several alphabets that look alike in {mixed!r}; ask whether it is right"
    return [] if mixed is None else [warning("mixed_alphabets", field, message, value)]


def _letters(label: str) -> str:
    if not label.startswith(PUNYCODE):
        return label
    try:
        return label.removeprefix(PUNYCODE).encode("ascii").decode("punycode")
    except UnicodeError:
        return label


def _is_mixed(label: str) -> bool:
    if label.isascii():
        return False
    return len({unicodedata.name(c, "").partition(" ")[0] for c in label if c.isalpha()} & ALIKE) > 1
