"""Words are found by their beginnings, in any order and spelling; a phone number however it is written."""

from __future__ import annotations

from datetime import UTC, datetime
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from leadflow import DefinitionError, Lead, field
from leadflow.conditions import bind, condition_from, evaluate, to_json
from leadflow.conditions.satisfiability import implies, is_never_true
from leadflow.conditions.words import has_words, searched_words, words_in
from leadflow.scoring import FitRule, ScoringModel
from leadflow.testing import a_lead

NOW = datetime(2026, 6, 1, tzinfo=UTC)
ADA = a_lead(
    person={"first_name": "Jörg", "last_name": "Mueller-Lüdenscheidt"},
    company={"name": "Société Générale 007", "domain": "acme.example"},
    emails=({"address": "ada.king@web.example"},),
    phones=({"number": "+4930123456"},),
)


@pytest.mark.parametrize(
    "words",
    ["jörg", "JOERG", "jorg mull", "lud", "societe gen", "acme", "ada king web", "ada.king@web.example", "007", "7",
     "+49 30 123 456", "0049 (30) 123-456", "030 / 123456", "030 12", "4930", "jorg 030 1234 acme"],
)  # fmt: skip
def test_a_lead_is_found_by(words: str) -> None:
    assert evaluate(field("text").matches(words), ADA, NOW) is True


@pytest.mark.parametrize("words", ["org", "jorg bob", "cme", "123456789", "+43 30 123456", "jorgmull"])
def test_a_lead_is_not_found_by(words: str) -> None:
    assert evaluate(field("text").matches(words), ADA, NOW) is False


def test_a_lead_of_whom_nothing_is_known_has_an_empty_text() -> None:
    nobody = a_lead(person={}, company={}, emails=(), phones=())
    assert evaluate(field("text").matches("a"), nobody, NOW) is False
    assert evaluate(~field("text").matches("a"), nobody, NOW) is True


def test_any_text_may_be_looked_through_and_a_missing_one_is_unknown() -> None:
    assert evaluate(field("company.name").matches("generale soc"), ADA, NOW) is True
    assert evaluate(field("company.name").matches("acme"), a_lead(company={}), NOW) is None


@given(st.lists(st.text(max_size=12), max_size=4), st.randoms())
def test_every_text_has_its_own_words_and_their_beginnings_in_any_order(texts: list[str], dice: Random) -> None:
    text = " ".join(texts)
    if not searched_words(text) or "0" in words_in(text):
        return
    assert has_words(text)(text)
    shuffled = text.split()
    dice.shuffle(shuffled)
    assert has_words(" ".join(shuffled))(text)
    some = [word for word in words_in(text) if searched_words(word) == (word,)]
    assert all(has_words(word[: dice.randint(1, len(word))])(text) for word in some if word[0] not in "0123456789")


def test_it_goes_to_json_and_back_and_reads_well() -> None:
    condition = bind(field("text").matches("ada acme"), Lead)
    assert condition_from(to_json(condition)) == condition
    assert str(condition) == 'text matches "ada acme"'


def test_what_has_no_word_is_refused() -> None:
    for wrong in ("", " - ", "@"):
        with pytest.raises(DefinitionError, match="write at least one"):
            field("text").matches(wrong)
    with pytest.raises(DefinitionError, match="at most 20 words"):
        field("text").matches(" ".join(f"w{nr}" for nr in range(21)))
    with pytest.raises(DefinitionError, match="is a number; matches needs a text"):
        bind(field("company.employees").matches("7"), Lead)
    with pytest.raises(DefinitionError, match=r"use \.contains"):
        bind(field("interests").matches("x"), Lead)


def test_reasoning_says_nothing_that_is_wrong_about_words() -> None:
    words = field("text").matches("ada")
    assert not is_never_true(words & (field("text") == "Ada"))
    assert not is_never_true(~words)
    assert is_never_true(words & ~field("text").is_known())
    assert not implies(field("text").contains("ada"), words)


def test_a_rule_may_look_for_words() -> None:
    rule = FitRule(when=field("person.job_title").matches("einkauf leit"), points=10, because="Buys")
    model = ScoringModel(name="words", fit=[rule]).bind(Lead)
    assert model.score(a_lead(person={"job_title": "Leiter Einkauf"}), (), NOW).fit == 10
    assert model.score(a_lead(person={"job_title": "Leiter IT"}), (), NOW).fit == 0
