"""Whether a lifecycle can work, checked when it is built: everything that is wrong with it at once, named."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from difflib import get_close_matches
from keyword import iskeyword
from types import MappingProxyType
from typing import Final, get_args

from leadflow.entities.text import normal
from leadflow.errors import DefinitionError
from leadflow.moves import Move, Stage, StageKind, Transition, ordered, referred, ways

__all__ = ["RESERVED", "check_lifecycle", "event_names", "extended", "last_name"]

RESERVED: Final = frozenset({
    "TransitionNotAllowed", "activate_initial_state", "active_listeners", "add_event", "add_from_attributes",
    "add_inherited", "add_listener", "add_state", "allow_event_without_transition", "allowed_events",
    "atomic_configuration_update", "bind_events_to", "cancel_event", "catch_errors_as_events", "configuration",
    "configuration_values", "current_state", "current_state_value", "enable_self_transition_entries",
    "enabled_events", "events", "final_states", "history_values", "id", "initial_state", "is_terminated", "listeners",
    "listeners_inherit", "model", "mro", "name", "prepare", "prepare_event", "raise_", "send",
    "start_configuration_values", "start_value", "state_field", "states", "states_map",
    "validate_disconnected_states", "validate_final_reachability", "validate_trap_states",
    "direction", "end", "note", "state",
})  # fmt: skip
"""Names that python-statemachine's classes (or, in the last line, Mermaid's diagrams) use themselves."""
CALLBACKS: Final = ("_", "on_", "before_", "after_", "done_", "error_")
"""How names begin that python-statemachine would take for callbacks or for events of its own."""

NO_RENAMING: Final[Mapping[str, str]] = MappingProxyType({})
NO_REASONS: Final[Mapping[str, Mapping[str, str]]] = MappingProxyType({})
Transitions = Mapping[tuple[str, str], Transition]
Problems = Iterator[str]


def last_name(stage: str, renamed: Mapping[str, str]) -> str:
    """Return the last of the names that a stage has had since it had this one."""
    seen = {stage}
    while (name := renamed.get(stage, stage)) not in seen:
        seen.add(name)
        stage = name
    return stage


def check_lifecycle(
    stages: Sequence[Stage],
    moves: Sequence[Move],
    renamed: Mapping[str, str] = NO_RENAMING,
    reasons: Mapping[str, Mapping[str, str]] = NO_REASONS,
) -> None:
    """Raise a ``DefinitionError`` with all that is wrong, unless a lead can live with these stages and moves."""
    problems = [
        *_stage_problems(stages),
        *_move_problems(stages, moves),
        *_renaming_problems(stages, renamed),
        *_reason_problems(moves, reasons),
    ]
    if not problems:
        table = {(source, move.name): way for source, move, way in ways(stages, moves)}
        problems = [*_row_problems(stages, moves), *_journey_problems(stages, table)]
    _refuse(problems)


def extended(
    stages: Sequence[Stage],
    moves: Sequence[Move],
    added: Sequence[Stage],
    new_moves: Sequence[Move],
    without: Collection[str],
) -> tuple[tuple[Stage, ...], tuple[Move, ...]]:
    """Stages and moves without some and with others; what can't be put together is a ``DefinitionError``."""
    known = {stage.name for stage in stages} | {move.name for move in moves}
    kept = [stage for stage in stages if stage.name not in without]
    kept_moves = [move for move in moves if move.name not in without]
    together = ordered(kept, added)
    placed = {stage.name for stage in together}
    astray = [stage for stage in added if stage.name not in placed]
    problems = [f"without {name!r}: there is no such stage or move" for name in without if name not in known]
    for stage in astray:
        problems += [f"stage {stage.name!r}: after {stage.after!r} is not a place; give a stage that is there"]
    if problems:
        anywhere = [*together, *(Stage(stage.name, stage.kind or "sales") for stage in astray)]
        _refuse([*problems, *_stage_problems(anywhere), *_move_problems(anywhere, [*kept_moves, *new_moves])])
    return together, (*kept_moves, *new_moves)


def _refuse(problems: Collection[str]) -> None:
    if problems:
        raise DefinitionError("this lifecycle can't work:\n" + "\n".join(f"- {problem}" for problem in problems))


# ------------------------------------------------------------------------------------------------------ each by itself
def _renaming_problems(stages: Sequence[Stage], renamed: Mapping[str, str]) -> Problems:
    names = [stage.name for stage in stages]
    for old in renamed:
        if old in names:
            yield f"renamed {old!r}: this stage is there; leave it out of renamed, or remove the stage"
        elif (end := last_name(old, renamed)) not in names:
            yield f"renamed {old!r}: it leads to {end!r}, which is no stage; give one of {', '.join(names)}"


def _stage_problems(stages: Sequence[Stage]) -> Problems:
    for stage in stages:
        yield from _name_problems("stage", stage.name)
        if stage.kind is None:
            yield f"stage {stage.name!r} has no kind; give one of {', '.join(get_args(StageKind))}"
    for name, times in Counter(stage.name for stage in stages).items():
        if times > 1:
            yield f"stage {name!r} is there {times} times; give each its own name"
    if not any(stage.kind == "nurturing" for stage in stages):
        yield "no stage is for nurturing; give one the kind 'nurturing'"
    if stages and stages[0].kind == "out":
        yield f"the first stage, {stages[0].name!r}, is out of the journey; begin with one that is in it"


