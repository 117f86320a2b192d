"""Definitions go to JSON and back: equal, and with the same decisions afterwards."""

from __future__ import annotations

import json
import pickle
from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from leadflow.conditions import all_of, any_of, field
from leadflow.entities import Lead, Score
from leadflow.entities.definition import Definition
from leadflow.entities.duration import duration_of
from leadflow.errors import DefinitionError
from leadflow.lifecycle import ANYONE, DEFAULT, STAYS, Lifecycle, Move, Stage, before, later, of_kind
from leadflow.nurturing import Content, Nurturing, Sequence, Step, choose, content_for, why_not_enrolled
from leadflow.qualification import Disqualification, FastTrack, Qualification
from leadflow.service import ServiceLevel
from leadflow.testing.builders import a_lead
from leadflow.testing.clock import NOW
from leadflow.worktime import ALWAYS, BusinessHours

STAGES = [stage.name for stage in DEFAULT.stages]
LENGTHS = st.one_of(
    st.timedeltas(timedelta(0), timedelta(days=1000)), st.sampled_from([timedelta(0), timedelta(microseconds=1)])
)
LEAVES = st.one_of(
    st.sampled_from(["score.fit", "score.engagement", "score.total", "company.employees"]).flatmap(
        lambda path: st.floats(-100, 100).map(lambda number: field(path) >= number)
    ),
    st.sampled_from(["a", "ü", 'x"y']).map(lambda text: field("interests").contains(text)),
    st.integers(1, 30).map(lambda days: field("entered_at").within(days=days)),
    st.just(field("persona").is_known()),
)
CONDITIONS = st.recursive(
    LEAVES,
    lambda inner: st.one_of(
        st.lists(inner, min_size=1, max_size=3).map(lambda parts: all_of(*parts)),
        st.lists(inner, min_size=1, max_size=3).map(lambda parts: any_of(*parts)),
        inner.map(lambda part: ~part),
    ),
    max_leaves=4,
)
NAMES = st.sampled_from(["welcome", "für alle", "a b", "{{ x }}", "'"])
WORDS = st.lists(st.sampled_from(["a", "b", "ü"]), max_size=2)
CHANNELS: Any = st.sampled_from(["email", "phone", "letter"])
REASONS = st.sampled_from(["hot", "no customer of ours", 'said "no"'])
HOURS = st.sampled_from(
    [
        ALWAYS,
        BusinessHours(zone="Europe/Berlin"),
        BusinessHours(week={"mon-fri": "22:00-06:00", "sat": "08:00-12:00, 13:00-18:00"}, holidays=[date(2026, 1, 1)]),
    ]
)
LEADS = st.builds(
    lambda stage, fit, engagement, employees, interests, persona, **times: a_lead(
        stage=stage,
        email="ada@x.example",
        consented="newsletter",
        score=Score(fit=fit, engagement=engagement),
        company={"employees": employees},
        interests=tuple(interests),
        persona=persona,
        **times,
    ),
    st.sampled_from(STAGES),
    st.floats(-100, 100),
    st.floats(-100, 100),
    st.one_of(st.none(), st.integers(0, 100)),
    WORDS,
    st.sampled_from([None, "a", "b"]),
    entered_at=st.timedeltas(-timedelta(days=30), timedelta(0)).map(lambda ago: NOW + ago),
    cool_at=st.sampled_from([None, NOW - timedelta(days=1), NOW + timedelta(days=1)]),
)


@st.composite
def qualifications(draw: st.DrawFn) -> Qualification:
    """A policy whose ``keep`` does not ask for more than ``mql``."""
    perhaps = st.one_of(st.none(), CONDITIONS)
    tracks = st.builds(FastTrack, to=st.sampled_from(STAGES), when=CONDITIONS, reason=REASONS)
    out = st.builds(Disqualification, when=CONDITIONS, reason=REASONS)
    try:
        return Qualification(
            draw(CONDITIONS),
            keep=draw(perhaps),
            dwell=draw(LENGTHS),
            auto_accept=draw(perhaps),
            fast_track=draw(st.lists(tracks, max_size=2)),
            disqualify=draw(st.lists(out, max_size=2)),
            promote=draw(perhaps),
        )
    except DefinitionError as wrong:
        assert "keep" in str(wrong)  # noqa: PT017  # the one thing that these parts can't be
        assume(False)
        raise


