"""Stages and moves as values, and the symbolic sources through which moves apply to new stages automatically.

A move is a row of the table: a name, sources, a target, who may make it, what it needs. Several rows may share a name
(``open_deal`` makes an SQL an opportunity, and leaves a customer a customer).
"""

# No `from __future__ import annotations`: pydantic reads these annotations.
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Final, Literal, get_args

from pydantic import AfterValidator, BeforeValidator, PlainSerializer

from leadflow.entities.actor import ActorKind
from leadflow.entities.definition import Definition
from leadflow.errors import DefinitionError

__all__ = [
    "ANYONE",
    "NEEDS",
    "STAYS",
    "Move",
    "Need",
    "Stage",
    "StageKind",
    "Transition",
    "before",
    "later",
    "of_kind",
    "ordered",
    "referred",
    "ways",
]

StageKind = Literal["prospect", "nurturing", "marketing", "sales", "customer", "out"]
"""The kind of a stage; ``out`` stages (disqualified) are outside the order of the journey."""
Need = Literal["contact_point", "reason", "revisit", "owner", "deal"]
"""What a move may require: ``revisit`` is the date on which to look again."""

NEEDS: Final[tuple[str, ...]] = get_args(Need)
ANYONE: Final[frozenset[ActorKind]] = frozenset(get_args(ActorKind))
"""Every kind of actor, including the person."""


class Stage(Definition):
    """A stage of the journey.

    ``after`` is the stage that an added one follows; without a kind it has that of the stage it follows.
    """

    positional = ("name", "kind", "description")

    name: str
    kind: StageKind | None = None
    description: str = ""
    after: str | None = None

    if TYPE_CHECKING:

        def __init__(
            self, name: str, kind: StageKind | None = None, description: str = "", *, after: str | None = None
        ) -> None: ...


class StagesBefore(Definition):
    """Every stage from ``start`` (or the first) up to ``before``, without it."""

    before: str
    start: str | None = None

    def __str__(self) -> str:
        return f"every stage before {self.before}" + (f", from {self.start} on" if self.start else "")


class StagesOfKind(Definition):
    """Every stage of these kinds."""

    of_kind: tuple[StageKind, ...]

    def __str__(self) -> str:
        return f"every {' or '.join(self.of_kind)} stage"


class LaterStages(Definition):
    """Any stage later than the one it starts from, up to and with ``later``."""

    later: str

    def __str__(self) -> str:
        return f"any later stage up to {self.later}"


class SameStage(Definition):
    """The stage that it starts from."""

    stays: Literal[True] = True

    def __str__(self) -> str:
        return "stays"


STAYS: Final = SameStage()


def before(stage: str, *, start: str | None = None) -> StagesBefore:
    """Every stage before this one, including those added later; ``start`` leaves out the stages before it."""
    return StagesBefore(before=stage, start=start)


def of_kind(*kinds: StageKind) -> StagesOfKind:
    """Every stage of these kinds, including those added later."""
    return StagesOfKind(of_kind=kinds)


def later(last: str) -> LaterStages:
    """Any later stage up to and including ``last``; ``to`` names the one."""
    return LaterStages(later=last)


SYMBOLS: Final[Mapping[str, type[Definition]]] = {
    "before": StagesBefore, "of_kind": StagesOfKind, "later": LaterStages, "stays": SameStage,
}  # fmt: skip


REMEDY: Final = f"write a name, a list of names, or a mapping with one of {', '.join(SYMBOLS)}"


def _stages(written: object) -> object:
    """A name, a tuple of names, or a symbol, which as data is told by its first key."""
    if isinstance(written, Mapping):
        kind = next((SYMBOLS[key] for key in SYMBOLS if key in written), None)
        if kind is None:
            raise DefinitionError(f"{written!r} names no stage; {REMEDY}")
        return kind.model_validate(written)
    if isinstance(written, str | Definition):
        return written
    if not isinstance(written, Collection):
        raise DefinitionError(f"{written!r} names no stage; {REMEDY}")
    return tuple(written)


