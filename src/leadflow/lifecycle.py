"""The lifecycle as a table: stages, moves, who may make them and what they need; the one gate that every move passes.

``DEFAULT`` is the whole journey; ``DEFAULT.extend(stages=…, moves=…, without=…)`` is a host's own. A look-up in the
table takes well under a microsecond; the same table as a python-statemachine class (``machine_class``) draws the
diagram and runs a host's listeners. The two are independent; a test runs both side by side.
"""

# No `from __future__ import annotations`: pydantic reads these annotations.
import builtins
from collections.abc import Iterable, Iterator, Mapping
from difflib import get_close_matches
from functools import cached_property
from types import MappingProxyType, SimpleNamespace
from typing import TYPE_CHECKING, Any, Final, Self

from pydantic import Field, model_validator

from leadflow.entities.actor import Actor, ActorKind
from leadflow.entities.base import Line
from leadflow.entities.definition import Definition
from leadflow.errors import DefinitionError, InvalidInput, MoveNotAllowed
from leadflow.lifecycle_checks import check_lifecycle, event_names, extended, last_name
from leadflow.moves import ANYONE, NEEDS, STAYS, Move, Need, Stage, Transition, before, later, of_kind, ways
from leadflow.qualification import FastTrack, NextMove, Qualification, thresholds
from leadflow.stage_times import TimeInStage, stage_entries, times_in_stage

if TYPE_CHECKING:
    from statemachine import StateMachine

__all__ = [
    "ANYONE",
    "DEFAULT",
    "STAYS",
    "FastTrack",
    "Lifecycle",
    "Move",
    "NextMove",
    "Qualification",
    "Stage",
    "TimeInStage",
    "before",
    "later",
    "of_kind",
    "stage_entries",
    "thresholds",
    "times_in_stage",
]

FORMATS: Final = ("mermaid", "md", "rst")


