"""Columns that give the outcome away are named with the reason, whatever they are called; honest ones are not."""

import math
import random
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from leadflow.errors import InvalidInput
from leadflow.scoring.learning import find_leaks

COUNT = 2000
START = datetime(2026, 1, 1, tzinfo=UTC)
TIMES = [START + timedelta(hours=place) for place in range(COUNT)]
CHANCE = random.Random(7)
SOURCE = [CHANCE.choice(["fair", "web", "ads"]) for _ in range(COUNT)]
WON = [CHANCE.random() < {"fair": 0.6, "web": 0.3, "ads": 0.2}[source] for source in SOURCE]


def column(made):
    """A column whose values follow from place, outcome and chance."""
    chance = random.Random(1)
    return [made(place, won, chance) for place, won in enumerate(WON)]


HONEST: dict[str, list[Any]] = {
    "source": SOURCE,
    "revenue": column(lambda _, won, chance: chance.lognormvariate(10 + won, 1)),
    "asked_late": column(lambda place, _, chance: chance.choice("xy") if chance.random() < 0.3 else None),
    "job": column(lambda _, won, chance: chance.choice(["unemployed", "retired", "married"])),
    "remark_rare": column(lambda place, won, _: "x" if place in (3, 30, 300) and won else None),
    "field": [*([None] * (COUNT - 1)), "once"],
    "department": column(lambda _, won, chance: chance.choice(["Risk Management", "Credit Management", "Sales"])),
    "partner": column(lambda place, won, _: "partner" if won and place % 3 == 0 else "other"),
    "wish": column(lambda *given: f"they asked for a price and then {given[2].choice(['waited', 'called', 'left'])}"),
}  # fmt: skip
LEAKS: dict[str, list[Any]] = {
    "tells_outcome": column(lambda _, won, chance: "a" if won == (chance.random() < 0.97) else "b"),
    "filled_for_one": column(lambda _, won, chance: "price" if not won and chance.random() < 0.05 else None),
    "ranks_alone": column(lambda _, won, chance: chance.gauss(1.5 if won else 0, 1)),
    "decides_both_ways": column(
        lambda place, won, _: ("top" if won else "junk") if place % 8 == 0 else "unsure"),
    "mostly_for_one": column(lambda _, won, chance: "v" if chance.random() < (0.6 if won else 0.08) else None),
    "filled_in_periods": column(lambda place, _, chance: None if 600 < place < 1500 else chance.choice("pq")),
    "latest_event": column(lambda *given: given[2].choice(["Mail Opened", "SMS Sent", "Form submitted", "Chat ended"])),
    "after_the_moment": [at + timedelta(days=30) for at in TIMES],
    "identifier": [f"lead-{place}" for place in range(COUNT)],
}  # fmt: skip


@pytest.mark.parametrize("kind", LEAKS)
def test_each_kind_of_leak_is_named_with_its_reason(kind):
    (leak,) = find_leaks({"x": LEAKS[kind], **HONEST}, WON, TIMES)
    assert (leak.column, leak.kind) == ("x", kind)
    assert leak.certain == (kind in {"tells_outcome", "filled_for_one"})
    assert len(leak.because) > 20


def test_honest_columns_are_not_named():
    assert find_leaks(HONEST, WON, TIMES) == ()
    assert find_leaks(HONEST, WON) == ()


def test_the_outcome_itself_in_any_spelling_is_certain():
    spelled: dict[str, list[Any]] = {"same": WON, "text": ["ja" if won else "nein" for won in WON]}
    spelled["number"] = [float(won) for won in WON]
    assert [leak.certain for leak in find_leaks(spelled, WON)] == [True, True, True]


def test_certain_ones_come_first():
    leaks = find_leaks(LEAKS, WON, TIMES)
    assert [leak.certain for leak in leaks] == sorted((leak.certain for leak in leaks), reverse=True)
    assert {leak.column for leak in leaks} == set(LEAKS)


def bank(how_long):
    """Calls of a bank, in the manner of a public data set: nobody knows how long a call is before it is over."""
    chance = random.Random(3)
    columns: dict[str, list[Any]] = {name: [] for name in ("age", "job", "month", "before", "duration")}
    won = []
    for _ in range(6000):
        job, month, before = chance.choice("abcdef"), chance.choice("jkmnop"), chance.choice(["no", "no", "no", "yes"])
        odds = -2.5 + 1.2 * (job in "ab") + 1.2 * (month in "jk") + 1.6 * (before == "yes")
        won.append(chance.random() < 1 / (1 + math.exp(-odds)))
        duration = round(chance.lognormvariate(5.1 + how_long * won[-1], 0.75))
        for name, value in zip(columns, (chance.gauss(40, 10), job, month, before, duration), strict=True):
            columns[name].append(value)
    return columns, won


def test_a_column_that_outdoes_all_others_together_is_named():
    columns, won = bank(0.85)
    (leak,) = find_leaks(columns, won)
    assert (leak.column, leak.kind, leak.certain) == ("duration", "outranks_all", False)
    assert "than all other columns together" in leak.because
    assert [one.kind for one in find_leaks(bank(1.1)[0], bank(1.1)[1])] == ["ranks_alone"]


def test_a_good_column_among_good_ones_is_not_named_nor_one_that_alone_says_anything():
    assert find_leaks(*bank(0.4)) == ()
    columns, won = bank(0.82)
    assert find_leaks({name: columns[name] for name in ("age", "duration")}, won) == ()


def test_german_events_are_events():
    values = column(
        lambda *given: given[2].choice(["Mail geöffnet", "Formular abgeschickt", "Messe besucht", "Termin abgesagt"])
    )
    values = ["SMS gesendet" if value == "Termin abgesagt" else value for value in values]
    assert [leak.kind for leak in find_leaks({"letzte": values}, WON)] == ["latest_event"]


def test_running_numbers_are_identifiers_and_measurements_are_not():
    numbers = {
        "number": list(range(5000, 5000 + 3 * COUNT, 3)),
        "balance": [value * 1.37 for value in HONEST["revenue"]],
    }
    assert [leak.column for leak in find_leaks(numbers, WON)] == ["number"]


def test_a_file_sorted_by_outcome_says_nothing_about_periods():
    order = sorted(range(COUNT), key=WON.__getitem__)
    column = [LEAKS["filled_in_periods"][place] for place in order]
    gaps = [None if 600 < place < 1500 else "p" for place in range(COUNT)]
    assert find_leaks({"x": column}, [WON[place] for place in order]) == ()
    assert "filled_in_periods" not in {one.kind for one in find_leaks({"x": gaps}, [WON[place] for place in order])}


def test_noise_is_not_accused():
    for seed in range(5):
        chance = random.Random(seed)
        noise = {f"n{at}": [chance.choice("abcdefgh") for _ in range(300)] for at in range(10)}
        assert find_leaks(noise, [chance.random() < 0.1 for _ in range(300)]) == ()


@settings(max_examples=40, deadline=None)
@given(st.lists(st.tuples(st.none() | st.text(max_size=3) | st.integers() | st.floats(), st.booleans()), max_size=40))
@example([(None, True), (0, False), (9.999999999999347e307, False)])  # its bins are wider than any power of ten
def test_whatever_a_column_holds_it_is_looked_at(rows):
    values, won = [value for value, _ in rows], [won for _, won in rows]
    find_leaks({"x": values}, won)


def test_a_column_of_another_length_is_refused():
    with pytest.raises(InvalidInput, match="one value for each"):
        find_leaks({"x": [1]}, [True, False])
