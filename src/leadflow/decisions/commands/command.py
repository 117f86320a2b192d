"""The base of all commands."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import KW_ONLY, dataclass, fields
from datetime import datetime
from typing import Any, ClassVar, Generic, TypeVar

from leadflow.decisions.answers import Answer
from leadflow.decisions.arguments import acting, lead_id_of, line_of, moment_of
from leadflow.decisions.draft import Decided
from leadflow.decisions.policy import SYSTEM, CommandContext, Policy
from leadflow.decisions.reads import Asking
from leadflow.entities import ActedBy, Actor, LeadId

__all__ = ["THE_PERSON", "Command", "LeadCommand", "Wish", "moment_by"]

T_co = TypeVar("T_co", covariant=True)
R = TypeVar("R", bound=Answer)

THE_PERSON = Actor(kind="person", id="self")


@dataclass(frozen=True)
class Wish(ABC, Generic[T_co]):
    """What somebody, or leadflow itself, wants done.

    ``decide`` is all that a host with its own reads and writes needs: answer what it yields, save the Change.
    """

    @abstractmethod
    def decide(self, policy: Policy, now: datetime) -> Asking[Decided[T_co]]:
        """Decide at a moment: yield reads, receive the answers, return the Change and the command's answer."""

    def _read(self, **values: Any) -> None:
        """Convert arguments to their stored form, once, when the command is created."""
        for name, value in values.items():
            object.__setattr__(self, name, value)


@dataclass(frozen=True)
class Command(Wish[R]):
    """What somebody wants done with a lead. Given twice with one ``key`` it is carried out once.

    Every repetition gets the first answer; a different payload under the same key raises ``IdempotencyConflict``.
    """

    answer: ClassVar[type[Answer]]
    """The class of its answer."""
    unkeyed: ClassVar[frozenset[str]] = frozenset({"key"})
    """The fields that may differ when the command is repeated with the same key."""

    _: KW_ONLY
    key: str | None = None

    def __post_init__(self) -> None:
        if self.key is not None:
            self._read(key=line_of("key", self.key))

    def payload(self, policy: Policy, now: datetime) -> Mapping[str, object]:  # noqa: ARG002  (some need the policy)
        """Return what must be the same when the command is repeated with the same key."""
        given = {one.name: getattr(self, one.name) for one in fields(self) if one.name not in self.unkeyed}
        plain = {name: str(value) if isinstance(value, Actor) else value for name, value in given.items()}
        return {"command": type(self).__name__, **plain}

    def shown(self, answered: R) -> R:
        """Return the answer, completed by what only this command knows, whether it was carried out now or before."""
        return answered


@dataclass(frozen=True)
class LeadCommand(Command[R]):
    """What a person or a system does with one lead.

    ``by`` is a rep's id, or an ``Actor`` for everybody else; ``at`` is when it happened (by default now).
    """

    lead_id: LeadId
    _: KW_ONLY
    by: ActedBy
    at: datetime | None = None

    def __post_init__(self) -> None:
        super().__post_init__()
        at = None if self.at is None else moment_of("at", self.at)
        self._read(lead_id=lead_id_of("lead_id", self.lead_id), by=acting(self.by), at=at)


def moment_by(now: datetime, by: ActedBy | None, at: datetime | None = None, default: Actor = SYSTEM) -> CommandContext:
    """Return when and by whom a command is given."""
    actor = default if by is None else acting(by)
    return CommandContext(now=now, by=actor, at=None if at is None else moment_of("at", at))