CONTENTS = st.lists(
    st.builds(
        Content, name=NAMES, subject=st.sampled_from(["Hello", "{{ person.first_name | default: 'you' }}"]),
        body=st.sampled_from(["", "a\nb"]), html=st.sampled_from([None, "<p>{{ company.name }}</p>"]), stages=WORDS,
        personas=WORDS, buying_roles=WORDS, interests=WORDS, channel=CHANNELS,
        language=st.sampled_from([None, "de", "de-AT"]),
    ),
    max_size=4, unique_by=lambda one: one.name,
)  # fmt: skip
STEPS = st.builds(
    Step, after=LENGTHS, content=st.one_of(st.none(), NAMES, st.lists(NAMES, min_size=1, max_size=2, unique=True))
)
SEQUENCES = st.lists(
    st.builds(
        Sequence, name=NAMES, steps=st.lists(STEPS, min_size=1, max_size=3), audience=CONDITIONS, channel=CHANNELS,
        stages=st.lists(st.sampled_from(STAGES[:3]), min_size=1), exit_on=st.lists(st.sampled_from(STAGES[3:])),
        reenrol=st.sampled_from(["each round", "never"]),
    ),
    max_size=3, unique_by=lambda one: one.name,
)  # fmt: skip
SERVICE_LEVELS = st.builds(
    ServiceLevel, stage=st.sampled_from(STAGES), within=st.integers(1, 10**5).map(lambda s: timedelta(seconds=s)),
    hours=HOURS, remind_before=st.one_of(st.none(), st.integers(1, 10**5).map(lambda s: timedelta(seconds=s))),
)  # fmt: skip


@st.composite
def lifecycles(draw: st.DrawFn) -> Lifecycle:
    """The default with moves of every shape, and perhaps a stage more."""
    sources = st.one_of(
        st.sampled_from(STAGES[1:5]), st.lists(st.sampled_from(STAGES[1:5]), min_size=1, unique=True),
        st.just(before("customer", start="lead")), st.just(before("sql")), st.just(of_kind("sales", "marketing")),
    )  # fmt: skip
    targets = st.one_of(
        st.sampled_from(STAGES[1:]), st.lists(st.sampled_from(STAGES[1:]), min_size=1, unique=True),
        st.just(later("promoter")), st.just(STAYS),
    )  # fmt: skip
    by: Any = st.lists(st.sampled_from(sorted(ANYONE)), min_size=1)
    needs: Any = st.lists(st.sampled_from(["reason", "revisit", "owner"]))
    jump = Move("jump", draw(sources), draw(targets), draw(by), draw(needs), skips=draw(st.booleans()))
    trial = [Move("start_trial", "sql", "trial", ["rep"]), Move("end_trial", "trial", "opportunity", ["rep"])]
    stages = draw(st.sampled_from([(), (Stage("trial", after="sql", description="uses it"),)]))
    return DEFAULT.extend(stages=stages, moves=[jump, *(trial if stages else ())])


def again(definition: Any) -> Any:
    """The definition after a journey through JSON text, which fits the schema; it is equal, and so is its pickle."""
    text = definition.model_dump_json()
    back = type(definition).model_validate_json(text)
    assert back == definition == type(definition).model_validate(json.loads(text))
    assert back.model_dump_json() == text
    assert hash(back) == hash(definition)
    assert pickle.loads(pickle.dumps(definition)) == definition
    return back


@given(qualifications(), LEADS)
def test_a_qualification_decides_the_same_after_json(policy: Qualification, lead: Lead[Any]) -> None:
    allowed = DEFAULT.allowed(lead.stage, "policy")
    back = again(policy)
    assert back.verdict(lead, NOW, allowed) == policy.verdict(lead, NOW, allowed)
    assert back.keep_thresholds == policy.keep_thresholds
    assert back.bind(Lead) == policy.bind(Lead)


@given(SEQUENCES, CONTENTS, LEADS, st.integers(0, 3))
def test_nurturing_decides_the_same_after_json(
    sequences: list[Sequence], contents: list[Content], lead: Lead[Any], step: int
) -> None:
    plan = Nurturing(sequences, contents)
    back = again(plan)
    for one, other in zip(plan.sequences, back.sequences, strict=True):
        assert why_not_enrolled(lead, other, NOW) == why_not_enrolled(lead, one, NOW)
        assert content_for(other, step, back.contents, lead, ()) == content_for(one, step, plan.contents, lead, ())
    assert choose(back.contents, lead, ()) == choose(plan.contents, lead, ())


