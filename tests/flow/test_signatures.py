"""What ``help`` and editors show: names, parameters, answers; and definitions that are short enough to read."""

import pydoc
from inspect import Parameter, signature

import pytest

from leadflow import AsyncLeadFlow, LeadFlow, Lifecycle, Qualification, Rep, Router, Stage, Territory
from leadflow.lifecycle import DEFAULT


def test_the_help_of_a_flow_begins_with_its_parameters_and_purpose_on_one_screen():
    shown = pydoc.render_doc(LeadFlow, renderer=pydoc.plaintext)  # type: ignore[attr-defined]
    head = shown[: shown.index("Methods defined here")]
    assert "custom:" in head and "The whole journey of your leads" in head
    assert len(head) < 3_000


@pytest.mark.parametrize("flow", [LeadFlow, AsyncLeadFlow])
@pytest.mark.parametrize(("name", "answer"), [("accept", "Moved"), ("identify", "Captured"), ("record", "Recorded")])
def test_a_method_has_its_own_name_and_says_what_it_answers(flow, name, answer):
    method = getattr(flow, name)
    assert (method.__name__, method.__qualname__) == (name, f"{flow.__name__}.{name}")
    assert signature(method).return_annotation.__name__ == answer
    assert signature(LeadFlow.get).return_annotation == "Lead[Fields]"


@pytest.mark.parametrize(
    ("kind", "by_position", "by_name"),
    [
        (Rep, ["id"], "weight"),
        (Territory, ["name", "condition"], "reps"),
        (Router, ["territories"], "gates"),
        (Qualification, ["mql"], "keep"),
        (Stage, ["name", "kind", "description"], "after"),
        (Lifecycle, ["stages", "moves"], None),
    ],
)
def test_a_definition_says_what_may_be_given_before_and_after_its_first_use(kind, by_position, by_name):
    given = signature(kind).parameters
    assert [name for name, one in given.items() if one.kind is Parameter.POSITIONAL_OR_KEYWORD] == by_position
    assert by_name is None or given[by_name].kind is Parameter.KEYWORD_ONLY


def test_a_definition_shows_what_was_chosen():
    assert repr(Rep("anna", weight=2)) == "Rep(id='anna', weight=Fraction(2, 1))"
    assert len(repr(DEFAULT)) < 200 and "'mql'" in repr(DEFAULT)
