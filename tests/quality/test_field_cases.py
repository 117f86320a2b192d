"""Inputs that people met in practice with other systems, and what is right: one table per field."""

from __future__ import annotations

import pytest

from leadflow.quality import check
from leadflow.quality.email import check_email, is_own_domain
from leadflow.quality.phone import check_phone


@pytest.mark.parametrize(
    ("typed", "address", "codes"),
    [
        ("ada@acme.example (Ada Lovelace)", "ada@acme.example", ["words_beside"]),
        ("ada@acme.example (privat)", "ada@acme.example", ["words_beside"]),
        ("E-Mail: ada@acme.example", "ada@acme.example", ["words_beside"]),
        ("Ada Lovelace ada@acme.example", "ada@acme.example", ["words_beside"]),
        ("ada@acme.example\r\nBcc: all", "ada@acme.example", ["words_beside"]),
        ("ada@acme.example [mailto:ada@acme.example]", "ada@acme.example", ["words_beside"]),
        ('"ada@acme.example" <ada@acme.example>', "ada@acme.example", ["words_beside"]),
        ("[ada@acme.example]", "ada@acme.example", []),
        ("<ada@acme.example", "ada@acme.example", []),
        ("ada (at) acme (dot) example", "ada@acme.example", []),
        ("ada[ät]acme[punkt]example", "ada@acme.example", []),
        ("ada at acme dot example", "ada@acme.example", []),
        ("ada&#64;acme.example", "ada@acme.example", []),
        ("ada＠acme.example", "ada@acme.example", []),
        ("ada @ acme.example", "ada@acme.example", ["blanks"]),
        ("ada lovelace@acme.example", None, ["invalid_email"]),
        ("ada@acme,example", None, ["invalid_email"]),
    ],
)
def test_an_address_is_read_from_what_stands_around_it(typed: str, address: str | None, codes: list[str]) -> None:
    checked = check_email(typed)
    assert (checked.value and checked.value.address) == address
    assert [finding.code for finding in checked.findings] == codes


@pytest.mark.parametrize(
    ("domain", "meant"),
    [
        ("gmail.con", "gmail.com"),
        ("gmail.cpm", "gmail.com"),
        ("gmail.cim", "gmail.com"),
        ("hotmail.couk", "hotmail.co.uk"),
        ("hotail.co.uk", "hotmail.co.uk"),
        ("fmail.com", "gmail.com"),
        ("gmx.ed", "gmx.de"),
        ("web.d", "web.de"),
        ("outloook.fr", "outlook.fr"),
    ],
)
def test_slips_of_free_mail_are_suggested_and_are_no_account(domain: str, meant: str) -> None:
    checked = check_email(f"a@{domain}")
    assert [(finding.code, finding.suggestion) for finding in checked.findings] == [("email_typo", f"a@{meant}")]
    assert not is_own_domain(domain)


def test_a_doubled_dot_is_refused_with_what_was_meant() -> None:
    assert [finding.suggestion for finding in check_email("a@gmail..com").findings] == ["a@gmail.com"]


@pytest.mark.parametrize(
    "domain", "hotmail.se live.ca yahoo.ca aol.co.uk outlook.com.br gmx.fr privaterelay.appleid.com orange.es".split()
)
def test_free_mail_of_any_country_is_no_account(domain: str) -> None:
    checked = check({"email": f"a@{domain}"}).value
    assert checked is not None
    assert checked.emails[0].kind == "free"
    assert "company" not in checked.values


@pytest.mark.parametrize(
    ("cell", "addresses"),
    [
        ("ada@acme.example; bob@acme.example", ["ada@acme.example", "bob@acme.example"]),
        ("test@mail.example ::: test2@mail.example", ["test@mail.example", "test2@mail.example"]),
        ('"Berg, Ada" <ada@acme.example>; "Berg, Bob" <bob@acme.example>', ["ada@acme.example", "bob@acme.example"]),
        ("ada@acme.example (privat), bob@acme.example (Büro)", ["ada@acme.example", "bob@acme.example"]),
        ("ada(at)acme.example / bob(at)acme.example", ["ada@acme.example", "bob@acme.example"]),
        ("ada@acme.example oder bob@acme.example", ["ada@acme.example", "bob@acme.example"]),
        ("alice@acme.example]<bob@acme.example>", []),
    ],
)
def test_several_addresses_in_one_cell_are_taken_and_the_first_is_the_main_one(cell: str, addresses: list[str]) -> None:
    checked = check({"email": cell}, verified=True)
    assert checked.value is not None
    assert [email.address for email in checked.value.emails] == addresses
    assert [email.claimed for email in checked.value.emails] == [place == 0 for place in range(len(addresses))]
    assert not any(email.verified for email in checked.value.emails)  # nobody knows which one was proven
    assert addresses or checked.errors


