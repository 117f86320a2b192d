"""The table of the journey, the machine beside it, and lifecycles that can't work."""

from __future__ import annotations

import pickle
import runpy
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule, run_state_machine_as_test
from statemachine import StateMachine
from statemachine.exceptions import TransitionNotAllowed

from leadflow.entities import Actor
from leadflow.errors import DefinitionError, InvalidInput, MoveNotAllowed
from leadflow.events import StageChanged
from leadflow.lifecycle import (
    ANYONE,
    DEFAULT,
    STAYS,
    Lifecycle,
    Move,
    Stage,
    before,
    later,
    of_kind,
    stage_entries,
    times_in_stage,
)
from leadflow.lifecycle_checks import RESERVED
from leadflow.moves import StageKind

NOW = datetime(2026, 6, 1, 9, tzinfo=UTC)
STAGES = "prospect lead mql sal sql opportunity customer promoter disqualified".split()
ALL = "crm marketing person policy rep system"
# The design's table, written out by hand: (stage, move) -> targets, who; the crm makes every move of a rep.
TABLE = {
    ("prospect", "identify"): ("lead", ALL),
    ("lead", "qualify"): ("mql", "marketing policy"),
    ("mql", "cool"): ("lead", "policy"),
    ("mql", "accept"): ("sal", "crm policy rep"),
    ("mql", "reject"): ("lead", "crm rep"),
    ("sal", "confirm"): ("sql", "crm rep"),
    ("sql", "open_deal"): ("opportunity", "crm rep"),
    ("opportunity", "open_deal"): ("opportunity", "crm rep"),  # added to the design: one more deal
    ("opportunity", "win"): ("customer", "crm rep"),
    ("opportunity", "lose"): ("lead", "crm rep"),
    ("customer", "open_deal"): ("customer", "crm rep"),
    ("customer", "win"): ("customer", "crm rep"),
    ("customer", "lose"): ("customer", "crm rep"),
    ("promoter", "open_deal"): ("promoter", "crm rep"),
    ("promoter", "win"): ("promoter", "crm rep"),
    ("promoter", "lose"): ("promoter", "crm rep"),
    ("sal", "recycle"): ("lead", "crm rep"),
    ("sql", "recycle"): ("lead", "crm rep"),
    ("opportunity", "recycle"): ("lead", "crm rep"),
    ("sal", "step_back"): ("mql", "crm rep"),
    ("sql", "step_back"): ("mql sal", "crm rep"),
    ("opportunity", "step_back"): ("sql", "crm rep"),
    ("lead", "fast_track"): ("customer mql opportunity sal sql", "crm policy rep"),
    ("mql", "fast_track"): ("customer opportunity sal sql", "crm policy rep"),
    ("sal", "fast_track"): ("customer opportunity sql", "crm policy rep"),
    ("sql", "fast_track"): ("customer opportunity", "crm policy rep"),
    ("customer", "promote"): ("promoter", ALL),
    ("promoter", "settle"): ("customer", ALL),
    ("customer", "lapse"): ("lead", ALL),
    ("promoter", "lapse"): ("lead", ALL),
    ("disqualified", "reopen"): ("lead", ALL),
    **{(stage, "disqualify"): ("disqualified", ALL) for stage in STAGES[:6]},
}
MOVES = sorted({move for _, move in TABLE})
ACTORS = ALL.split()


def chosen(lifecycle: Lifecycle, stage: str, move: str, to: str | None, actor: Any = None) -> str | None:
    """Where the table leads, or None where it refuses."""
    try:
        return lifecycle.target(stage, move, actor=actor, to=to)
    except MoveNotAllowed:
        return None


# -------------------------------------------------------------------------------------------------------- the table
@pytest.mark.parametrize("stage", STAGES)
@pytest.mark.parametrize("move", MOVES)
def test_the_gate_is_the_table_of_the_design(stage: str, move: str) -> None:
    targets, who = (entry.split() for entry in TABLE.get((stage, move), ("", "")))
    for actor in ACTORS:
        for to in [None, *STAGES]:
            named = targets[0] if to is None and len(targets) == 1 else to
            expected = named if named in targets and actor in who else None
            assert chosen(DEFAULT, stage, move, to, actor) == expected
            assert chosen(DEFAULT, stage, move, to, Actor(kind=actor, id="anna")) == expected


