import json
import math
from collections.abc import Mapping
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from leadflow.entities import Lead, Phone, SocialProfile, with_fields
from leadflow.errors import InvalidInput
from leadflow.quality import FIELDS, Details, check, match_keys

NOW = datetime(2026, 1, 31, 9, tzinfo=UTC)
EVIL = [
    "a\0b",
    "a\r\nBcc: x@y.example",
    "\ud800",
    "x\udfffy@acme.example",
    "\u2028\u2029",
    "\u202eevil",
    "\ufeff",
    "ﬁ",
    "ß",
    "İi",
    "ŉ",
    "'",
    "--",
    ",",
    ", ,",
    "<>",
    "a@",
    "@",
    "@@",
    "+49",
    "0049",
    "1e999",
    "9" * 400,
    "½",
    "٣",
    "²",
    "Dr.",
    "Herr",
    "von",
    "GmbH",
    "& Co. KG",
    "1/2",
    "str.",
    "12 1/2",
    "D-",
    "D-80331",
    "C 4, 12",
    "e\u0301",
    "\u0301",
    "Null",
    "NULL",
    "x" * 1_001,
    "x" * 100_001,
    "é" * 1_000,
    "\u0344" * 600,
]


def naughty() -> list[str]:
    """The big list of naughty strings, where it lies beside the project, and what that list leaves out."""
    path = Path(__file__).parents[3] / "shared/data/naughty_strings.json"
    strings = json.loads(path.read_text("utf-8")) if path.exists() else []
    return [*EVIL, *strings]


def flat(details: Details) -> dict[str, object]:
    """What a person would type to say the same again."""
    values: dict[str, Any] = dict(details.values)
    row: dict[str, object] = {}
    for part in ("person", "address"):
        if part in values:
            row |= values.pop(part).model_dump(exclude_none=True)
    if company := values.pop("company", None):
        row["company"] = " ".join(part for part in (company.name, company.legal_form) if part) or None
        row["website"] = company.domain
        row |= company.model_dump(include={"industry", "employees", "revenue", "register_number", "vat_number", "lei"})
    row["emails"] = [email.address for email in values.pop("emails", ())]
    row["social"] = [profile.model_dump() for profile in values.pop("social", ())]
    row["phones"] = [phone.number for phone in values.pop("phones", ())]
    return row | values


def same_but_phone_kinds(one: Mapping[str, object], other: Mapping[str, object]) -> bool:
    """A number whose plan can't tell keeps no kind when it is typed again without the word "mobile"."""
    return all(
        _without_kind(one.get(key)) == _without_kind(other.get(key)) for key in {*one, *other} if key != "visitors"
    )


def _without_kind(value: object) -> object:
    return tuple(v.number if isinstance(v, Phone) else v for v in value) if isinstance(value, tuple) else value


def assert_settled(row: Mapping[str, object], country: str | None = "DE") -> None:
    once = check(row, default_country=country)
    assert once.value is not None
    lead = with_fields(Lead(id="x", created_at=NOW, recorded_at=NOW), once.value.values)
    assert len(match_keys(lead)) <= 12
    assert type(lead).model_validate_json(lead.model_dump_json()) == lead
    assert all(type(one).model_validate(one.model_dump()) == one for one in once.findings)
    again = check(flat(once.value), default_country=country)
    assert again.value is not None
    assert again.errors == ()
    assert same_but_phone_kinds(once.value.values, again.value.values)


def test_a_submission_becomes_entities() -> None:
    checked = check(
        {
            "email": "ADA@acme.example",
            "mobile": "0171 1234567",
            "name": "Dr. ADA LOVELACE",
            "job_title": "Director of IT",
            "company": "Acme GmbH",
            "employees": "ca. 900",
            "country": "Deutschland",
            "city": "80331 münchen",
            "interests": "Cloud; Storage, cloud",
            "linkedin": "https://www.linkedin.com/in/Ada-Lovelace/?x=1",
            "authority": "ja",
            "timing": "Q1 2027",
        }
    )
    assert checked.value is not None
    lead = with_fields(Lead(id="x", created_at=NOW, recorded_at=NOW), checked.value.values)
    assert lead.email.address == "ada@acme.example"
    assert lead.phone == Phone(number="+491711234567", kind="mobile", country="DE")
    assert (lead.person.title, lead.person.first_name, lead.person.last_name) == ("Dr.", "Ada", "Lovelace")
    assert lead.person.seniority == "director"
    assert (lead.company.name, lead.company.legal_form, lead.company.domain) == ("Acme", "GmbH", "acme.example")
    assert (lead.company.employees, lead.company.country) == (900, "DE")
    assert (lead.address.postcode, lead.address.city, lead.address.country) == ("80331", "München", "DE")
    assert lead.interests == ("Cloud", "Storage")
    assert lead.social == (SocialProfile(network="linkedin", handle="ada-lovelace"),)
    assert lead.authority is True
    assert lead.timing == date(2027, 1, 1)
    assert {finding.severity for finding in checked.findings} == {"note"}