@given(SERVICE_LEVELS)
def test_a_service_level_has_the_same_deadlines_after_json(level: ServiceLevel) -> None:
    assert again(level).deadline(NOW) == level.deadline(NOW)


@given(lifecycles())
def test_a_lifecycle_allows_the_same_after_json(lifecycle: Lifecycle) -> None:
    back = again(lifecycle)
    for stage in lifecycle.stages:
        for kind in (None, *sorted(ANYONE)):
            assert back.allowed(stage.name, kind) == lifecycle.allowed(stage.name, kind)
        for move in lifecycle.allowed(stage.name):
            assert back.needs(move, stage.name) == lifecycle.needs(move, stage.name)
    assert back.table() == lifecycle.table()


@given(LENGTHS)
def test_a_length_of_time_is_written_as_it_is_read(length: timedelta) -> None:
    text = json.loads(Step(length).model_dump_json())["after"]
    assert duration_of(text) == length
    assert Step(text).after == Step.model_validate({"after": length}).after == length


def test_a_length_of_time_of_iso_8601_is_read_too() -> None:
    assert Step("P1DT12H").after == timedelta(hours=36)


@pytest.mark.parametrize("kind", [Qualification, Nurturing, Sequence, Content, ServiceLevel, Lifecycle, FastTrack])
def test_a_json_schema_knows_the_fields(kind: type[Definition]) -> None:
    schema = kind.model_json_schema()
    Draft202012Validator.check_schema(schema)
    assert not Draft202012Validator(schema).is_valid({"no_such": 1})


def test_the_default_lifecycle_fits_its_schema() -> None:
    validator = Draft202012Validator(Lifecycle.model_json_schema())
    assert [error.message for error in validator.iter_errors(json.loads(DEFAULT.model_dump_json()))] == []


@pytest.mark.parametrize(
    ("kind", "written", "problem"),
    [
        (Qualification, {"mql": {"op": "always"}, "dwel": "7d"}, "there is no setting 'dwel'; did you mean 'dwell'?"),
        (Qualification, {"mql": {"op": "ge", "field": "a"}}, "mql.ge.value: Field required"),
        (Sequence, {"name": "a", "steps": [{"after": "soon"}]}, "steps.0: Step: after: 'soon' is not a length of time"),
        (Lifecycle, {"stages": [{"name": "a", "kind": "sale"}], "moves": []}, "there is no 'sale'; give 'prospect', "),
        (ServiceLevel, {"stage": "mql", "within": 4}, "within: 4 has no unit; write it like 4h"),
        (
            Lifecycle,
            {"stages": [], "moves": [{"name": "a", "sources": 5, "target": "b"}]},
            "sources: 5 names no stage; write a name, a list of",
        ),
        (Nurturing, {"x": 1}, "there is no setting 'x'; there are sequences, contents"),
        (Nurturing, {"sequences": [5]}, "sequences.0: 5 is not a Sequence; write its fields by name"),
        (Content, {"name": "a", "subject": "b", "bodi": "c"}, "there is no setting 'bodi'; did you mean 'body'?"),
    ],
)
def test_a_mistake_is_said_with_field_value_and_remedy(kind: type[Definition], written: Any, problem: str) -> None:
    for read in (lambda: kind.model_validate(written), lambda: kind.model_validate_json(json.dumps(written))):
        with pytest.raises(DefinitionError) as wrong:
            read()
        assert problem in str(wrong.value)
        assert "Field required; there is no setting" not in str(wrong.value)


def test_problems_are_told_with_their_places() -> None:
    with pytest.raises(DefinitionError) as wrong:
        Nurturing.model_validate({"sequences": [{"name": "a", "steps": ["1d", {"aftr": "2d"}]}]})
    assert wrong.value.problems == (
        (("sequences", 0, "steps", 1, "aftr"), "there is no setting 'aftr'; did you mean 'after'?"),
    )
    assert pickle.loads(pickle.dumps(wrong.value)).problems == wrong.value.problems


def test_what_was_computed_of_a_definition_is_not_computed_of_its_changed_copy() -> None:
    assert DEFAULT.skipped("mql", "sql") == ("sal",)
    changed = DEFAULT.but(stages=tuple(stage for stage in DEFAULT.stages if stage.name != "sal"))
    assert changed.skipped("mql", "sql") == ()