def test_the_moves_that_are_allowed_are_those_of_the_table() -> None:
    for stage in STAGES:
        allowed = {move: " ".join(sorted(targets)) for move, targets in DEFAULT.allowed(stage).items()}
        assert allowed == {move: targets for (source, move), (targets, _) in TABLE.items() if source == stage}
    assert set(DEFAULT.allowed("mql", "rep")) == {"accept", "reject", "fast_track", "disqualify"}
    assert set(DEFAULT.allowed("mql", Actor(kind="person"))) == {"disqualify"}


@pytest.mark.parametrize(
    ("arguments", "why"),
    [
        (("lead", "win"), "can't win a lead that is lead: only from opportunity, customer, promoter; from here: "),
        (("mql", "cool", "rep"), "not by rep, only by policy"),
        (("lead", "fast_track"), "say where to, one of mql, sal, sql, opportunity, customer"),
        (("sql", "fast_track", None, "mql"), "not to mql, only to opportunity, customer"),
        (("gone", "win"), "this lifecycle has no stage 'gone'"),
        (("lead", "fly"), "this lifecycle has no move 'fly'; from here: disqualify, fast_track, qualify"),
    ],
)
def test_a_refusal_says_why_and_what_is_allowed(arguments: tuple[Any, ...], why: str) -> None:
    stage, move, actor, to = (*arguments, None, None)[:4]
    with pytest.raises(MoveNotAllowed) as refused:
        DEFAULT.target(stage, move, actor=actor, to=to)
    assert why in str(refused.value)
    assert set(refused.value.allowed) == {
        m for (s, m), (_, who) in TABLE.items() if s == stage and (actor or "") in who
    }


def test_a_bare_name_that_may_not_is_said_to_be_a_rep() -> None:
    with pytest.raises(MoveNotAllowed, match=r"not by rep eva \(a bare name is a rep\), only by marketing, policy"):
        DEFAULT.target("lead", "qualify", actor=Actor(kind="rep", id="eva"))


def test_what_a_move_needs_depends_on_where_it_starts() -> None:
    assert DEFAULT.needs("identify", "prospect") == {"contact_point"}
    assert DEFAULT.needs("accept", "mql") == {"owner"}
    assert DEFAULT.needs("lose", "opportunity") == {"reason", "revisit"}
    assert DEFAULT.needs("lose", "customer") == {"deal"}
    assert DEFAULT.needs("confirm", "sal") == set()
    with pytest.raises(MoveNotAllowed):
        DEFAULT.needs("win", "lead")


def test_every_move_that_goes_against_a_lead_needs_a_reason() -> None:
    against = {"reject", "recycle", "step_back", "fast_track", "lapse", "disqualify", "reopen"}
    assert all("reason" in DEFAULT.needs(move, stage) for stage, move in TABLE if move in against)


def test_a_round_ends_where_sales_gives_a_lead_back() -> None:
    ending = {(stage, move) for stage, move in TABLE if DEFAULT.ends_round(move, stage)}
    recycled = {(stage, "recycle") for stage in ("sal", "sql", "opportunity")}
    assert ending == {("mql", "reject"), ("opportunity", "lose"), *recycled}


def test_skipped_stages_are_those_in_between_in_order() -> None:
    assert DEFAULT.skipped("lead", "opportunity") == ("mql", "sal", "sql")
    assert DEFAULT.skipped("sal", "sql") == ()
    assert DEFAULT.skipped("sql", "lead") == ()
    assert DEFAULT.skipped("lead", "disqualified") == ()
    assert DEFAULT.skipped("disqualified", "customer") == ()


def test_stages_are_in_an_order_that_the_disqualified_stand_beside() -> None:
    journey = STAGES[:-1]
    for one in STAGES:
        for other in STAGES:
            both = one in journey and other in journey
            assert DEFAULT.is_before(one, other) == (both and journey.index(one) < journey.index(other))


def test_an_unknown_stage_is_named_with_those_that_there_are() -> None:
    with pytest.raises(InvalidInput, match=r"stage: 'mlq' can't be used; give one of prospect, lead, mql"):
        DEFAULT.stage("mlq")
    with pytest.raises(InvalidInput):
        DEFAULT.is_before("mlq", "lead")


