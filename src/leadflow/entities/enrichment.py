"""Enrichment: values that a source knows of a lead, beside what people said."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from leadflow.entities.base import Entity, Line, Moment, NoTruth, Number, Text

__all__ = ["EnrichedValue", "Enrichment", "Known"]

Known = Text | bool | int | Annotated[Number, NoTruth]
"""A plain value; a date is its ISO text."""


class EnrichedValue(Entity):
    """One value that a source knows: ``path="company.employees", value=250``, with its ``confidence`` from 0 to 1."""

    path: Line
    value: Known
    confidence: float = Field(default=0.5, ge=0, le=1, allow_inf_nan=False)


class Enrichment(Entity):
    """All that one source knows of a lead as of a moment; its next statement replaces this one.

    ``request`` is a digest of what was looked up, if leadflow looked it up.
    """

    source: Line
    at: Moment
    values: tuple[EnrichedValue, ...] = ()
    request: Line | None = None
