"""For any text in any field: what is stored stands in the text in some spelling, or a finding says what was done."""

from __future__ import annotations

import re
from collections import Counter
from urllib.parse import unquote, unquote_plus

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from leadflow.entities.folding import fold
from leadflow.quality.address import check_address
from leadflow.quality.campaign import check_campaign
from leadflow.quality.company import check_company
from leadflow.quality.email import check_email
from leadflow.quality.language_tags import check_language
from leadflow.quality.person import check_person
from leadflow.quality.phone import check_phone
from leadflow.quality.registers import check_lei, check_register_number, check_vat_number
from leadflow.quality.social import check_profile

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

NUMBERS = [
    "HRB 12345 B Amtsgericht Charlottenburg", "DE136695976", "ATU13585627", "CHE-107.787.577 MWST", "FN 122119m",
    "SIRET 732 829 320 00074", "213800KUD8LAJWSQ9D15", "RCS Paris 732 829 320", "P.IVA 00743110157",
]  # fmt: skip
LANGUAGE_TEXTS = ["de_DE.UTF-8", "Deutsch (Schweiz)", "de-CH,de;q=0.9", "English", "zh-Hans-CN", "français"]
PROFILES = [
    "https://www.linkedin.com/in/ada-lovelace/", "@ada", "x.com/ada/status/1", "https://www.xing.com/profile/Ada_L",
    "https://www.facebook.com/profile.php?id=1000123", "linkedin.com/in/j%C3%BCrgen",
]  # fmt: skip
PAGES = ["https://www.acme.example/a?utm_medium=cpc&id=7&gclid=abc#top", "/pricing?utm_term=crm", "direct"]
WHOLE = [
    "Hauptstr. 12, 80331 München", "12 bis rue de la Paix, 75002 Paris, France", "221B Baker Street", "C4, 12",
    "10 Downing Street, London SW1A 2AA", "123 Main St, Apt 4, Springfield, IL 62704", "Keizersgracht 12-H",
]  # fmt: skip


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
    assert Counter(letters(name or "")) <= Counter(letters(text))
    assert all(letters(word) in letters(text) for word in (name or "").split())
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


@settings(max_examples=100, deadline=None, derandomize=True)
@given(noisy(NUMBERS), st.sampled_from(["DE", "AT", "FR", "GB", None]))
def test_a_number_of_a_company_has_the_digits_of_the_text(text: str, country: str | None) -> None:
    for check_it in (check_register_number, check_vat_number, check_lei):
        checked = check_it(text, country)
        assert checked.value or checked.findings or not re.search(r"\w", text)
        assert set(re.findall(r"\d", checked.value or "")) <= set(re.findall(r"\d", text))
        assert sum(c.isdigit() for c in checked.value or "") <= sum(c.isdigit() for c in text)
        again = check_it(checked.value, country)
        assert again.value == checked.value
    company = check_company(f"Muster GmbH, {text}", country=country).value
    assert company is not None
    stored = " ".join(str(one) for _, one in company if one)
    assert Counter(re.findall(r"\d", stored)) <= Counter(re.findall(r"\d", text))


@settings(max_examples=100, deadline=None, derandomize=True)
@given(noisy(LANGUAGE_TEXTS))
def test_a_language_is_a_tag_again_or_a_finding(text: str) -> None:
    checked = check_language(text)
    assert checked.value or checked.findings or not letters(text)
    assert check_language(checked.value).value == checked.value


@settings(max_examples=100, deadline=None, derandomize=True)
@given(noisy(PROFILES))
def test_a_handle_stands_in_the_text(text: str) -> None:
    checked = check_profile("linkedin", text)
    assert checked.value or checked.findings or not letters(text)
    if checked.value is not None:
        assert letters(checked.value.handle) in letters(unquote(text))
        assert check_profile(checked.value.network, checked.value.handle).value == checked.value


@settings(max_examples=100, deadline=None, derandomize=True)
@given(noisy(PAGES))
def test_a_landing_page_says_what_stands_there_and_says_it_again(text: str) -> None:
    checked = check_campaign({"landing_page": text, "referrer": text, "utm_term": text})
    for value in (checked.value or {}).values():
        assert "xn--" in value or Counter(letters(value)) <= Counter(letters(text) + letters(unquote_plus(text)))
    page = (checked.value or {}).get("landing_page")
    assert (check_campaign({"landing_page": page}).value or {}).get("landing_page") == page


@settings(max_examples=100, deadline=None, derandomize=True)
@given(noisy(WHOLE), st.sampled_from(["DE", "GB", "FR", "US", "NL", None]))
def test_an_address_in_one_cell_keeps_every_digit_and_settles(text: str, country: str | None) -> None:
    checked = check_address({"street": text, "country": country})
    assert checked.value is not None
    stored = " ".join(str(value) for key, value in checked.value if value and key != "country")
    assert set(re.findall(r"\d+", text)) <= set(re.findall(r"\d+", stored.replace("1/2", "½ 1/2 1 2"))) | {"0"}
    assert check_address(checked.value.model_dump()).value == checked.value


@pytest.mark.parametrize(
    "check_it", [check_email, lambda text: check_phone(text, "DE"), lambda t: check_person({"name": t})]
)
@pytest.mark.parametrize("piece", ["a@", "(at)", "0 ", "(0)", "Jr. ", "(a)", "van ", "x1", "@ ", ", "])
def test_long_runs_are_answered_quickly_enough_to_finish(check_it, piece: str) -> None:
    check_it(piece * 300)
