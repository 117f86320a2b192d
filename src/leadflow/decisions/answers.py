"""What commands answer."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, ClassVar, Self

from leadflow.entities import Entity, LeadId

__all__ = ["Answer"]


class Answer(Entity):
    """What a command answers about a lead; ``erased``: it was erased since, and with it what was answered then."""

    nothing: ClassVar[Mapping[str, Any]] = MappingProxyType({})
    """What stands in an answer about a lead of which nothing is known any more."""

    lead_id: LeadId
    erased: bool = False

    @classmethod
    def of_erased(cls, lead_id: LeadId) -> Self:
        """Return the answer to a command that was given before the lead was erased."""
        return cls(lead_id=lead_id, erased=True, **cls.nothing)