def _move_problems(stages: Sequence[Stage], moves: Sequence[Move]) -> Problems:
    names = {stage.name for stage in stages}
    for name in dict.fromkeys(move.name for move in moves):
        yield from _name_problems("move", name)
        if name in names:
            yield f"{name!r} is a stage and a move; rename one of them"
    for move in moves:
        for stage in dict.fromkeys(referred(move)):
            if stage not in names:
                yield f"move {move.name!r}: there is no stage {stage!r}; add it, or give the move anew without it"


def _reason_problems(moves: Sequence[Move], reasons: Mapping[str, Mapping[str, str]]) -> Problems:
    names = sorted({move.name for move in moves})
    for move, codes in reasons.items():
        if move not in names:
            near = get_close_matches(move, names, n=1) or names
            yield f"reasons of {move!r}: there is no such move; did you mean {near[0]!r}?"
        if not codes:
            yield f"reasons of {move!r}: there are none, so that nobody could make it; give some, or leave it out"


def _name_problems(what: str, name: str) -> Problems:
    if not name.isidentifier() or normal(name, "NFKC") != name or iskeyword(name):
        yield f"{what} {name!r}: a name is an identifier, like demo_given, and no keyword"
    elif name in RESERVED or name.startswith(CALLBACKS):
        yield f"{what} {name!r}: python-statemachine needs this name itself; take another"


# --------------------------------------------------------------------------------------------------------- the table
def _row_problems(stages: Sequence[Stage], moves: Sequence[Move]) -> Problems:
    rows = [(source, move) for source, move, _ in ways(stages, moves)]
    starting = {id(move) for _, move in rows}
    for (source, name), times in Counter((source, move.name) for source, move in rows).items():
        if times > 1:
            yield f"move {name!r} starts at {source!r} {times} times; give it once, with all its targets"
    for move in moves:
        if id(move) not in starting:
            yield f"move {move.name!r}: it starts nowhere ({move.sources}); take it out"
    taken = {stage.name for stage in stages} | {move.name for move in moves}
    table = {(source, move.name): way for source, move, way in ways(stages, moves)}
    for (name, _), event in event_names(table).items():
        if event != name and event in taken:
            yield f"{event!r} is taken: move {name!r} has several targets, so that its events are named like this"


def event_names(table: Transitions) -> dict[tuple[str, str], str]:
    """The machine's event for every (move, target).

    It is the move's name, or ``move_to_target`` for a move that has several targets from some stage.
    """
    several = {move for (_, move), way in table.items() if len(way.targets) > 1}
    return {
        (move, target): f"{move}_to_{target}" if move in several else move
        for (_, move), way in table.items()
        for target in way.targets
    }


def _journey_problems(stages: Sequence[Stage], table: Transitions) -> Problems:
    edges: dict[str, set[str]] = {stage.name: set() for stage in stages}
    back: dict[str, set[str]] = {stage.name: set() for stage in stages}
    for (source, _), way in table.items():
        for target in way.targets if not way.skips else ():
            edges[source].add(target)
            back[target].add(source)
    nurturing = {stage.name for stage in stages if stage.kind == "nurturing"}
    reached, returning = _reach({stages[0].name}, edges.__getitem__), _reach(nurturing, back.__getitem__)
    for stage in stages:
        if stage.name not in reached:
            first = stages[0].name
            yield f"stage {stage.name!r} can't be reached from {first!r} without a fast track; add a move to it"
        if stage.name not in returning:
            yield f"stage {stage.name!r} has no way back to nurturing; add a move, such as recycle"
        if stage.kind == "sales" and not _gives_back(stage.name, table, nurturing):
            yield f"sales stage {stage.name!r}: no rep's move leads back to nurturing; add one, such as recycle"
    yield from _dead_ends(stages, edges)


def _reach(start: set[str], following: Callable[[str], set[str]]) -> set[str]:
    reached, open_ends = set(start), list(start)
    while open_ends:
        fresh = following(open_ends.pop()) - reached
        reached |= fresh
        open_ends += fresh
    return reached


def _gives_back(stage: str, table: Transitions, nurturing: set[str]) -> bool:
    return any(
        source == stage and "rep" in way.by and nurturing.intersection(way.targets)
        for (source, _), way in table.items()
    )


def _dead_ends(stages: Sequence[Stage], edges: Mapping[str, set[str]]) -> Problems:
    """Before the customer a way on leads to a later stage; a customer or who is out needs just any way elsewhere."""
    journey = [stage.name for stage in stages if stage.kind != "out"]
    for stage in stages:
        later = set(journey[journey.index(stage.name) + 1 :]) if stage.kind not in ("customer", "out") else set()
        if not edges[stage.name] & (later or {one.name for one in stages} - {stage.name}):
            yield f"stage {stage.name!r} has no way on without a fast track; add a move from it"
