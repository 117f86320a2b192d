"""Actors: who did something."""

from __future__ import annotations

from typing import Literal, Self

from leadflow.entities.base import Entity, Line

__all__ = ["ActedBy", "Actor", "ActorKind"]

ActorKind = Literal["rep", "marketing", "policy", "crm", "person", "system"]


class Actor(Entity):
    """Who acts: a rep, marketing, a policy (the rules themselves), the CRM, the person, or the system."""

    kind: ActorKind
    id: Line = "leadflow"

    @classmethod
    def of(cls, by: ActedBy) -> Self:
        """Read ``by``: a bare name stands for a rep."""
        return cls(kind="rep", id=by) if isinstance(by, str) else cls(kind=by.kind, id=by.id)

    def __str__(self) -> str:
        return f"{self.kind} {self.id}"


ActedBy = Actor | str
"""An actor, or a rep's id."""
