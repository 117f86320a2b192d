"""What is doubtful about the data, and what to do about it."""

from __future__ import annotations

from typing import Literal

from leadflow.entities.base import Entity, Line, Text

__all__ = ["Finding", "Severity"]

Severity = Literal["error", "warning", "note"]


class Finding(Entity):
    """A defect in the data: ``error`` was not used, ``warning`` was used but is doubtful, ``note`` was put right.

    ``field`` is a lead's path such as ``email`` or ``address.postcode``, ``code`` a stable word for programs,
    ``value`` what came in (never what was known before), ``suggestion`` what it probably should be.
    """

    code: Line
    field: Line
    severity: Severity
    message: Text
    value: Text | None = None
    suggestion: Text | None = None
