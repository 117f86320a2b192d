"""For any text in any field: what is stored stands in the text in some spelling, or a finding says what was done."""

from __future__ import annotations

import re
from collections import Counter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from leadflow.entities.folding import fold
from leadflow.quality.address import check_address
from leadflow.quality.company import check_company
from leadflow.quality.email import check_email
from leadflow.quality.person import check_person
from leadflow.quality.phone import check_phone

NOISE = st.sampled_from(
    """_ __ ,_ ;_ _/_ ( ) < > " ' . - _-_ privat Tel.:_ Fr._ _ab_17_Uhr 0 49 + x
    ext._12 Jr. III Dr._ van_ Ben_ ,_MBA geb._Ott
    _i.L. AB_ PT_ &_ Stiege_3 _Tür_4 _2._OG 12a ½ @ (at) _oder_ \u200b é 山 Ж .0 E+11 CALL""".split()
).map(lambda piece: piece.replace("_", " "))
EMAILS = ["ada@acme.example", "o'neil@gmail.com", "info@hotmail.co.uk", "ada (at) acme (dot) example", "a.b+c@web.de"]
PHONES = ["030 901820", "+49 151 12345678", "(0)30/901820", "4915112345678", "+52 1 55 1234 5678", "1-800-555-0199"]
NAMES = [
    "Anna Müller",
    "Van Nguyen",
    "Smith, John",
    "Dr. Eva Braun",
    "山田 太郎",
    "Hans von der Heide",
    "John Smith Jr.",
]
COMPANIES = [
    "Acme GmbH",
    "P&G GmbH",
    "AB Exempel",
    "Müller & Co. KG",
    "ООО Ромашка",
    "株式会社サンプル",
    "Acme Sdn Bhd",
]
STREETS = ["Hauptstr. 12", "Rue de la Loi 16", "C4, 12", "Ringweg 7 1/2", "Straße des 17. Juni 135", "ул. Ленина, д. 5"]


def noisy(corpus: list[str]) -> st.SearchStrategy[str]:
    """A text of the corpus with up to three pieces of noise in it, anywhere."""
    places = st.lists(st.tuples(st.integers(0, 40), NOISE), max_size=3)

    def mixed(text: str, noise: list[tuple[int, str]]) -> str:
        for place, piece in noise:
            text = f"{text[:place]}{piece}{text[place:]}"
        return text

    return st.builds(mixed, st.sampled_from(corpus), places)


def letters(text: str) -> str:
    return re.sub(r"[\W_]", "", fold(text.replace("½", "1/2").replace("\u200b", "")))


@settings(max_examples=500, deadline=None, derandomize=True)
@given(noisy(EMAILS))
def test_an_address_stands_in_the_text(text: str) -> None:
    checked = check_email(text)
    if checked.value is None:
        assert checked.findings or not letters(text)
        return
    address = checked.value.address or ""
    assert all(letters(part) in letters(text) for part in re.split("[@.]", address) if not part.startswith("xn--"))
    assert check_email(address).value == checked.value


@settings(max_examples=500, deadline=None, derandomize=True)
@given(noisy(PHONES), st.sampled_from(["DE", "US", "AT", None]))
def test_a_number_has_the_digits_of_the_text_or_a_finding(text: str, country: str | None) -> None:
    checked = check_phone(text, country)
    if checked.value is None:
        assert checked.findings or not letters(text)
        return
    number = checked.value.number or ""
    assert check_phone(number, country).value == checked.value
    given_digits = "".join(c for c in text if c.isdecimal())
    if not checked.findings:
        assert number[1:] in given_digits or any(number[1:].endswith(given_digits[n:]) for n in range(5))


@settings(max_examples=500, deadline=None, derandomize=True)
@given(noisy(NAMES))
def test_a_name_has_the_words_of_the_text_or_a_finding(text: str) -> None:
    checked = check_person({"name": text})
    person = checked.value
    assert person is not None
    stored = [part for part in (person.first_name, person.last_name, person.title, person.salutation) if part]
    kept = sum(len(letters(part)) for part in (person.first_name, person.last_name) if part)
    assert checked.findings or kept or not letters(text) or stored
    for part in (person.first_name, person.last_name):
        for word in re.findall(r"\w+", part or ""):
            assert letters(word) in letters(text)
    if not checked.findings:
        assert sum(len(letters(part)) for part in stored) >= len(letters(text)) - 4  # a spelling of title or salutation
    again = check_person({"first_name": person.first_name, "last_name": person.last_name}).value
    assert again is not None
    assert (again.first_name, again.last_name) == (person.first_name, person.last_name)


@settings(max_examples=500, deadline=None, derandomize=True)
@given(noisy(COMPANIES))
def test_a_company_has_the_words_of_the_text_or_a_finding(text: str) -> None:
    checked = check_company(text)
    assert checked.value is not None
    name, form = checked.value.name, checked.value.legal_form
    assert name is not None or checked.findings or not letters(text)
    assert letters(name or "") in letters(text)
    again = check_company(f"{name} {form}" if form else name).value
    assert again is not None
    assert (again.name, again.legal_form) == (name, form)


@settings(max_examples=500, deadline=None, derandomize=True)
@given(noisy(STREETS), st.sampled_from(["DE", "AT", "BE", None]))
def test_a_street_keeps_every_letter_and_digit(text: str, country: str | None) -> None:
    checked = check_address({"street": text, "country": country})
    assert checked.value is not None
    stored = f"{checked.value.street or ''} {checked.value.house_number or ''}"
    if not checked.findings:  # a number that is given twice is one
        assert set(re.findall(r"\d+", text.replace("\u200b", ""))) <= set(
            re.findall(r"\d+", stored.replace("1/2", "½ 1/2 1 2"))
        )
        before, after = (Counter(re.sub(r"\d", "", letters(one))) for one in (text, stored))
        assert not before - after - Counter("nrд")
        assert not after - before - Counter("asse" * 3)  # Str. is Straße
    again = check_address(
        {"street": checked.value.street, "house_number": checked.value.house_number, "country": country}
    )
    assert again.value == checked.value


@pytest.mark.parametrize(
    "check_it", [check_email, lambda text: check_phone(text, "DE"), lambda t: check_person({"name": t})]
)
@pytest.mark.parametrize("piece", ["a@", "(at)", "0 ", "(0)", "Jr. ", "(a)", "van ", "x1", "@ ", ", "])
def test_long_runs_are_answered_quickly_enough_to_finish(check_it, piece: str) -> None:
    check_it(piece * 300)