@pytest.mark.parametrize(
    ("typed", "country", "number", "codes"),
    [
        ("030 901820 (Fr. Berg)", "DE", "+4930901820", ["words_beside"]),
        ("030 901820 ab 17 Uhr", "DE", "+4930901820", ["words_beside"]),
        ("030 901820 (24h)", "DE", "+4930901820", ["words_beside"]),
        ("030 901820 seit 1.1.2024", "DE", "+4930901820", ["words_beside"]),
        ("privat: 030 901820, bitte nicht vor 9 Uhr", "DE", "+4930901820", ["words_beside"]),
        ("+911234567xyz", None, None, ["impossible_phone"]),
        ("VNTRIP2016A0NLH", "VN", None, ["impossible_phone"]),
        ("1-800-FLOWERS", "US", None, ["vanity_phone"]),
        ("1-800-555-CALL", "US", None, ["vanity_phone"]),
        ("491773333333", "DE", "+491773333333", ["country_code"]),
        ("4915112345678", "DE", "+4915112345678", ["country_code"]),
        ("49(0)345279000", "DE", "+49345279000", []),
        ("4930901820.0", "DE", "+4930901820", []),
        ("4.47900E+11", "GB", None, ["rounded_phone"]),
        ("4,91512E+11", "DE", None, ["rounded_phone"]),
        ("3.108207129E9", "US", "+13108207129", []),
        ("4.915112345678E+12", "DE", "+4915112345678", ["country_code"]),
        ("+52 1 55 1234 5678", None, "+525512345678", ["renumbered"]),
        ("044 55 1234 5678", "MX", "+525512345678", ["renumbered"]),
        ("+229 97 12 34 56", None, "+2290197123456", ["renumbered"]),
        ("+225 07 08 09 10", None, "+2250707080910", ["renumbered"]),
        ("p:+4915112345678", None, "+4915112345678", []),
        ("Tel.: 030 901820", "DE", "+4930901820", []),
        ("030.901820", "DE", "+4930901820", []),
        ("Fax: 030 901820", "DE", "+4930901820", ["fax_number"]),
        ("(0049) 30 901820", "DE", "+4930901820", []),
        ("030 901820/21", "DE", "+4930901820", ["other_ending"]),
        ("030 901820-0", "DE", "+49309018200", []),
        ("tel:+1-201-555-0123;ext=45", None, "+12015550123", ["extension"]),
    ],
)
def test_a_number_is_the_digits_that_stand_there(
    typed: str, country: str | None, number: str | None, codes: list[str]
) -> None:
    checked = check_phone(typed, country)
    assert (checked.value and checked.value.number) == number
    assert [finding.code for finding in checked.findings] == codes
    assert number is None or check_phone(number, country).value == checked.value


@pytest.mark.parametrize(
    ("typed", "country", "suggestion"),
    [("4915112345678", None, "+4915112345678"), ("+0171 1234567", "DE", "+491711234567")],
)
def test_a_likely_country_code_is_suggested_and_not_stored(typed: str, country: str | None, suggestion: str) -> None:
    checked = check_phone(typed, country)
    assert checked.value is None
    assert [finding.suggestion for finding in checked.findings] == [suggestion]


@pytest.mark.parametrize(
    "cell",
    [
        "030 901820, 0151 12345678",
        "030 901820/0151 12345678",
        "Tel: 030 901820 Mobil: 0151 12345678",
        "+49 30 901820 +49 151 12345678",
        "030 901820 ::: 0151 12345678",
        "030 901820 (Büro), 0151 12345678 (mobil)",
    ],
)
def test_several_numbers_in_one_cell_are_taken(cell: str) -> None:
    checked = check({"phone": cell}, default_country="DE").value
    assert checked is not None
    assert [phone.number for phone in checked.phones] == ["+4930901820", "+4915112345678"]
