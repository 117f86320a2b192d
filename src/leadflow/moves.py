"""Stages and moves as values, the symbolic sources that let a new stage have its ways by itself, and what they come to.

A move is a row of the table: a name, where it starts, where it leads, who may make it, what it needs. Several rows may
share a name (``open_deal`` leads an SQL to an opportunity, and leaves a customer a customer).
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Literal, get_args

from leadflow.entities.actor import ActorKind

__all__ = [
    "ANYONE",
    "KINDS",
    "NEEDS",
    "STAYS",
    "Kinds",
    "Later",
    "Move",
    "Need",
    "Span",
    "Stage",
    "StageKind",
    "Stays",
    "Way",
    "before",
    "later",
    "of_kind",
    "ordered",
    "referred",
    "ways",
]

StageKind = Literal["prospect", "nurturing", "marketing", "sales", "customer", "out"]
"""What a stage is for; ``out`` stages (disqualified) stand beside the journey, not in its order."""
Need = Literal["contact_point", "reason", "revisit", "owner", "deal"]
"""What a move can't be made without: ``revisit`` is the date to look again."""

KINDS: Final[tuple[str, ...]] = get_args(StageKind)
NEEDS: Final[tuple[str, ...]] = get_args(Need)
ANYONE: Final[frozenset[ActorKind]] = frozenset(get_args(ActorKind))
"""Every kind of actor, the person itself too."""


@dataclass(frozen=True, slots=True)
class Stage:
    """Where a lead can stand.

    ``after`` says where an added stage goes; without a kind it has that of the stage which it comes after.
    """

    name: str
    kind: StageKind | None = None
    description: str = ""
    after: str | None = None


@dataclass(frozen=True, slots=True)
class Span:
    """Every stage from ``start`` (or the first) up to ``end``, without it."""

    end: str
    start: str | None = None

    def __str__(self) -> str:
        return f"every stage before {self.end}" + (f", from {self.start} on" if self.start else "")


@dataclass(frozen=True, slots=True)
class Kinds:
    """Every stage of these kinds."""

    kinds: tuple[StageKind, ...]

    def __str__(self) -> str:
        return f"every {' or '.join(self.kinds)} stage"


@dataclass(frozen=True, slots=True)
class Later:
    """Any stage later than the one it starts from, up to and with ``last``."""

    last: str

    def __str__(self) -> str:
        return f"any later stage up to {self.last}"


@dataclass(frozen=True, slots=True)
class Stays:
    """The stage that it starts from."""

    def __str__(self) -> str:
        return "stays"


STAYS: Final = Stays()


def before(stage: str, *, start: str | None = None) -> Span:
    """Every stage before this one, also those that are added later; ``start`` leaves out what comes before it."""
    return Span(stage, start)


def of_kind(*kinds: StageKind) -> Kinds:
    """Every stage of these kinds, also those that are added later."""
    return Kinds(kinds)


def later(last: str) -> Later:
    """Any later stage up to and with ``last``; who makes the move names one as ``to``."""
    return Later(last)


@dataclass(frozen=True, slots=True)
class Move:
    """The verb that takes a lead from one stage to another.

    ``sources`` and ``target`` are names of stages or symbolic (``before``, ``of_kind``, ``later``, ``STAYS``); with
    several targets the one is named as ``to``. ``skips`` marks a fast track: it may leave stages out, and no stage may
    depend on it.
    """

    name: str
    sources: str | Collection[str] | Span | Kinds
    target: str | Collection[str] | Later | Stays
    by: Collection[ActorKind] = ANYONE
    needs: Collection[Need] = ()
    skips: bool = False
    description: str = ""

    def __post_init__(self) -> None:
        for field in ("sources", "target"):
            value = getattr(self, field)
            if not isinstance(value, str | Span | Kinds | Later | Stays):
                object.__setattr__(self, field, tuple(value))
        for field in ("by", "needs"):
            value = getattr(self, field)
            object.__setattr__(self, field, frozenset((value,) if isinstance(value, str) else value))


@dataclass(frozen=True, slots=True)
class Way:
    """What one move comes to from one stage."""

    targets: tuple[str, ...]
    by: frozenset[ActorKind]
    needs: frozenset[Need]
    skips: bool = False


def ordered(base: Sequence[Stage], added: Sequence[Stage]) -> tuple[Stage, ...]:
    """The stages in their order: each added one right behind its ``after``, several there as they were written.

    Those whose ``after`` is nowhere are left out; so are circles.
    """
    followers: dict[str, list[Stage]] = {}
    for stage in added:
        followers.setdefault(stage.after or "", []).append(stage)
    line: list[Stage] = []

    def place(stage: Stage, kind: StageKind | None) -> None:
        line.append(stage if stage.kind else Stage(stage.name, kind, stage.description, stage.after))
        for follower in followers.pop(stage.name, ()):
            place(follower, line[-1].kind if stage is not follower else kind)

    for stage in base:
        place(stage, stage.kind)
    return tuple(line)


def referred(move: Move) -> Iterable[str]:
    """The stages that a move names."""
    for end in (move.sources, move.target):
        match end:
            case str():
                yield end
            case tuple():
                yield from end
            case Span(end=stage, start=start):
                yield from (stage, start) if start else (stage,)
            case Later(last=stage):
                yield stage


def ways(stages: Sequence[Stage], moves: Iterable[Move]) -> Iterable[tuple[str, Move, Way]]:
    """Every stage with every move that starts there and what it comes to; moves must name only known stages."""
    places = {stage.name: place for place, stage in enumerate(stages)}
    for move in moves:
        for source in _sources(move, stages, places):
            if targets := _targets(move, source, stages, places):
                yield source, move, Way(targets, frozenset(move.by), frozenset(move.needs), move.skips)


def _sources(move: Move, stages: Sequence[Stage], places: Mapping[str, int]) -> tuple[str, ...]:
    match move.sources:
        case str(stage):
            return (stage,)
        case Span(end=end, start=start):
            return _between(stages, places[start] if start else 0, places[end])
        case Kinds(kinds=kinds):
            return tuple(stage.name for stage in stages if stage.kind in kinds)
        case several:
            return tuple(several)


def _targets(move: Move, source: str, stages: Sequence[Stage], places: Mapping[str, int]) -> tuple[str, ...]:
    match move.target:
        case str(stage):
            return (stage,)
        case Stays():
            return (source,)
        case Later(last=last):
            return _between(stages, places[source] + 1, places[last] + 1)
        case several:
            return tuple(several)


def _between(stages: Sequence[Stage], start: int, end: int) -> tuple[str, ...]:
    return tuple(stage.name for stage in stages[start:end] if stage.kind != "out")
