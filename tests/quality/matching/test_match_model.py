"""The match model as a definition, records of tables, estimation, and the waterfall."""

from __future__ import annotations

import random
from itertools import combinations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from leadflow.errors import DefinitionError
from leadflow.quality.matching import (
    MATCH_MODEL,
    EvidenceLevel,
    FieldComparison,
    Matcher,
    MatchModel,
    estimate,
    record_features,
    waterfall_svg,
    waterfall_text,
)
from leadflow.quality.matching.clusters import PairEvidence, clusters_of, split_clear
from leadflow.quality.matching.records import birth_date

TEXTS = {
    "name": ["Anna Müller", "Mueller Anna", "Mary Smith", "Marie Smyth", "王杰", "Bob", ""],
    "born": ["1970-01-02", "2/1/1970", "19700103", "never"],
    "email": ["anna@acme.example", "info@acme.example", "no address"],
    "phone": ["030 231250", "3865286", "?"],
    "company": ["Acme GmbH", "Acme Software", "St. Lucy School", "School of St Lucy"],
    "street": ["12 Main St", "Main Street 12", "12 N Main", "Main 14", "Hauptstr. 5"],
    "postcode": ["10115", "60302-1234"],
    "city": ["Berlin", "Oak Park"],
    "identifier.ssn": ["294-66-9999", "294669998", "12"],
}
RECORDS = st.fixed_dictionaries({}, optional={key: st.sampled_from(texts) for key, texts in TEXTS.items()})


@settings(max_examples=200, deadline=None)
@given(RECORDS, RECORDS)
def test_any_two_records_compare_alike_in_both_directions(one, other) -> None:
    a, b, matcher = record_features(one), record_features(other), Matcher()
    assert matcher.likeness(a, b) == matcher.likeness(b, a)


@settings(max_examples=100, deadline=None)
@given(st.dictionaries(st.sampled_from([*TEXTS, "mobile", "website", "xing"]), st.text() | st.none() | st.floats()))
def test_whatever_a_cell_holds_nothing_raises(record) -> None:
    record_features(record)


def test_a_model_goes_to_json_and_back() -> None:
    assert MatchModel.model_validate_json(MATCH_MODEL.model_dump_json()) == MATCH_MODEL


def test_what_can_not_work_is_refused() -> None:
    level = EvidenceLevel("full", 1, "names")
    with pytest.raises(DefinitionError, match=r"full.*twice"):
        FieldComparison("name", "person", [level, level])
    with pytest.raises(DefinitionError, match="unsure"):
        MATCH_MODEL.model_validate(MATCH_MODEL.model_dump() | {"same": 0.6, "unsure": 0.7})


@pytest.mark.parametrize(
    ("text", "day"),
    [("3/1/70", "1970-03-01"), ("24-May-11", "2011-05-24"), ("19081209", "1908-12-09"), ("31.12.1999", "1999-12-31"),
     ("20/8/1991", "1991-08-20"), ("1997-09-14T00:00:00", "1997-09-14"), ("13/13/1999", ""), ("soon", "")],
)  # fmt: skip
def test_dates_of_birth_in_any_notation(text: str, day: str) -> None:
    assert birth_date(text) == day


def verdict(one: dict[str, str], other: dict[str, str]) -> str:
    return Matcher().likeness(record_features(one), record_features(other)).verdict


def test_organisations_compare_by_name_and_site() -> None:
    lucy = {"company": "St. Lucy School", "street": "27 W Washington Blvd", "phone": "708 386 5286"}
    assert verdict(lucy, {"company": "SAINT LUCY SCHOOL", "street": "27 Washington", "phone": "7083865286"}) == "same"
    assert verdict(lucy, {"company": "St. Lucy School", "street": "1400 Lake St"}) == "different"
    assert verdict(lucy, {"name": "Lucy School"}) == "different"