def _some(written: object) -> object:
    return (written,) if isinstance(written, str) else written


def _by_somebody(by: frozenset[ActorKind]) -> frozenset[ActorKind]:
    if not by:
        raise DefinitionError("nobody may make it; name some of them")
    return by


Actors = Annotated[frozenset[ActorKind], BeforeValidator(_some), AfterValidator(_by_somebody), PlainSerializer(sorted)]


class Move(Definition):
    """A move of a lead from one stage to another.

    ``sources`` and ``target`` are names of stages or symbolic (``before``, ``of_kind``, ``later``, ``STAYS``); with
    several targets ``to`` names the one. ``skips`` marks a fast track: it may skip stages, and no stage may depend on
    it.
    """

    positional = ("name", "sources", "target", "by", "needs")

    name: str
    sources: Annotated[str | tuple[str, ...] | StagesBefore | StagesOfKind, BeforeValidator(_stages)]
    target: Annotated[str | tuple[str, ...] | LaterStages | SameStage, BeforeValidator(_stages)]
    by: Actors = ANYONE
    needs: Annotated[frozenset[Need], BeforeValidator(_some), PlainSerializer(sorted)] = frozenset()
    skips: bool = False
    description: str = ""

    if TYPE_CHECKING:

        def __init__(
            self,
            name: str,
            sources: str | Collection[str] | StagesBefore | StagesOfKind,
            target: str | Collection[str] | LaterStages | SameStage,
            by: Collection[ActorKind] = ANYONE,
            needs: Collection[Need] = (),
            *,
            skips: bool = False,
            description: str = "",
        ) -> None: ...


@dataclass(frozen=True, slots=True)
class Transition:
    """One move from one stage, resolved."""

    targets: tuple[str, ...]
    by: frozenset[ActorKind]
    needs: frozenset[Need]
    skips: bool = False


def ordered(base: Sequence[Stage], added: Sequence[Stage]) -> tuple[Stage, ...]:
    """The stages in order: each added one directly after its ``after``, several of them as written.

    Those with an unknown ``after`` are left out; so are circles.
    """
    followers: dict[str, list[Stage]] = {}
    for stage in added:
        followers.setdefault(stage.after or "", []).append(stage)
    line: list[Stage] = []

    def place(stage: Stage, kind: StageKind | None) -> None:
        line.append(stage if stage.kind else stage.but(kind=kind))
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
            case StagesBefore(before=stage, start=start):
                yield from (stage, start) if start else (stage,)
            case LaterStages(later=stage):
                yield stage


def ways(stages: Sequence[Stage], moves: Iterable[Move]) -> Iterable[tuple[str, Move, Transition]]:
    """Every stage with the moves that start there, resolved; moves must name only known stages."""
    places = {stage.name: place for place, stage in enumerate(stages)}
    for move in moves:
        for source in _sources(move, stages, places):
            if targets := _targets(move, source, stages, places):
                yield source, move, Transition(targets, move.by, move.needs, move.skips)


def _sources(move: Move, stages: Sequence[Stage], places: Mapping[str, int]) -> tuple[str, ...]:
    match move.sources:
        case str(stage):
            return (stage,)
        case StagesBefore(before=end, start=start):
            return _between(stages, places[start] if start else 0, places[end])
        case StagesOfKind(of_kind=kinds):
            return tuple(stage.name for stage in stages if stage.kind in kinds)
        case several:
            return several


def _targets(move: Move, source: str, stages: Sequence[Stage], places: Mapping[str, int]) -> tuple[str, ...]:
    match move.target:
        case str(stage):
            return (stage,)
        case SameStage():
            return (source,)
        case LaterStages(later=last):
            return _between(stages, places[source] + 1, places[last] + 1)
        case several:
            return several


def _between(stages: Sequence[Stage], start: int, end: int) -> tuple[str, ...]:
    return tuple(stage.name for stage in stages[start:end] if stage.kind != "out")
