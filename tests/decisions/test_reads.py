"""What a decision asks with: typed questions that ask nobody where there is nothing to ask."""

from __future__ import annotations

import pytest

from decisions.by_hand import answered, lead
from leadflow.decisions import reads as r
from leadflow.errors import NotFound, TooNew, Unreadable
from leadflow.ports import State


@pytest.mark.parametrize(
    ("asking", "nothing"),
    [
        (lambda: r.leads_with([]), {}),
        (lambda: r.readable([]), {}),
        (lambda: r.holders([]), {}),
        (lambda: r.matching([], 20), {}),
        (lambda: r.features([]), {}),
        (lambda: r.states([]), {}),
        (lambda: r.activities("lead-1", []), []),
    ],
)
def test_where_there_is_nothing_to_ask_nobody_is_asked(asking, nothing):
    assert answered(asking()) == ([], nothing)


@pytest.mark.parametrize(
    ("asking", "read", "answer"),
    [
        (lambda: r.holders(["a"]), r.Holders(("a",)), {"a": "lead-1"}),
        (lambda: r.matching(["a"], 20), r.Matching(("a",), 20), {"a": ["lead-1"]}),
        (lambda: r.features(["lead-1"]), r.FeaturesOf(("lead-1",)), {"lead-1": "[]"}),
        (lambda: r.states(["a"]), r.States(("a",)), {"a": State(1, {})}),
        (lambda: r.activities("lead-1"), r.Activities("lead-1", None), []),
        (lambda: r.activities("lead-1", ["a"]), r.Activities("lead-1", ("a",)), []),
        (lambda: r.facts("lead-1", 3, kinds=["x"], limit=7), r.Facts("lead-1", 3, ("x",), 7), []),
        (lambda: r.reply_to("k"), r.ReplyTo("k"), None),
        (lambda: r.task_with("k"), r.TaskWith("k"), None),
    ],
)
def test_a_question_is_one_read_and_its_answer_comes_back(asking, read, answer):
    assert answered(asking(), {read: answer}) == ([read], answer)


def test_one_lead_must_be_there():
    assert answered(r.lead_with("lead-1"), {r.Load(("lead-1",)): {"lead-1": lead()}})[1] == lead()
    with pytest.raises(NotFound, match="no lead 'gone'"):
        answered(r.lead_with("gone"), {r.Load(("gone",)): {}})


def test_one_lead_that_can_not_be_read_raises_its_own_reason():
    torn, newer = Unreadable("lead lead-1", "it is no JSON"), TooNew("lead lead-1", 2, 1)
    torn.wrong = {"lead-1": newer}
    with pytest.raises(TooNew):
        answered(r.lead_with("lead-1"), {r.Load(("lead-1",)): torn})


def test_of_several_those_that_can_be_read_come_and_the_others_are_logged(caplog):
    torn = Unreadable("lead bob", "it is no JSON")
    torn.leads, torn.wrong = {"lead-1": lead()}, {"bob": torn}
    found = answered(r.readable(["lead-1", "bob"]), {r.Load(("lead-1", "bob")): torn})[1]
    assert found == {"lead-1": lead()}
    assert [record.getMessage() for record in caplog.records] == [f"{torn}; the others go on without it"]


def test_a_read_of_other_keys_is_the_same_read():
    assert r.Matching(("a", "b"), 20).of(["b"]) == r.Matching(("b",), 20)


@pytest.mark.parametrize("read", [r.Keys(), r.NewId()])
def test_keys_and_ids_are_no_storages_to_give(read):
    with pytest.raises(NotImplementedError, match="answered by the driver"):
        read.on(None)