def test_a_birth_date_and_an_identity_number_outweigh_a_new_name_but_not_a_household() -> None:
    ann = {
        "name": "Ann Miller",
        "born": "1970-01-02",
        "identifier.ssn": "294669999",
        "street": "1 Oak Rd",
        "city": "Ohio",
    }
    assert verdict(ann, ann | {"name": "Ann Baker", "street": "7 Elm St"}) == "same"
    assert (
        verdict(ann, ann | {"name": "Tom Miller", "born": "1968-04-30", "identifier.ssn": "111223333"}) == "different"
    )


def test_one_wrong_pair_does_not_chain_two_clusters() -> None:
    one, other = {0, 1, 2}, {3, 4, 5}

    def bits(a: int, b: int) -> PairEvidence:
        return PairEvidence(10.0 if {a, b} <= one or {a, b} <= other else (9.0 if {a, b} == {2, 3} else -10.0))

    pairs = [(bits(a, b).bits, a, b) for a, b in combinations(range(6), 2) if bits(a, b).bits > 0]
    assert clusters_of(pairs, bits, 100) == [[0, 1, 2], [3, 4, 5]]
    assert max(map(len, clusters_of(pairs, lambda a, b: PairEvidence(10.0), 4))) <= 4


FLAG, YES, NO = st.booleans(), st.just(True), st.just(False)
SAME = st.builds(PairEvidence, st.floats(1, 20), st.floats(-9, 9), FLAG, FLAG, YES, NO)
APART = st.builds(PairEvidence, st.floats(-30, 4), st.floats(-9, 9), FLAG, FLAG, NO, FLAG)


@settings(max_examples=300)
@given(st.lists(st.one_of(SAME, SAME, APART), min_size=15, max_size=15), st.integers(2, 7))
def test_what_is_clear_without_evidence_is_the_cluster_that_evidence_makes(found, largest) -> None:
    of = dict(zip(combinations(range(6), 2), found, strict=True))
    pairs = [(one.bits, *both) for both, one in of.items() if one.same]

    def evidence(one: int, other: int) -> PairEvidence:
        return of[min(one, other), max(one, other)]

    clear, rest = split_clear(pairs, largest)
    assert sorted(clear + clusters_of(rest, evidence, largest)) == clusters_of(pairs, evidence, largest)


def test_three_of_whom_each_two_are_a_pair_are_clear_and_a_chain_is_not() -> None:
    chain = [(9.0, 7, 8), (9.0, 8, 9), (9.0, 9, 6)]
    assert split_clear([(5.0, 0, 1), (5.0, 1, 2), (5.0, 2, 0), *chain], 3) == ([[0, 1, 2]], chain)
    assert split_clear([(5.0, 0, 1), (5.0, 1, 2), (5.0, 2, 0)], 2)[0] == []


def people(count: int) -> list[dict[str, str]]:
    draw = random.Random(7)
    firsts = ["Ann", "Tom", "Otto", "Ines", "Paul", "Rosa", "Emil", "Clara", "Hugo", "Ida"]
    lasts = ["Baker", "Kern", "Vogel", "Stone", "Huber", "Lang", "Mertens", "Quast", "Roth", "Zander"]
    return [
        {"first_name": draw.choice(firsts), "last_name": draw.choice(lasts) + draw.choice("aeiou") + draw.choice("mnr"),
         "born": f"19{draw.randint(40, 99)}-{draw.randint(1, 12):02}-{draw.randint(1, 28):02}"}
        for _ in range(count)
    ]  # fmt: skip


def test_weights_are_estimated_from_records_and_not_from_a_few() -> None:
    originals = people(400)
    records = [record_features(one) for one in originals + originals]
    pairs = [*zip(records[:400], records[400:], strict=True)]
    found = estimate(records, pairs, MATCH_MODEL)
    assert found.refused is None
    birth = next(one for one in found.model.persons.comparisons if one.by == "born")
    assert birth.by_level["same_birth"].bits > 10 > 0 > birth.by_level["other_birth"].bits
    assert estimate(records, pairs, MATCH_MODEL) == found
    few = estimate(records[:420], pairs[:20], MATCH_MODEL)
    assert few.model == MATCH_MODEL
    assert few.refused is not None and "too few" in few.refused


