"""No pair that is left out early could have been anything but different."""

from __future__ import annotations

from random import Random

import pytest

from leadflow.batch import dedupe_many
from leadflow.batch.match_bounds import SHARED_LEVELS, hopeless_names
from leadflow.quality.matching import MATCH_MODEL, Matcher, MatchModel
from leadflow.quality.matching.agreement import CONTRADICTIONS
from match_rows import match_rows

ROWS = {f"r{number}": row for number, row in enumerate(match_rows(220, seed=11))}


def some_model(dice: Random) -> MatchModel:
    """Return a model of other weights, some of them as odd as can be."""
    most = dice.choice((2, 4, 8, 20))
    comparisons = [
        one.but(levels=[level.but(bits=level.bits * dice.random() + dice.randint(-most, most)) for level in one.levels])
        for one in MATCH_MODEL.persons.comparisons
    ]
    persons = MATCH_MODEL.persons.but(comparisons=comparisons, prior=dice.uniform(-12, 0))
    return MATCH_MODEL.but(persons=persons, unsure=dice.choice((0.01, 0.35, 0.9)))


def test_hopeless_names_stay_different_whatever_else_is_found() -> None:
    hopeless = 0
    for seed in range(20):
        dice = Random(seed)
        model = some_model(dice)
        matcher = Matcher(model)
        told = [
            [None, *(each.level for each in one.levels if each.level not in SHARED_LEVELS.get(one.by, ()))]
            for one in model.persons.comparisons[1:]
        ]
        for name in hopeless_names(model):
            hopeless += 1
            for _ in range(300):
                pattern = (name, *map(dice.choice, told))
                assert matcher.weighed(pattern, organisations=False).verdict == "different", (seed, pattern)
    assert hopeless > 20


def test_names_that_contradict_are_hopeless_by_the_default_model() -> None:
    assert {*hopeless_names(MATCH_MODEL)} == CONTRADICTIONS
    assert hopeless_names(MATCH_MODEL.but(persons=MATCH_MODEL.persons.but(prior=10.0), unsure=1e-9)) == []


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_no_pair_is_lost_by_any_model(seed: int) -> None:
    model = some_model(Random(seed))
    found = dedupe_many(ROWS, model, engine="duckdb")
    assert found == dedupe_many(ROWS, model, engine="python")
    assert found.pairs
