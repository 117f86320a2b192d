"""What columns mean, by their names or by what was said of them."""

import pytest

from leadflow.errors import InvalidInput
from leadflow.files.columns import (
    ACTIVITY_HEADERS,
    ACTIVITY_KEYS,
    LEAD_HEADERS,
    LEAD_KEYS,
    SALES_HEADERS,
    SALES_KEYS,
    choose_columns,
    guess_columns,
)


@pytest.mark.parametrize(
    ("header", "key"),
    [
        ("E-Mail", "email"), ("e_mail", "email"), ("EMAIL", "email"), ("E-Mail-Adresse", "email"), ("Mail", "email"),
        ("Vorname", "first_name"), ("First Name", "first_name"), ("firstName", "first_name"), ("Nachname", "last_name"),
        ("Firma", "company"), ("Unternehmen", "company"), ("Company Name", "company"),
        ("Telefon", "phone"), ("Tel.", "phone"), ("Handy", "mobile"),
        ("PLZ", "postcode"), ("Ort", "city"), ("Land", "country"), ("Straße", "street"), ("Strasse", "street"),
        ("Position", "job_title"), ("Funktion", "job_title"), ("Anrede", "salutation"), ("Branche", "industry"),
        ("Mitarbeiterzahl", "employees"), ("Website", "website"), ("Quelle", "source"), ("Datum", "at"),
        ("Kunden-Nr.", "external_id"), ("utm_campaign", "utm_campaign"), ("Notiz", "note"),
    ],
)  # fmt: skip
def test_common_names_are_understood(header, key):
    assert guess_columns([header]) == {header: key}


def test_what_nobody_knows_is_not_guessed_and_of_two_alike_the_first_counts():
    assert guess_columns(["Lieblingsfarbe", "", "Nr", "E-Mail", "Mail", "stage", "owner"]) == {"E-Mail": "email"}


def test_every_guess_is_a_key_that_exists():
    assert set(LEAD_HEADERS.values()) <= LEAD_KEYS
    assert set(ACTIVITY_HEADERS.values()) <= ACTIVITY_KEYS
    assert set(SALES_HEADERS.values()) <= SALES_KEYS


def test_what_is_said_of_a_column_wins_over_its_name():
    columns = ("E-Mail", "Kontakt", "Firma")
    meaning = choose_columns(columns, {"Kontakt": "email"}, LEAD_HEADERS)
    assert meaning == {"Kontakt": "email", "Firma": "company"}
    assert choose_columns(columns, {}, LEAD_HEADERS, ignore=["Firma"]) == {"E-Mail": "email", "Kontakt": "name"}


def test_a_column_that_is_not_there_is_named_with_the_nearest():
    with pytest.raises(InvalidInput, match="did you mean 'Prospect ID'"):
        choose_columns(("Prospect ID", "City"), {"Prospect Id": "external_id"}, LEAD_HEADERS)
    with pytest.raises(InvalidInput, match="there are: Prospect ID, City"):
        choose_columns(("Prospect ID", "City"), {"xyz": "external_id"}, LEAD_HEADERS)
