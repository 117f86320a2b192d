"""The journey as a table: stages, moves, who may make them and what they need; the one gate that every move passes.

``DEFAULT`` is the whole journey; ``DEFAULT.extend(stages=…, moves=…, without=…)`` gives a host's own. A look-up in the
table takes well under a microsecond; the same table as a python-statemachine class (``machine_class``) draws the
diagram and runs a host's listeners. Neither asks the other; a test walks both side by side.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from leadflow.definition import checked, extended
from leadflow.entities.actor import Actor, ActorKind
from leadflow.errors import InvalidInput, MoveNotAllowed
from leadflow.moves import ANYONE, STAYS, Move, Need, Stage, Way, before, later, of_kind, ways
from leadflow.qualification import FastTrack, Qualification, Verdict, thresholds

__all__ = [
    "ANYONE",
    "DEFAULT",
    "FastTrack",
    "Lifecycle",
    "Move",
    "Qualification",
    "STAYS",
    "Stage",
    "Verdict",
    "before",
    "later",
    "of_kind",
    "thresholds",
]


@dataclass(frozen=True, slots=True)
class Lifecycle:
    """Stages in their order and the moves between them; wrong definitions are refused with all that is wrong.

    Every stage must be reachable without a fast track, lead on, and lead back to nurturing; from every sales stage a
    rep must be able to give a lead back.
    """

    stages: Sequence[Stage]
    moves: Sequence[Move]
    _stages: Mapping[str, Stage] = field(init=False, repr=False, compare=False)
    _places: Mapping[str, int] = field(init=False, repr=False, compare=False)
    _ways: Mapping[tuple[str, str], Way] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        stages, moves = checked(self.stages, self.moves)
        journey = (stage.name for stage in stages if stage.kind != "out")
        tables = {
            "stages": stages,
            "moves": moves,
            "_stages": {stage.name: stage for stage in stages},
            "_places": {name: place for place, name in enumerate(journey)},
            "_ways": {(source, move.name): way for source, move, way in ways(stages, moves)},
        }
        for name, table in tables.items():
            object.__setattr__(self, name, table)

    # ---------------------------------------------------------------------------------------------- the gate
    def target(self, stage: str, move: str, *, actor: Actor | ActorKind | None = None, to: str | None = None) -> str:
        """The stage that a move leads to, or ``MoveNotAllowed`` with what is allowed and why this is not.

        Without an actor, who makes the move is not asked. ``to`` is needed only where a move has several targets.
        """
        way = self._ways.get((stage, move))
        if way is not None and (actor is None or (actor if isinstance(actor, str) else actor.kind) in way.by):
            if to is None:
                if len(way.targets) == 1:
                    return way.targets[0]
            elif to in way.targets:
                return to
        raise MoveNotAllowed(stage, move, self.allowed(stage, actor), self._why_not(stage, move, way, actor, to))

    def _why_not(self, stage: str, move: str, way: Way | None, actor: Actor | ActorKind | None, to: str | None) -> str:
        if way is None:
            if stage not in self._stages:
                return f"this lifecycle has no stage {stage!r}"
            starts = [source for source, name in self._ways if name == move]
            return f"only from {', '.join(starts)}" if starts else f"this lifecycle has no move {move!r}"
        kind = actor if actor is None or isinstance(actor, str) else actor.kind
        if kind is not None and kind not in way.by:
            return f"not by {actor}, only by {', '.join(sorted(way.by))}"
        where = ", ".join(way.targets)
        return f"say where to, one of {where}" if to is None else f"not to {to}, only to {where}"

    def allowed(self, stage: str, actor: Actor | ActorKind | None = None) -> Mapping[str, tuple[str, ...]]:
        """The moves that start at this stage (for this actor), each with its targets."""
        kind = actor if actor is None or isinstance(actor, str) else actor.kind
        return {
            move: way.targets
            for (source, move), way in self._ways.items()
            if source == stage and (kind is None or kind in way.by)
        }

    # ------------------------------------------------------------------------------------------ about the table
    def needs(self, move: str, stage: str) -> frozenset[Need]:
        """What this move can't be made without from this stage."""
        return self._way(stage, move).needs

    def ends_round(self, move: str, stage: str) -> bool:
        """Whether sales gives the lead back with it: by a rep's move from marketing or sales into nurturing."""
        way = self._way(stage, move)
        given_back = self._stages[stage].kind in ("marketing", "sales") and "rep" in way.by
        return given_back and all(self._stages[target].kind == "nurturing" for target in way.targets)

    def _way(self, stage: str, move: str) -> Way:
        way = self._ways.get((stage, move))
        if way is None:
            raise MoveNotAllowed(stage, move, self.allowed(stage), self._why_not(stage, move, None, None, None))
        return way

    def stage(self, name: str) -> Stage:
        """The stage with this name."""
        try:
            return self._stages[name]
        except KeyError:
            raise InvalidInput("stage", name, f"give one of {', '.join(self._stages)}") from None

    @property
    def first(self) -> str:
        """Where every journey begins."""
        return self.stages[0].name

    def is_before(self, one: str, other: str) -> bool:
        """Whether a stage comes earlier in the journey; never for stages that are out of it (disqualified)."""
        self.stage(one), self.stage(other)
        places = self._places
        return one in places and other in places and places[one] < places[other]

    def skipped(self, source: str, target: str) -> tuple[str, ...]:
        """The stages in between, in order; none on the way back, or to or from a stage out of the journey."""
        return tuple(stage for stage in self._places if self.is_before(source, stage) and self.is_before(stage, target))

    # ---------------------------------------------------------------------------------------------- your own
    def extend(
        self, *, stages: Iterable[Stage] = (), moves: Iterable[Move] = (), without: Iterable[str] = ()
    ) -> Lifecycle:
        """A lifecycle of your own: first goes what ``without`` names (stages or moves), then yours comes in.

        A new stage says which it comes ``after``; moves with symbolic sources hold for it by themselves. A move is
        replaced by naming it in ``without`` and giving it anew; a row more is just given.
        """
        return Lifecycle(*extended(self.stages, self.moves, tuple(stages), tuple(moves), tuple(without)))


