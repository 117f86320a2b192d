"""Findings: what is doubtful about the data, and what to do about it."""

from __future__ import annotations

from typing import Literal

from leadflow.entities.base import Entity, Line, Text
from leadflow.languages import Language, language_named

__all__ = ["Finding", "Severity"]

Severity = Literal["error", "warning", "note"]


class Finding(Entity):
    """A defect in the data: ``error`` was not used, ``warning`` was used but is doubtful, ``note`` was corrected.

    ``field`` is a lead's path such as ``email`` or ``address.postcode``, ``code`` a stable word for programs,
    ``value`` the input (never what was known before, nor anything of another person), ``suggestion`` what was probably
    meant. ``message`` is the reason in English; every code and its meaning are listed in ``docs/data-quality.md``.
    """

    code: Line
    field: Line
    severity: Severity
    message: Text
    value: Text | None = None
    suggestion: Text | None = None

    def reason(self, language: str = "en") -> str:
        """Return what is the matter, in English or German (``de``)."""
        return language_named(language).reason(self.code, self.message)

    def remedy(self, language: str = "en") -> str:
        """Return what to do about findings of this code, in English or German; empty for a code of an older version."""
        return language_named(language).remedies.get(self.code, "")

    def text(self, language: str = "en") -> str:
        """Return the whole finding as a line, in English or German: severity, field, reason and suggestion."""
        return self.text_in(language_named(language))

    def text_in(self, words: Language) -> str:
        """Return the whole finding as a line in these words."""
        return words(
            "finding",
            severity=words(f"severity_{self.severity}"),
            field=self.field,
            reason=words.reason(self.code, self.message),
            meant=words("meant", suggestion=self.suggestion) if self.suggestion else "",
        )