def test_a_lifecycle_is_a_value() -> None:
    assert pickle.loads(pickle.dumps(DEFAULT)) == DEFAULT
    assert DEFAULT.extend() == DEFAULT
    assert len({DEFAULT, DEFAULT.extend()}) == 1
    assert DEFAULT.extend(without=["cool"]) != DEFAULT


# --------------------------------------------------------------------------------------------------------- your own
DEMO = Stage("demo", after="sql")
SHOW = (Move("show", "sql", "demo", ["rep"]), Move("open_deal", "demo", "opportunity", ["rep"], ["deal"]))


def test_a_new_stage_has_its_ways_back_by_itself() -> None:
    mine = DEFAULT.extend(stages=[DEMO], moves=SHOW)
    assert mine.allowed("demo", "rep") == {
        "recycle": ("lead",),
        "fast_track": ("opportunity", "customer"),
        "disqualify": ("disqualified",),
        "open_deal": ("opportunity",),
    }
    assert mine.target("lead", "fast_track", to="demo") == "demo"
    assert mine.skipped("mql", "opportunity") == ("sal", "sql", "demo")
    assert mine.stage("demo").kind == "sales"
    assert mine.ends_round("recycle", "demo")
    assert "demo" not in {stage.name for stage in DEFAULT.stages}


def test_new_stages_keep_the_order_in_which_they_are_written() -> None:
    stages = [Stage("b", after="a"), Stage("a", after="sql"), Stage("d", after="sql"), Stage("c", after="b")]
    steps = ["sql", "a", "b", "c", "d", "opportunity"]
    moves = [Move(f"go_{to}", source, to, ["rep"]) for source, to in pairwise(steps)]
    mine = DEFAULT.extend(stages=stages, moves=moves)
    assert [stage.name for stage in mine.stages][4:10] == steps


def test_a_move_is_replaced_by_taking_it_out_and_giving_it_anew() -> None:
    mine = DEFAULT.extend(without=["confirm"], moves=[Move("confirm", "sal", "sql", ["rep"], ["reason"])])
    assert mine.needs("confirm", "sal") == {"reason"}


def test_a_stage_can_be_taken_out_with_all_that_names_it() -> None:
    accept = Move("accept", "mql", "sql", ["rep"], ["owner"])
    mine = DEFAULT.extend(without=["sal", "accept", "confirm", "step_back"], moves=[accept])
    assert mine.target("mql", "accept") == "sql"
    assert mine.skipped("lead", "opportunity") == ("mql", "sql")


FAULTS: list[tuple[dict[str, Any], list[str]]] = [
    ({"stages": [DEMO]}, ["'demo' can't be reached from 'prospect' without a fast track", "'demo' has no way on"]),
    ({"stages": [DEMO], "moves": SHOW[:1]}, ["stage 'demo' has no way on without a fast track"]),
    ({"stages": [Stage("vip", "customer", after="promoter")]}, ["'vip' can't be reached"]),
    ({"stages": [Stage("demo", after="sqll")]}, ["stage 'demo': after 'sqll' is not a place"]),
    ({"stages": [Stage("demo")]}, ["stage 'demo': after None is not a place"]),
    ({"stages": [Stage("a", after="b"), Stage("b", after="a")]}, ["after 'b' is not a place", "'a' is not a place"]),
    ({"stages": [Stage("sal", after="mql")]}, ["stage 'sal' is there 2 times"]),
    ({"stages": [Stage("win", after="sql")]}, ["'win' is a stage and a move"]),
    ({"moves": [Move("jump", "lead", "moon")]}, ["move 'jump': there is no stage 'moon'"]),
    ({"moves": [Move("jump", before("moon", start="sun"), later("sky"))]}, ["'moon'", "'sun'", "'sky'"]),
    ({"moves": [Move("accept", "mql", "sql")]}, ["move 'accept' starts at 'mql' 2 times"]),
    ({"moves": [Move("jump", [], "sal")]}, ["move 'jump': it starts nowhere"]),
    ({"moves": [Move("jump", "customer", later("sal"))]}, ["move 'jump': it starts nowhere"]),
    ({"moves": [Move("fast_track_to_sql", "lead", "sql")]}, ["'fast_track_to_sql' is taken"]),
    ({"without": ["sal"]}, ["move 'accept': there is no stage 'sal'", "move 'confirm'", "move 'step_back'"]),
    ({"without": ["recycel"]}, ["without 'recycel': there is no such stage or move"]),
    ({"without": ["recycle"]}, ["sales stage 'sal': no rep's move", "sales stage 'sql': no rep's move"]),
    (
        {"without": ["recycle"], "moves": [Move("recycle", of_kind("sales"), "lead", ["policy", "crm"])]},
        ["sales stage 'sal': no rep's move leads back to nurturing"],
    ),
    ({"without": ["reopen"]}, ["'disqualified' has no way back to nurturing", "'disqualified' has no way on"]),
    ({"without": ["lapse"]}, ["'customer' has no way back to nurturing", "'promoter' has no way back"]),
    ({"without": ["confirm"]}, ["'sql' can't be reached", "'sal' has no way on"]),
    ({"without": ["win"]}, ["'opportunity' has no way on", "'customer' can't be reached"]),
    ({"without": ["promote"]}, ["'promoter' can't be reached"]),
]  # fmt: skip