_REP: Final[tuple[ActorKind, ...]] = ("rep",)
_POLICY: Final[tuple[ActorKind, ...]] = ("policy",)
_SALES: Final[tuple[ActorKind, ...]] = ("rep", "crm")

DEFAULT: Final = Lifecycle(
    stages=[
        Stage("prospect", "prospect", "a visitor known by a cookie or device only"),
        Stage("lead", "nurturing", "reachable; is nurtured and scored"),
        Stage("mql", "marketing", "qualified by marketing; waits for a rep"),
        Stage("sal", "sales", "accepted by sales; a rep has taken it"),
        Stage("sql", "sales", "qualified by sales"),
        Stage("opportunity", "sales", "there is a deal to win"),
        Stage("customer", "customer", "has bought"),
        Stage("promoter", "customer", "refers others"),
        Stage("disqualified", "out", "will not buy, for a reason; can be reopened"),
    ],
    moves=[
        Move("identify", "prospect", "lead", ANYONE, ["contact_point"]),
        Move("qualify", "lead", "mql", ["policy", "marketing"], ["reason"], description="the policy gives its reason"),
        Move("cool", "mql", "lead", _POLICY, description="below the lower threshold for the dwell time"),
        Move("accept", "mql", "sal", ["rep", "policy"], ["owner"], description="the policy by `auto_accept`"),
        Move("reject", "mql", "lead", _REP, ["reason", "revisit"]),
        Move("confirm", "sal", "sql", _REP),
        Move("open_deal", "sql", "opportunity", _SALES, ["deal"]),
        Move("win", "opportunity", "customer", _SALES, ["deal"]),
        Move("lose", "opportunity", "lead", _SALES, ["reason", "revisit"]),
        Move("open_deal", of_kind("customer"), STAYS, _SALES, ["deal"]),
        Move("win", of_kind("customer"), STAYS, _SALES, ["deal"]),
        Move("lose", of_kind("customer"), STAYS, _SALES, ["deal"]),
        Move("recycle", of_kind("sales"), "lead", _REP, ["reason", "revisit"]),
        Move("step_back", "sal", "mql", _REP, ["reason"]),
        Move("step_back", "sql", ["sal", "mql"], _REP, ["reason"]),
        Move("step_back", "opportunity", "sql", _REP, ["reason"]),
        Move(
            "fast_track", before("opportunity", start="lead"), later("customer"), ["policy", "rep"], ["reason"],
            skips=True, description="„Low hanging fruit“; the skipped stages are in the fact",
        ),
        Move("promote", "customer", "promoter", ANYONE),
        Move("settle", "promoter", "customer", ANYONE),
        Move("lapse", of_kind("customer"), "lead", ANYONE, ["reason"], description="nurtured as a former customer"),
        Move("disqualify", before("customer"), "disqualified", ANYONE, ["reason"]),
        Move("reopen", of_kind("out"), "lead", ANYONE, ["reason"]),
    ],
)  # fmt: skip
"""The whole journey, from a first anonymous visit to a loyal customer."""
