"""Moments, numbers, text, actors and points: what they take, and what they refuse at the edge."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError

from leadflow.entities import (
    Activity,
    Actor,
    Adjustment,
    Company,
    Deal,
    Line,
    Suppression,
    Task,
    Text,
    safe_line,
    safe_text,
    utc,
)
from leadflow.entities.base import micros, moment_at
from leadflow.entities.bounds import Bounds
from leadflow.errors import Unreadable
from leadflow.testing import an_adjustment

NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)
ANNA = Actor(kind="rep", id="anna")
LINE, TEXT = TypeAdapter(Line), TypeAdapter(Text)


# ------------------------------------------------------------------------------------------------------------- moments
def test_a_moment_is_the_same_moment_in_utc():
    assert utc(datetime(2026, 3, 2, 10, tzinfo=timezone(timedelta(hours=1)))) == NOW
    assert utc(datetime(2026, 3, 2, 10, tzinfo=timezone(timedelta(hours=1)))).tzinfo is UTC


@pytest.mark.parametrize(
    ("moment", "why"),
    [
        (datetime(2026, 3, 2, 9), "time zone"),
        (datetime(1, 1, 1, tzinfo=timezone(timedelta(hours=5))), "years 2 to 9998"),
        (datetime(9999, 12, 31, 23, tzinfo=timezone(timedelta(hours=-5))), "years 2 to 9998"),
    ],
)
def test_a_moment_without_a_zone_or_out_of_the_calendar_is_refused(moment, why):
    with pytest.raises(ValueError, match=why):
        utc(moment)


@given(st.datetimes(timezones=st.just(UTC)))
def test_moments_in_microseconds_are_exact(moment):
    assert moment_at(micros(moment)) == moment


# ---------------------------------------------------------------------------------------------------------------- text
@pytest.mark.parametrize(
    ("typed", "line", "text"),
    [
        ("  Ada  Lovelace ", "Ada Lovelace", "Ada  Lovelace"), ("a\x00b", "a b", "a b"),
        ("a\r\nBcc: x@y.z", "a Bcc: x@y.z", "a\nBcc: x@y.z"), ("a\tb", "a b", "a\tb"), ("u\u0308ber", "über", "über"),
        ("\ud800", "", ""), ("in\u202evoice", "in voice", "in voice"), ("a\u2028b", "a b", "a b"),
        ("one \n\n two", "one two", "one\n\n two"),
    ],
)  # fmt: skip
def test_text_from_outside_is_made_safe_once(typed, line, text):
    assert (safe_line(typed), safe_text(typed)) == (line, text)
    assert (safe_line(line), safe_text(text)) == (line, text)


@pytest.mark.parametrize("value", [None, 7, b"bytes", ["a"]])
def test_what_is_no_text_is_left_as_it_is(value):
    assert safe_line(value) is value
    assert safe_text(value) is value


@pytest.mark.parametrize(("length", "fits"), [(0, False), (1, True), (1_000, True), (1_001, False)])
def test_a_line_has_one_to_a_thousand_characters(length, fits):
    assert _takes(LINE, "x" * length) is fits


@pytest.mark.parametrize(("length", "fits"), [(0, True), (100_000, True), (100_001, False)])
def test_a_text_has_up_to_a_hundred_thousand_characters(length, fits):
    assert _takes(TEXT, "x" * length) is fits


def _takes(adapter: TypeAdapter[Any], value: object) -> bool:
    try:
        adapter.validate_python(value)
    except ValidationError:
        return False
    return True


# -------------------------------------------------------------------------------------------------------------- bounds
@pytest.mark.parametrize(
    ("within", "beyond", "why"),
    [
        ("x" * 10, "x" * 11, "more than 10 characters"),
        ([[[]]], [[[[]]]], "nested deeper than 3 levels"),
        ([1] * 4, [1] * 5, "single values"),
        (10**299, 10**301, "more than 300 digits"),
    ],
)
def test_what_is_at_its_bound_is_taken_and_what_is_beyond_says_why(within, beyond, why):
    def bounds():
        return Bounds(40, values=5, text=10, depth=3)

    assert bounds().taken(within) == within
    with pytest.raises(ValueError, match=why):
        bounds().taken(beyond)


def test_several_values_share_one_budget_and_what_was_refused_costs_nothing():
    bounds = Bounds(20, values=9, text=15)
    assert bounds.taken("x" * 15) == "x" * 15
    with pytest.raises(ValueError, match="more than 20 bytes in all"):
        bounds.taken("y" * 6)
    assert bounds.taken("ä" * 2) == "ä" * 2  # four bytes
    with pytest.raises(ValueError, match="in all"):
        bounds.taken("yy")


class Sly(str):
    __slots__ = ()

    def __len__(self) -> int:
        return 1


def test_a_hosts_own_text_is_measured_and_taken_as_what_it_is():
    taken = Bounds(text=10).taken(Sly("abc"))
    assert (type(taken), taken) == (str, "abc")
    with pytest.raises(ValueError, match="characters"):
        Bounds(text=10).taken(Sly("x" * 11))


def test_what_has_no_end_is_refused_without_beginning():
    with pytest.raises(ValueError, match="neither a value nor a list"):
        Bounds().taken(iter(int, 1))


# ------------------------------------------------------------------------------------------------------- single values
@pytest.mark.parametrize(
    ("kind", "values"),
    [
        (Deal, {"id": "d", "opened_at": NOW, "amount": -1}),
        (Deal, {"id": "d", "opened_at": NOW, "currency": "eur"}),
        (Deal, {"id": "d", "opened_at": datetime(2026, 3, 2)}),
        (Company, {"employees": -1}),
        (Company, {"country": "Germany"}),
        (Company, {"revenue": float("nan")}),
        (Activity, {"id": "a", "lead_id": "l", "kind": "k", "happened_at": NOW, "recorded_at": NOW,
                    "properties": {str(n): n for n in range(101)}}),
        (Adjustment, {"id": "a", "side": "fit", "points": 1_000_001, "because": "x", "by": ANNA, "at": NOW}),
        (Adjustment, {"id": "a", "side": "fit", "points": True, "because": "x", "by": ANNA, "at": NOW}),
        (Task, {"key": "k", "kind": "k", "due_at": NOW, "attempts": -1}),
        (Actor, {"kind": "robot"}),
    ],
)  # fmt: skip
def test_a_value_out_of_its_range_is_refused_when_it_is_made(kind, values):
    with pytest.raises(ValidationError):
        kind(**values)


def test_a_bare_name_is_a_rep():
    assert Actor.of("anna") == Actor(kind="rep", id="anna")
    assert Actor.of(Actor(kind="crm")) == Actor(kind="crm", id="leadflow")
    assert str(Actor.of("anna")) == "rep anna"


def test_points_by_hand_count_from_their_moment_on_and_no_longer_at_their_end():
    one = an_adjustment(5, at=NOW, until=NOW + timedelta(days=1))
    moments = [NOW - timedelta(microseconds=1), NOW, NOW + timedelta(days=1, microseconds=-1), NOW + timedelta(days=1)]
    assert [one.holds(moment) for moment in moments] == [False, True, True, False]
    assert an_adjustment(5, at=NOW).holds(NOW + timedelta(days=9_999))


def test_a_task_says_what_its_payload_lacks():
    task = Task(key="k", kind="k", due_at=NOW, payload={"name": "Ada", "count": 7, "yes": True})
    assert (task.text("name"), task.number("count")) == ("Ada", 7)
    for missing in ("count", "none"):
        with pytest.raises(Unreadable, match=f"no text named {missing}"):
            task.text(missing)
    with pytest.raises(Unreadable, match="no whole number named yes"):
        task.number("yes")


def test_a_suppression_names_no_address_and_says_since_when_and_why():
    ban = Suppression(why="complaint", since=NOW, by="person", purpose="newsletter", reason="a letter")
    assert str(ban) == "the address is suppressed for newsletter since 2026-03-02: a complaint, a letter"