@pytest.mark.parametrize(("given_", "expected"), FAULTS)
def test_what_cant_work_is_refused_with_everything_that_is_wrong(given_: dict[str, Any], expected: list[str]) -> None:
    with pytest.raises(DefinitionError) as wrong:
        DEFAULT.extend(**given_)
    assert [part for part in expected if part not in str(wrong.value)] == []


@pytest.mark.parametrize(
    ("given_", "expected"),
    [
        ((Stage, "demo", "sale"), "Stage 'demo': kind: there is no 'sale'; give 'prospect', 'nurturing'"),
        ((Move, "jump", "lead", "sal", ["boss"]), "Move 'jump': by.0: there is no 'boss'; give 'rep', "),
        ((Move, "jump", "lead", "sal", ANYONE, ["luck"]), "needs.0: there is no 'luck'; give 'contact_point', "),
        ((Move, "jump", "lead", "sal", []), "Move 'jump': by: nobody may make it; name some of them"),
        ((Move, "jump", {"befor": "sal"}, "sal"), "sources: {'befor': 'sal'} names no stage; write a name, a list"),
    ],
)
def test_a_stage_or_move_that_is_wrong_by_itself_is_refused_at_once(given_: tuple[Any, ...], expected: str) -> None:
    kind, *values = given_
    with pytest.raises(DefinitionError) as wrong:
        kind(*values)
    assert expected in str(wrong.value)


@pytest.mark.parametrize(
    "name", ["", "1a", "a b", "a-b", "class", "None", "ﬁt", "_a", "on_enter_lead", "error_x", "send", "end"]
)
def test_a_name_that_no_machine_takes_is_refused(name: str) -> None:
    with pytest.raises(DefinitionError, match=f"stage {name!r}: .*\n(.*\n)*.*move {name!r}: "):
        DEFAULT.extend(stages=[Stage(name, after="sql")], moves=[Move(name, "sql", "lead")])


def test_a_stage_out_of_the_journey_is_neither_skipped_nor_fast_tracked() -> None:
    parked = Stage("parked", "out", after="sql")
    mine = DEFAULT.extend(stages=[parked], moves=[Move("park", of_kind("sales"), "parked", ["rep"])])
    assert mine.target("parked", "reopen") == "lead"
    assert mine.skipped("lead", "opportunity") == ("mql", "sal", "sql")
    assert mine.allowed("parked") == {"reopen": ("lead",)}
    assert "parked" not in mine.allowed("lead")["fast_track"]


def test_a_lifecycle_without_nurturing_has_no_way_back() -> None:
    with pytest.raises(DefinitionError, match="no stage is for nurturing"):
        Lifecycle([Stage("a", "sales"), Stage("b", "customer")], [Move("win", "a", "b"), Move("lose", "b", "a")])


