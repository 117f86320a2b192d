"""Numbers of registers and taxes: in their columns, and inside a company's text."""

from __future__ import annotations

import pytest

from leadflow.quality import check
from leadflow.quality.company import check_company
from leadflow.quality.registers import check_lei, check_register_number, check_vat_number


@pytest.mark.parametrize(
    ("text", "name", "register", "vat"),
    [
        (
            "Muster GmbH, HRB 12345 Amtsgericht München, USt-IdNr. DE136695976",
            "Muster",
            "HRB 12345, München",
            "DE136695976",
        ),
        ("Muster GmbH, HRB 12345, AG München", "Muster", "HRB 12345, München", None),
        ("Muster AG, HRB 12345 B Charlottenburg", "Muster", "HRB 12345 B, Charlottenburg", None),
        ("Muster AG HRB 12345", "Muster", "HRB 12345", None),
        (
            "Muster GmbH, eingetragen im Handelsregister des Amtsgerichts Stuttgart unter HRB 123456",
            "Muster",
            "HRB 123456, Stuttgart",
            None,
        ),
        (
            "Muster GmbH | Registergericht: Amtsgericht München | Registernummer: HRB 12345 | USt-ID: DE 136 695 976",
            "Muster",
            "HRB 12345, München",
            "DE136695976",
        ),
        ("Muster GmbH HRB 12345 DE 136695976", "Muster", "HRB 12345", "DE136695976"),
        ("Muster GmbH, FN 122119 m, ATU13585627", "Muster", "FN 122119m", "ATU13585627"),
        ("Muster AG (CHE-107.787.577)", "Muster", "CHE-107.787.577", None),
        ("Muster AG CHE-107.787.577 MWST", "Muster", None, "CHE-107.787.577 MWST"),
        ("SAS Dupont, SIREN : 732829320, TVA FR40303265045", "Dupont", "SIREN 732829320", "FR40303265045"),
        ("Dupont - RCS Paris 732 829 320", "Dupont", "RCS Paris 732829320", None),
        (
            "Acme Ltd, Registered in England and Wales No. 01234567, VAT GB 980 7806 84",
            "Acme",
            "Company No. 01234567",
            "GB980780684",
        ),
        ("Acme B.V. KvK 12345678 BTW NL004495445B01", "Acme", "KvK 12345678", "NL004495445B01"),
        ("Garcia S.L. CIF B58378431", "Garcia", "CIF B58378431", None),
        ("Studio 54 GmbH", "Studio 54", None, None),
        ("Autohaus PR 12 GmbH", "Autohaus PR 12", None, None),
        ("Gesellschaft 4711 GmbH", "Gesellschaft 4711", None, None),
    ],
)
def test_numbers_are_taken_out_of_a_companys_text(text: str, name: str, register: str | None, vat: str | None) -> None:
    checked = check_company(text)
    company = checked.value
    assert company is not None
    assert (company.name, company.register_number, company.vat_number) == (name, register, vat)
    assert checked.findings == ()


@pytest.mark.parametrize(
    ("typed", "country", "number", "codes"),
    [
        ("DE 136 695 976", None, "DE136695976", []),
        ("USt-IdNr.: de136695976", None, "DE136695976", []),
        ("DE136695970", None, "DE136695970", ["vat_checksum"]),
        ("ATU1358562", None, "ATU1358562", ["vat_format"]),
        ("136695976", "DE", "DE136695976", ["vat_country"]),
        ("136695976", "FR", "136695976", ["vat_format"]),
        ("NIP 856-734-62-15", None, "PL8567346215", ["vat_country"]),
        ("P.IVA 00743110157", None, "IT00743110157", ["vat_country"]),
        ("GR094259216", None, "EL094259216", []),
        ("GB 980 7806 84", None, "GB980780684", []),
        ("CHE107787577", "CH", "CHE-107.787.577", []),
        ("NO 995525828 MVA", None, "NO995525828MVA", []),
        ("143/456/78901", "DE", "143/456/78901", ["vat_format"]),  # the number of a tax office
        ("beantragt", "DE", None, ["vat_format"]),
    ],
)
def test_a_vat_number_has_its_country_and_check_digits(
    typed: str, country: str | None, number: str | None, codes: list[str]
) -> None:
    checked = check_vat_number(typed, country)
    assert checked.value == number
    assert [finding.code for finding in checked.findings] == codes
    assert check_vat_number(number, country).value == number


@pytest.mark.parametrize(
    ("typed", "country", "number", "codes"),
    [
        ("München HRB 12345", None, "HRB 12345, München", []),
        ("Amtsgericht Charlottenburg (Berlin) HRB 123 B", None, "HRB 123 B, Charlottenburg (Berlin)", []),
        ("HRB 1 Hintertupfing", None, "HRB 1, Hintertupfing", ["unknown_court"]),
        ("122119m", "AT", "FN 122119m", []),
        ("CHE-107.787.578", None, "CHE-107.787.578", ["register_checksum"]),
        ("732 829 320", "FR", "SIREN 732829320", []),
        ("732 829 321", "FR", "SIREN 732829321", ["register_checksum"]),
        ("73282932000074", "FR", "SIRET 73282932000074", []),
        ("12345678", "NL", "KvK 12345678", []),
        ("SC123456", "GB", "Company No. SC123456", []),
        ("556703-7485", "SE", "Org.nr 556703-7485", []),
        ("12345", "DE", "12345", ["unknown_register"]),
        ("in Gründung", "DE", None, ["unknown_register"]),
    ],
)
def test_a_register_number_names_its_register(
    typed: str, country: str | None, number: str | None, codes: list[str]
) -> None:
    checked = check_register_number(typed, country)
    assert checked.value == number
    assert [finding.code for finding in checked.findings] == codes
    assert check_register_number(number, country).value == number


def test_an_lei_is_checked_by_its_check_digits() -> None:
    typed = ("2138 00KU D8LA JWSQ 9D15", "LEI: 213800KUD8LAJWSQ9D16", "21380")
    checked = [check_lei(text) for text in typed]
    assert [one.value for one in checked] == ["213800KUD8LAJWSQ9D15", "213800KUD8LAJWSQ9D16", "21380"]
    assert [[f.code for f in one.findings] for one in checked] == [[], ["lei_checksum"], ["lei_format"]]


def test_a_number_in_the_name_and_another_in_its_field_are_a_doubt() -> None:
    checked = check({"company": "Muster GmbH HRB 12345", "register_number": "HRB 99"})
    assert checked.value is not None
    assert checked.value.values["company"].register_number == "HRB 99"  # type: ignore[attr-defined]
    assert [(finding.code, finding.field) for finding in checked.findings] == [("two_numbers", "company.name")]