def test_weights_are_not_estimated_from_colleagues() -> None:
    records = [record_features(one | {"company": "Acme"}) for one in people(200)] * 2
    found = estimate(records, zip(records[:200], records[200:], strict=True), MATCH_MODEL)
    assert found.model == MATCH_MODEL
    assert found.refused is not None and "colleagues" in found.refused


def test_a_household_does_not_teach_that_another_first_name_is_the_same_person() -> None:
    homes = [one | {"phone": f"55501{place:03}"} for place, one in enumerate(people(400))]
    kin = [one | {"first_name": homes[place - 1]["first_name"]} for place, one in enumerate(homes[:160])]
    records = [record_features(one) for one in (*homes, *homes, *kin)]
    pairs = [*zip(records[:400], records[400:800], strict=True), *zip(records[:160], records[800:], strict=True)]
    names = estimate(records, pairs, MATCH_MODEL).model.persons.comparisons[0]
    assert names != MATCH_MODEL.persons.comparisons[0]
    assert max(names.by_level[level].bits for level in ("first", "last", "different")) <= -3


def test_a_waterfall_goes_from_the_prior_to_the_probability() -> None:
    ann = record_features({"name": "Ann Lee", "born": "1970-01-02", "street": "1 Oak Rd"})
    like = Matcher().likeness(ann, ann)
    lines = waterfall_text(like).splitlines()
    assert lines[0].endswith("-7.0    -7.0")
    assert lines[-1] == f"same: {like.probability:.1%}"
    assert waterfall_svg(like).count("<rect") == len(lines) - 1


def without(model: MatchModel, **left_out: str) -> MatchModel:
    """Return a model that was saved before there were some levels: of each comparison, those that are named."""
    comparisons = tuple(
        FieldComparison(
            one.by, one.group, [level for level in one.levels if level.level not in left_out.get(one.by, "").split()]
        )
        for one in model.persons.comparisons
    )
    return MatchModel.model_validate_json(
        model.but(persons=model.persons.but(comparisons=comparisons)).model_dump_json()
    )


OLD_MODEL = without(
    MATCH_MODEL, born="within_year generation_apart", email="spelled_apart colleague_email", name="kin siblings"
)


def test_a_level_that_a_saved_model_does_not_know_counts_as_the_coarser_one() -> None:
    anna = {"name": "Anna Schmitt", "born": "1970-01-02", "email": "a.schmitt@acme.example"}
    other = {"name": "Anna Schmitz", "born": "1970-09-20", "email": "a.schmitz@acme.example"}
    one, two = record_features(anna), record_features(other)
    assert Matcher().pattern(one, two)[:3] == ("near", "within_year", "spelled_apart")
    assert Matcher(OLD_MODEL).pattern(one, two)[:3] == ("near", "other_birth", "other_email")
    like = Matcher(OLD_MODEL).likeness(one, two)
    assert [bits for bits, _ in like.weighed][:3] == [8.0, -6.0, -1.0]
    raw = Matcher().pattern(one, two)
    assert Matcher(OLD_MODEL).weighed(raw, organisations=False) == like  # as rows of match_sql_for tell them


def test_an_unverified_mailbox_never_counts_as_a_verified_one() -> None:
    model = without(MATCH_MODEL, email="same_unverified_email")
    unverified = ("full", None, "same_unverified_email", *[None] * 8)
    assert Matcher(model).weighed(unverified, organisations=False).verdict == "unsure"
    assert Matcher(model).weighed(unverified, organisations=False) == Matcher(model).weighed(
        ("full", *[None] * 10), organisations=False
    )