# ------------------------------------------------------------------------------------------------------ any lifecycle
@st.composite
def lifecycles(draw: st.DrawFn) -> Lifecycle:
    """The default with up to four stages more, each with a way in, on and back, and moves from anywhere to anywhere."""
    places, stages = ["lead", "mql", "sal", "sql", "opportunity"], list[Stage]()
    kinds: list[StageKind | None] = [None, "nurturing", "marketing", "sales"]
    for name in ["demo", "trial", "offer", "visit"][: draw(st.integers(0, 4))]:
        stages.append(Stage(name, draw(st.sampled_from(kinds)), after=draw(st.sampled_from(places))))
        places.append(name)
    through = [
        move
        for stage in stages
        for move in (
            Move(f"to_{stage.name}", "lead", stage.name, ["rep"]),
            Move(f"from_{stage.name}", stage.name, "customer", ["rep"]),
            Move("give_back", stage.name, "lead", ["rep"], ["reason"]),
        )
    ]
    known = [*STAGES[:7], "disqualified", *(stage.name for stage in stages)]
    some = st.lists(st.sampled_from(known), min_size=1, max_size=3, unique=True)
    who = st.sets(st.sampled_from(sorted(ANYONE)), min_size=1)
    ends = st.one_of(some, st.just(STAYS), st.builds(later, st.just("customer")))
    starts = st.one_of(some, st.builds(before, st.sampled_from(known[1:7])), st.just(of_kind("sales")))
    loose = [Move(name, draw(starts), draw(ends), draw(who)) for name in ["jump", "hop"][: draw(st.integers(0, 2))]]
    without = draw(st.sampled_from([(), ("fast_track",), ("promoter", "promote", "settle"), ("cool", "step_back")]))
    try:
        return DEFAULT.extend(stages=stages, moves=[*through, *loose], without=without)
    except DefinitionError as wrong:
        assert "starts nowhere" in str(wrong)  # noqa: PT017  # the one thing that such a loose move can be
        return DEFAULT.extend(stages=stages, moves=through, without=without)


def agree_everywhere(lifecycle: Lifecycle) -> None:
    """Each stage and event, and each move to each stage that no event leads to."""
    machine = lifecycle.machine()
    moves, names = {move for move, _ in lifecycle.events}, [stage.name for stage in lifecycle.stages]
    for stage in names:
        machine.model.state = stage
        enabled = {event.id for event in machine.allowed_events}
        for (move, to), event in lifecycle.events.items():
            expected = chosen(lifecycle, stage, move, None if event == move else to)
            assert (event in enabled) == (expected is not None), (stage, event)
            if expected is not None:
                machine.model.state = stage
                machine.send(event)
                assert machine.model.state == expected, (stage, event)
        for move in moves:
            ends = {to for to in names if chosen(lifecycle, stage, move, to)}
            assert all(lifecycle.events[move, to] in enabled for to in ends)


def test_machine_and_table_agree_on_every_stage_and_move() -> None:
    agree_everywhere(DEFAULT)


@settings(max_examples=15)
@given(lifecycles())
def test_machine_and_table_of_any_lifecycle_agree(lifecycle: Lifecycle) -> None:
    agree_everywhere(lifecycle)


@given(lifecycles(), st.data())
def test_any_walk_leaves_a_way_on_and_a_way_back(lifecycle: Lifecycle, data: st.DataObject) -> None:
    stage = lifecycle.first
    for _ in range(12):
        ways = [(move, to) for move, targets in lifecycle.allowed(stage).items() for to in targets]
        assert any(to != stage for _, to in ways)
        assert "nurturing" in {lifecycle.stage(name).kind for name in reached(lifecycle, stage)}
        if lifecycle.stage(stage).kind == "sales":
            by_rep = {to for targets in lifecycle.allowed(stage, "rep").values() for to in targets}
            assert "nurturing" in {lifecycle.stage(to).kind for to in by_rep}
        move, to = data.draw(st.sampled_from(ways))
        stage = lifecycle.target(stage, move, to=to)


def reached(lifecycle: Lifecycle, stage: str) -> set[str]:
    found, size = {stage}, 0
    while len(found) > size:
        size = len(found)
        found |= {to for name in found for targets in lifecycle.allowed(name).values() for to in targets}
    return found


