"""DuckDB finds what Python finds: the same pairs, likeness and clusters, from the same definition."""

from __future__ import annotations

from leadflow.batch import dedupe_many
from leadflow.quality.matching import MATCH_MODEL
from leadflow.quality.matching.duplicates import duplicates_among
from match_rows import match_rows

RECORDS = {str(number): row for number, row in enumerate(match_rows(700, seed=3))}
WIDE = MATCH_MODEL.but(
    same=0.9999,
    unsure=1e-9,  # so that nearly all pairs are told
    persons=MATCH_MODEL.persons.but(prior=10.0),
    organisations=MATCH_MODEL.organisations.but(prior=10.0),
)


def test_every_pair_has_the_same_likeness_on_both_engines() -> None:
    duck = dedupe_many(RECORDS, WIDE, engine="duckdb", default_country="DE")
    plain = dedupe_many(RECORDS, WIDE, engine="python", default_country="DE")
    assert duck.compared == plain.compared > 20_000
    assert duck.uncompared == plain.uncompared
    assert len(plain.pairs) > 15_000
    odd = [(a, b) for a, b in zip(duck.pairs, plain.pairs, strict=True) if a != b]
    assert [(RECORDS[a.one], RECORDS[a.other], a, b) for a, b in odd[:3]] == []


def test_levels_that_a_saved_model_does_not_know_are_the_same_on_both_engines() -> None:
    left_out = {
        "within_year",
        "generation_apart",
        "spelled_apart",
        "same_mobile",
        "siblings",
        "same_home",
        "shared_domain",
    }
    persons = WIDE.persons.but(
        comparisons=tuple(
            one.but(levels=tuple(level for level in one.levels if level.level not in left_out))
            for one in WIDE.persons.comparisons
        )
    )
    old, some = WIDE.but(persons=persons), {id: RECORDS[id] for id in RECORDS if int(id) < 300}
    duck = dedupe_many(some, old, engine="duckdb", default_country="DE")
    assert duck == dedupe_many(some, old, engine="python", default_country="DE")
    assert {pair.likeness for pair in duck.pairs} != {
        pair.likeness for pair in dedupe_many(some, WIDE, engine="duckdb", default_country="DE").pairs
    }


def test_clusters_and_estimates_are_the_same_on_both_engines() -> None:
    some = {id: record for id, record in RECORDS.items() if int(id) < 300}
    for estimated in (False, True):
        duck = dedupe_many(some, engine="duckdb", estimated=estimated)
        assert duck == dedupe_many(some, engine="python", estimated=estimated)


def test_new_against_old_on_both_engines() -> None:
    new = {f"n{id}": record for id, record in RECORDS.items() if int(id) < 60}
    old = {id: record for id, record in RECORDS.items() if 60 <= int(id) < 300}
    for link in (False, True):
        duck = dedupe_many(new, against=old, link=link, engine="duckdb")
        assert duck == duplicates_among(new, against=old, link=link)
        assert duck.pairs
