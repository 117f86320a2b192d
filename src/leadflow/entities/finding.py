"""Findings: what is doubtful about the data, and what to do about it."""

from __future__ import annotations

from typing import Literal

from leadflow.entities.base import Entity, Line, Text

__all__ = ["Finding", "Severity"]

Severity = Literal["error", "warning", "note"]


class Finding(Entity):
    """A defect in the data: ``error`` was not used, ``warning`` was used but is doubtful, ``note`` was corrected.

    ``field`` is a lead's path such as ``email`` or ``address.postcode``, ``code`` a stable word for programs,
    ``value`` the input (never what was known before), ``suggestion`` what was probably meant.
    """

    code: Line
    field: Line
    severity: Severity
    message: Text
    value: Text | None = None
    suggestion: Text | None = None
