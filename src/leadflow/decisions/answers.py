"""Answers of commands."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, ClassVar, Self

from leadflow.entities import Entity, LeadId

__all__ = ["Answer"]


class Answer(Entity):
    """The answer of a command about a lead; ``erased``: the lead was erased since, and the original answer with it."""

    nothing: ClassVar[Mapping[str, Any]] = MappingProxyType({})
    """The values of an answer about a lead of which nothing is known any more."""

    lead_id: LeadId
    erased: bool = False

    @classmethod
    def of_erased(cls, lead_id: LeadId) -> Self:
        """Return the answer to a command that was given before the lead was erased."""
        return cls(lead_id=lead_id, erased=True, **cls.nothing)