def test_only_what_was_given_is_said() -> None:
    assert check({}).value == Details({})
    assert check({"email": "", "phone": None, "company": "n/a", "budget": math.nan, "interests": []}).value == Details(
        {}
    )


def test_an_unknown_name_is_reported_and_not_used() -> None:
    checked = check({"shoe_size": 43, "stage": "customer", "email": "ada@acme.example"})
    assert {(finding.code, finding.severity) for finding in checked.findings} == {("unknown_field", "error")}
    assert checked.value is not None
    assert set(checked.value.values) == {"emails", "company"}


def test_a_default_country_that_is_none_is_the_developers_mistake() -> None:
    with pytest.raises(InvalidInput):
        check({}, default_country="Absurdistan")


@pytest.mark.parametrize(
    "given", [{"city": "Paris"}, {"postcode": "75001", "city": "Paris"}, {"postcode": "SW1A 1AA"}, {"region": "Wien"}]
)
def test_the_default_country_says_how_an_address_is_read_and_is_nobodys_country(given: dict[str, str]) -> None:
    checked = check({"company": "Acme", **given}, default_country="DE").value
    assert checked is not None
    assert (checked.values["address"].country, checked.values["company"].country) == (None, None)  # type: ignore[attr-defined]


def test_a_postcode_that_is_possible_in_the_default_country_is_written_as_there() -> None:
    here, there = (
        check({"postcode": code, "street": "Lange Str. 4"}, default_country="NL").value for code in ("1012ab", "10115")
    )
    assert here is not None
    assert there is not None
    assert (here.values["address"].postcode, there.values["address"].postcode) == ("1012 AB", "10115")  # type: ignore[attr-defined]


def test_a_phone_is_dialled_from_the_country_of_the_address() -> None:
    checked = check({"phone": "044 668 18 00", "country": "Schweiz"}, default_country="DE").value
    assert checked is not None
    assert checked.phones[0].number == "+41446681800"


def test_addresses_and_numbers_that_mean_the_same_are_one() -> None:
    checked = check(
        {
            "email": "a@acme.example",
            "email2": "A@ACME.example",
            "phones": "+49 30 23125 123; 030/23125123",
            "mobile": ["0171 1234567"],
        },
        default_country="DE",
    ).value
    assert checked is not None
    assert [email.address for email in checked.emails] == ["a@acme.example"]
    assert sorted(str(phone.number) for phone in checked.phones) == ["+491711234567", "+493023125123"]


def test_more_contacts_than_a_person_has_are_cut_and_reported() -> None:
    checked = check({"emails": [f"a{n}@acme.example" for n in range(1_000)]})
    assert checked.value is not None
    assert len(checked.value.emails) == 20
    assert [finding.code for finding in checked.findings] == ["too_many"]


@pytest.mark.parametrize(
    "value",
    [True, object(), b"x", {"a": 1}, [[1]], 1e308, math.inf, 10**5_000, NOW, [None], {1}],
    ids=lambda value: type(value).__name__,
)
def test_values_that_are_no_text_never_raise(value: object) -> None:
    for field in FIELDS:
        assert check({field: value}, default_country="DE").value is not None


def test_naughty_strings_in_every_field_settle() -> None:
    for text in naughty():
        assert_settled(dict.fromkeys(FIELDS - {"social"}, text))


WORDS = st.sampled_from(
    [*EVIL[:-4], "Anna", "MÜLLER", "van", "der", "Dr.", "12a", "Hauptstr.", "AG", "030", "1234567", ".de"]
)
ANY_TEXT = st.one_of(
    st.text(max_size=40),
    st.text(alphabet="aÄß .,-/&'@0123456789()+\n\0Ǆ\u0301", max_size=30),
    st.lists(WORDS, max_size=5).map(" ".join),
)


@settings(max_examples=150, deadline=None)
@given(
    row=st.dictionaries(st.sampled_from(sorted(FIELDS)), ANY_TEXT, max_size=8),
    country=st.sampled_from([None, "DE", "US"]),
)
def test_any_text_settles_at_the_first_check(row: dict[str, str], country: str | None) -> None:
    assert_settled(row, country)


@pytest.mark.parametrize(
    "piece",
    ["a", "1", "1 ", "a-", ".", "@", "ext", " ", "'", "a@b.", "str. ", "Dr. ", "& Co. ", "1-", "1.", "a at ", "\n"],
)
def test_a_long_run_of_anything_is_answered_without_a_crash(piece: str) -> None:
    for length in (900, 9_000, 99_000):
        check(dict.fromkeys(FIELDS - {"social"}, piece * (length // len(piece))), default_country="DE")