class Lifecycle(Definition):
    """Stages in order and the moves between them; a wrong definition is refused with all its problems.

    Every stage must be reachable without a fast track, lead on, and lead back to nurturing; from every sales stage a
    rep must be able to return a lead. ``renamed`` leads from stages that are gone to those that took their place:
    ``{"trial": "sql"}``; leads stored there are in the present stage. ``reasons`` lists, per move, the codes that may
    be given as its reason, each with its label; a move without a list takes any text.
    """

    positional = ("stages", "moves")

    stages: tuple[Stage, ...]
    moves: tuple[Move, ...]
    renamed: Mapping[str, str] = Field(default_factory=dict)
    reasons: Mapping[str, Mapping[Line, Line]] = Field(default_factory=dict)

    if TYPE_CHECKING:

        def __init__(
            self,
            stages: Iterable[Stage],
            moves: Iterable[Move],
            *,
            renamed: Mapping[str, str] = ...,
            reasons: Mapping[str, Mapping[str, str]] = ...,
        ) -> None: ...

    def __repr_args__(self) -> Iterator[tuple[str | None, Any]]:
        """Show the names of the stages, and how many moves there are: the whole is too long to read."""
        yield "stages", [stage.name for stage in self.stages]
        yield "moves", len(self.moves)

    @model_validator(mode="after")
    def _leads_somewhere(self) -> Self:
        check_lifecycle(self.stages, self.moves, self.renamed, self.reasons)
        return self

    def __hash__(self) -> int:
        return hash((self.stages, self.moves, *sorted(self.renamed.items())))

    @cached_property
    def present(self) -> Mapping[str, str]:
        """The present stage for each one that is gone, over any number of renamings."""
        return {old: last_name(old, self.renamed) for old in self.renamed}

    @cached_property
    def _stages(self) -> Mapping[str, Stage]:
        return {stage.name: stage for stage in self.stages}

    @cached_property
    def _places(self) -> Mapping[str, int]:
        journey = (stage.name for stage in self.stages if stage.kind != "out")
        return {name: place for place, name in enumerate(journey)}

    @cached_property
    def _ways(self) -> Mapping[tuple[str, str], Transition]:
        return {(source, move.name): way for source, move, way in ways(self.stages, self.moves)}

    @cached_property
    def _ways_from(self) -> Mapping[str, Mapping[str, Transition]]:
        ways_from: dict[str, dict[str, Transition]] = {}
        for (source, move), way in self._ways.items():
            ways_from.setdefault(source, {})[move] = way
        return ways_from

    # ---------------------------------------------------------------------------------------------- the gate
    def target(self, stage: str, move: str, *, actor: Actor | ActorKind | None = None, to: str | None = None) -> str:
        """The stage that a move leads to, or ``MoveNotAllowed`` with the reason and the allowed moves.

        Without an actor, nobody is excluded. ``to`` is needed only if a move has several targets.
        """
        way = self._ways.get((stage, move))
        if way is not None and (actor is None or (actor if isinstance(actor, str) else actor.kind) in way.by):
            if to is None:
                if len(way.targets) == 1:
                    return way.targets[0]
            elif to in way.targets:
                return to
        raise MoveNotAllowed(stage, move, self.allowed(stage, actor), self._why_not(stage, move, way, actor, to))

    def _why_not(
        self, stage: str, move: str, way: Transition | None, actor: Actor | ActorKind | None, to: str | None
    ) -> str:
        if way is None:
            if stage not in self._stages:
                return f"this lifecycle has no stage {stage!r}"
            starts = [source for source, name in self._ways if name == move]
            return f"only from {', '.join(starts)}" if starts else f"this lifecycle has no move {move!r}"
        kind = actor if actor is None or isinstance(actor, str) else actor.kind
        if kind is not None and kind not in way.by:
            named = " (a bare name is a rep)" if isinstance(actor, Actor) and kind == "rep" else ""
            return f"not by {actor}{named}, only by {', '.join(sorted(way.by))}"
        where = ", ".join(way.targets)
        return f"say where to, one of {where}" if to is None else f"not to {to}, only to {where}"

    def allowed(self, stage: str, actor: Actor | ActorKind | None = None) -> Mapping[str, tuple[str, ...]]:
        """The moves that start at this stage (for this actor), each with its targets."""
        kind = actor if actor is None or isinstance(actor, str) else actor.kind
        ways = self._ways_from.get(stage, {})
        return {move: way.targets for move, way in ways.items() if kind is None or kind in way.by}

    # ------------------------------------------------------------------------------------------ about the table
    def needs(self, move: str, stage: str) -> frozenset[Need]:
        """What this move requires from this stage."""
        return self._way(stage, move).needs

    def check_reason(self, move: str, reason: object) -> None:
        """Refuse a reason that is not one of the move's codes, with the nearest and the whole list."""
        codes = self.reasons.get(move)
        if codes and reason is not None and reason not in codes:
            near = get_close_matches(str(reason)[:100], codes, n=1)
            listed = ", ".join(f"{code} ({label})" for code, label in codes.items())
            remedy = f"did you mean {near[0]!r}? " if near else ""
            raise InvalidInput("reason", reason, f"{remedy}`{move}` takes one of: {listed}; free text goes into note=")

    def reason_label(self, move: str, reason: str) -> str:
        """The label of a reason's code, or the reason as it was given."""
        return self.reasons.get(move, {}).get(reason, reason)

    def ends_round(self, move: str, stage: str) -> bool:
        """Whether sales returns the lead with it: by a rep's move from marketing or sales into nurturing."""
        way = self._way(stage, move)
        given_back = self._stages[stage].kind in ("marketing", "sales") and "rep" in way.by
        return given_back and all(self._stages[target].kind == "nurturing" for target in way.targets)

    def _way(self, stage: str, move: str) -> Transition:
        way = self._ways.get((stage, move))
        if way is None:
            raise MoveNotAllowed(stage, move, self.allowed(stage), self._why_not(stage, move, None, None, None))
        return way

    def stage(self, name: str) -> Stage:
        """The stage with this name; for a stage that is gone, the one that took its place."""
        try:
            return self._stages[self.present.get(name, name)]
        except KeyError:
            there = ", ".join(self._stages)
            remedy = (
                f"give one of {there}; a stage that is gone needs a successor: Lifecycle(…, renamed={{{name!r}: …}})"
            )
            raise InvalidInput("stage", name, remedy) from None

    @cached_property
    def outside(self) -> frozenset[str]:
        """The stages outside the journey (disqualified)."""
        return frozenset(stage.name for stage in self.stages if stage.kind == "out")

    @property
    def first(self) -> str:
        """The first stage of every journey."""
        return self.stages[0].name

    def is_before(self, one: str, other: str) -> bool:
        """Whether a stage comes earlier in the journey; never for stages outside it (disqualified)."""
        one, other = self.stage(one).name, self.stage(other).name
        places = self._places
        return one in places and other in places and places[one] < places[other]

    def skipped(self, source: str, target: str) -> tuple[str, ...]:
        """The stages in between, in order; none on the way back, or to or from a stage outside the journey."""
        return tuple(stage for stage in self._places if self.is_before(source, stage) and self.is_before(stage, target))

    # ------------------------------------------------------------------------------------------------ the machine
    @property
    def events(self) -> Mapping[tuple[str, str], str]:
        """The machine's event for every (move, target): ``win``; with several targets ``fast_track_to_sql``."""
        return event_names(self._ways)

    def machine_class(self) -> "type[StateMachine]":
        """A new python-statemachine class: a state per stage, an event per move, or per move and target (``events``).

        Actors and requirements are checked by the table only. A move that stays runs no entry and no exit.
        """
        return _machine_class(self, self.events, {})

    def machine(self, stage: str | None = None, *, listeners: Iterable[object] = ()) -> "StateMachine":
        """A machine in this stage (by default the first), with your listeners.

        Building it takes milliseconds, and no listener is called for its first stage; ``machine.model.state`` is the
        current one.
        """
        model = SimpleNamespace(state=self.stage(stage or self.first).name)
        return self.machine_class()(model, listeners=list(listeners))

    def diagram(self, format: str = "mermaid", *, without: Iterable[str] = ()) -> str:
        """The graph as text: ``mermaid``, or a table of the machine's events as ``md`` or ``rst``.

        ``without`` leaves moves out of the diagram. Moves that stay are not drawn.
        """
        if format not in FORMATS:
            raise InvalidInput("format", format, f"give one of {', '.join(FORMATS)}")
        hidden = set(without)
        shown = {edge: event for edge, event in self.events.items() if edge[0] not in hidden}
        unchecked = {"validate_disconnected_states": False, "validate_trap_states": False}
        return builtins.format(_machine_class(self, shown, unchecked), format)

    def table(self) -> str:
        """The moves as a Markdown table."""
        rows = [("move", "from", "to", "by", "needs"), ("---",) * 5, *map(_row, self.moves)]
        return "\n".join(f"| {' | '.join(row)} |" for row in rows) + "\n"

    # ---------------------------------------------------------------------------------------------- your own
    def extend(
        self,
        *,
        stages: Iterable[Stage] = (),
        moves: Iterable[Move] = (),
        without: Iterable[str] = (),
        renamed: Mapping[str, str] = MappingProxyType({}),
        reasons: Mapping[str, Mapping[str, str]] = MappingProxyType({}),
    ) -> Self:
        """A lifecycle of your own: stages or moves in ``without`` are removed, then yours are added.

        ``reasons`` replaces the lists of the moves that it names: ``{"reject": {"no_budget": "No budget"}}``.

        A new stage names the one that it comes ``after``; moves with symbolic sources apply to it automatically. To
        replace a move, name it in ``without`` and give the new one. ``renamed`` says which stage took the place of one
        that is gone.
        """
        moves, without = tuple(moves), tuple(without)
        again = {move.name for move in moves}
        known = {move: codes for move, codes in self.reasons.items() if move not in without or move in again}
        parts = extended(self.stages, self.moves, tuple(stages), moves, without)
        return type(self)(*parts, renamed={**self.renamed, **renamed}, reasons={**known, **reasons})