class Walk(RuleBasedStateMachine):
    """A lead that is moved by the table and by the machine."""

    lifecycle = DEFAULT.extend(stages=[DEMO], moves=SHOW)

    def __init__(self) -> None:
        super().__init__()
        self.stage = self.lifecycle.first
        self.machine = self.lifecycle.machine()

    @rule(data=st.data())
    def make_a_move_that_is_allowed(self, data: st.DataObject) -> None:
        ways = [(move, to) for move, targets in self.lifecycle.allowed(self.stage).items() for to in targets]
        move, to = data.draw(st.sampled_from(ways))
        self.stage = self.lifecycle.target(self.stage, move, to=to)
        self.machine.send(self.lifecycle.events[move, to])

    @rule(edge=st.sampled_from(sorted(lifecycle.events)))
    def try_any(self, edge: tuple[str, str]) -> None:
        (move, to), event = edge, self.lifecycle.events[edge]
        expected = chosen(self.lifecycle, self.stage, move, None if event == move else to)
        if expected is None:
            with pytest.raises(TransitionNotAllowed):
                self.machine.send(event)
        else:
            self.machine.send(event)
            self.stage = expected

    @precondition(lambda self: self.stage != "prospect")
    @rule()
    def nobody_goes_back_to_being_a_prospect(self) -> None:
        assert not any("prospect" in targets for targets in self.lifecycle.allowed(self.stage).values())

    @invariant()
    def both_stand_in_the_same_stage(self) -> None:
        assert self.machine.model.state == self.stage
        assert {event.id for event in self.machine.allowed_events} == {
            self.lifecycle.events[move, to]
            for move, targets in self.lifecycle.allowed(self.stage).items()
            for to in targets
        }


def test_table_and_machine_walk_side_by_side() -> None:
    run_state_machine_as_test(Walk, settings=settings(max_examples=20, stateful_step_count=20))


# ------------------------------------------------------------------------------------------------------- the machine
def test_the_machine_refuses_what_the_table_refuses() -> None:
    machine = DEFAULT.machine("lead")
    assert isinstance(machine, StateMachine)
    with pytest.raises(TransitionNotAllowed):
        machine.send("win")
    with pytest.raises(InvalidInput):
        DEFAULT.machine("gone")


def test_listeners_hear_of_moves_but_not_of_the_start_or_of_staying() -> None:
    heard: list[str] = []

    class Listener:
        def on_enter_state(self, state: Any) -> None:
            heard.append(f"enter {state.id}")

        def on_exit_state(self, state: Any) -> None:
            heard.append(f"exit {state.id}")

    machine = DEFAULT.machine("opportunity", listeners=[Listener()])
    machine.send("win")
    machine.send("win")
    assert heard == ["exit opportunity", "enter customer"]


def test_a_listeners_error_is_not_swallowed() -> None:
    class Listener:
        def on_enter_mql(self) -> None:
            raise RuntimeError("the host's own")

    with pytest.raises(RuntimeError, match="the host's own"):
        DEFAULT.machine("lead", listeners=[Listener()]).send("qualify")


def test_each_machine_class_is_fresh() -> None:
    one, other = DEFAULT.machine_class(), DEFAULT.extend(stages=[DEMO], moves=SHOW).machine_class()
    assert "demo" in {state.id for state in other.states}
    assert "demo" not in {state.id for state in one.states}
    assert "demo" not in {state.id for state in DEFAULT.machine_class().states}


def test_every_name_that_the_machine_needs_itself_is_refused() -> None:
    taken = {name for name in {*dir(DEFAULT.machine()), *dir(type(StateMachine))} if not name.startswith("_")}
    mine = {stage.name for stage in DEFAULT.stages} | set(DEFAULT.events.values())
    assert taken - mine <= RESERVED
    for name in RESERVED:
        with pytest.raises(DefinitionError, match="needs this name itself"):
            DEFAULT.extend(moves=[Move(name, "lead", "mql")])


NAMES = st.one_of(
    st.from_regex(r"[A-Za-z_äöü][A-Za-z0-9_ß]{0,12}", fullmatch=True),
    st.sampled_from(
        [*dir(StateMachine), *dir(object), "class", "on_x", "done_x", "error_x", "a b", "", "1a", "ﬁt", "sql"]
    ),
)