def _machine_class(
    lifecycle: Lifecycle, events: Mapping[tuple[str, str], str], settings: Mapping[str, object]
) -> "type[StateMachine]":
    from statemachine import Event, State, StateMachine
    from statemachine.exceptions import InvalidDefinition

    states = {stage.name: State(stage.name, value=stage.name) for stage in lifecycle.stages}
    states[lifecycle.first] = State(lifecycle.first, value=lifecycle.first, initial=True)
    transitions: dict[str, Any] = {}
    for source, moves in ((stage.name, lifecycle.allowed(stage.name)) for stage in lifecycle.stages):
        for move, target in ((move, target) for move, targets in moves.items() for target in targets):
            if event := events.get((move, target)):
                edge = states[source].to(states[target], internal=source == target)
                transitions[event] = transitions[event] | edge if event in transitions else edge
    named = {event: Event(transitions[event], name=move) for (move, _), event in events.items()}
    try:
        # Always a class of its own: subclassing one would change the states of its parent.
        return type("Journey", (StateMachine,), {**settings, **states, **named})
    except InvalidDefinition as wrong:
        raise DefinitionError(f"python-statemachine can't take this lifecycle: {wrong}") from wrong


def _row(move: Move) -> tuple[str, ...]:
    ends = (end if isinstance(end, str) else ", ".join(end) if isinstance(end, tuple) else str(end)
            for end in (move.sources, move.target))  # fmt: skip
    by = "anyone" if move.by == ANYONE else ", ".join(sorted(move.by))
    needs = "; ".join(filter(None, (", ".join(_NEEDS[need] for need in NEEDS if need in move.needs), move.description)))
    return (move.name, *ends, by, needs or "–")


_NEEDS: Final[Mapping[str, str]] = {
    "contact_point": "a contact point",
    "reason": "a reason",
    "revisit": "a date to look again",
    "owner": "an owner",
    "deal": "the deal",
}
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
        Move("accept", "mql", "sal", [*_SALES, "policy"], ["owner"], description="the policy by `auto_accept`"),
        Move("reject", "mql", "lead", _SALES, ["reason", "revisit"]),
        Move("confirm", "sal", "sql", _SALES),
        Move("open_deal", "sql", "opportunity", _SALES, ["deal"]),
        Move("win", "opportunity", "customer", _SALES, ["deal"]),
        Move("lose", "opportunity", "lead", _SALES, ["reason", "revisit"]),
        Move("open_deal", "opportunity", STAYS, _SALES, ["deal"], description="one more"),
        Move("open_deal", of_kind("customer"), STAYS, _SALES, ["deal"]),
        Move("win", of_kind("customer"), STAYS, _SALES, ["deal"]),
        Move("lose", of_kind("customer"), STAYS, _SALES, ["deal"]),
        Move("recycle", of_kind("sales"), "lead", _SALES, ["reason", "revisit"]),
        Move("step_back", "sal", "mql", _SALES, ["reason"]),
        Move("step_back", "sql", ["sal", "mql"], _SALES, ["reason"]),
        Move("step_back", "opportunity", "sql", _SALES, ["reason"]),
        Move(
            "fast_track", before("opportunity", start="lead"), later("customer"), [*_SALES, "policy"], ["reason"],
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