@settings(max_examples=60)
@given(stage=NAMES, move=NAMES)
def test_a_name_is_refused_or_the_machine_takes_it(stage: str, move: str) -> None:
    moves = [Move(move, "sql", stage), Move("open_deal", stage, "opportunity")]
    try:
        mine = DEFAULT.extend(stages=[Stage(stage, after="sql")], moves=moves)
    except DefinitionError:
        return
    machine = mine.machine("sql")
    machine.send(move)
    assert machine.model.state == stage
    getattr(machine, "open_deal")()  # noqa: B009
    assert machine.model.state == "opportunity"
    assert f"sql --> {stage} : {move}" in mine.diagram()


def test_the_diagram_shows_every_edge_but_those_left_out() -> None:
    picture = DEFAULT.diagram(without=["fast_track"]).splitlines()
    edges = {(s, m, to) for (s, m), (targets, _) in TABLE.items() for to in targets.split() if to != s}
    drawn = {line.strip() for line in picture if " : " in line}
    assert drawn == {f"{s} --> {to} : {m}" for s, m, to in edges if m != "fast_track"}
    assert "fast_track" in DEFAULT.diagram("md")
    assert " : " not in DEFAULT.diagram(without=MOVES)
    with pytest.raises(InvalidInput, match="give one of mermaid, md, rst"):
        DEFAULT.diagram("svg")


def test_the_page_shows_the_table_as_it_is() -> None:
    folder = Path(__file__).parent.parent / "docs"
    page = (folder / "lifecycle.md").read_text(encoding="utf-8")
    drawn = runpy.run_path(str(folder / "draw.py"))["drawn"]
    assert drawn(page) == page
    assert drawn(page.replace("| recycle |", "| forget |")) == page


# ----------------------------------------------------------------------------------------------------- time in stage
def test_time_in_stage_is_the_latest_stay_and_all_of_them() -> None:
    day = timedelta(days=1)
    entries = [("lead", NOW), ("mql", NOW + 2 * day), ("lead", NOW + 3 * day)]
    times = times_in_stage(entries, NOW + 10 * day)
    assert (times["lead"].latest, times["lead"].cumulative, times["lead"].entered) == (7 * day, 9 * day, 2)
    assert (times["mql"].latest, times["mql"].cumulative, times["mql"].entered) == (day, day, 1)
    assert times_in_stage([], NOW) == {}


@given(
    st.lists(st.tuples(st.sampled_from(STAGES), st.integers(-100, 100).map(lambda h: NOW + timedelta(hours=h)))),
    st.integers(-120, 120).map(lambda h: NOW + timedelta(hours=h)),
)
def test_all_times_together_are_the_time_since_the_first_entry(
    entries: list[tuple[str, datetime]], now: datetime
) -> None:
    times = times_in_stage(entries, now)
    together = sum((time.cumulative for time in times.values()), timedelta(0))
    assert together == (max(now - entries[0][1], timedelta(0)) if entries else timedelta(0))
    assert all(timedelta(0) <= time.latest <= time.cumulative for time in times.values())
    changes = sum(1 for n, (stage, _) in enumerate(entries) if n == 0 or entries[n - 1][0] != stage)
    assert sum(time.entered for time in times.values()) == changes


def test_a_naive_moment_has_no_place_in_time() -> None:
    with pytest.raises(InvalidInput, match="time zone"):
        times_in_stage([("lead", datetime(2026, 1, 1))], NOW)
    with pytest.raises(InvalidInput, match="time zone"):
        times_in_stage([("lead", NOW)], datetime(2026, 1, 1))


def test_entries_are_read_from_the_facts_in_their_order() -> None:
    def moved(version: int, source: str, target: str) -> StageChanged:
        at = NOW + timedelta(hours=version)
        rep = Actor(kind="rep", id="anna")
        return StageChanged(
            lead_id="ada", version=version, happened_at=at, recorded_at=at, actor=rep,
            move="any", source=source, target=target,
        )  # fmt: skip

    facts = [moved(5, "mql", "sal"), moved(2, "prospect", "lead"), moved(3, "lead", "mql"), moved(4, "mql", "mql")]
    entries = stage_entries(facts, created_at=NOW)
    assert [stage for stage, _ in entries] == ["prospect", "lead", "mql", "sal"]
    assert entries[0][1] == NOW
    assert entries[-1][1] == NOW + timedelta(hours=5)
    assert [stage for stage, _ in stage_entries(facts)] == ["lead", "mql", "sal"]
    assert stage_entries([], created_at=NOW) == []
