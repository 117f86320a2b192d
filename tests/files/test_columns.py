"""What columns mean, by their names or by what was said of them."""

import pytest

from leadflow.errors import InvalidInput
from leadflow.files.column_headers import (
    ACTIVITY_HEADERS,
    ACTIVITY_KEYS,
    LEAD_HEADERS,
    LEAD_KEYS,
    SALES_HEADERS,
    SALES_KEYS,
)
from leadflow.files.columns import choose_columns, guess_columns


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
    assert guess_columns(["Lieblingsfarbe", "", "Nr", "Ort", "Stadt", "stage", "owner"]) == {"Ort": "city"}
    assert guess_columns(["E-Mail", "E-MAIL", "Mail"]) == {"E-Mail": "email", "Mail": "email2"}


@pytest.mark.parametrize(
    ("header", "key"),
    [
        ("E-mail 1 - Value", "email"), ("E-mail 2 Address", "email"), ("Business Phone", "phone"),
        ("contact_email", "email"),
        ("Telefon geschäftlich", "phone"), ("Telefonnummer (für Rückfragen)", "phone"),
        ("Company / Account", "company"),
        ("Country/Region", "country"), ("Email / Phone", "email_or_phone"), ("Mobile Phone Number", "mobile"),
        ("Address 1 - City", "city"), ("Organization Name", "company"), ("Business Postal Code", "postcode"),
        ("ContactFirstName", "first_name"), ("Your email *", "email"), ("Phone (2)", "phone2"),
        ("Name Prefix", "title"),
        ("Prénom", "first_name"), ("Société", "company"), ("Code postal", "postcode"), ("Apellidos", "last_name"),
        ("Correo electrónico", "email"), ("Cognome", "last_name"), ("Azienda", "company"), ("Achternaam", "last_name"),
        ("Bedrijfsnaam", "company"), ("Imię", "first_name"), ("Nazwisko", "last_name"), ("Stanowisko", "job_title"),
        ("E-mail 1 - Type", None), ("Email opt in", None), ("Contact owner", None), ("Business Fax", None),
        ("Address 1 - Formatted", None), ("Wie dürfen wir Sie kontaktieren?", None), ("PLZ/Ort", "place"),
        ("Nummer", None),
        ("Email Status", None), ("Unsubscribed from all email", None), ("Middle Name", "middle_name"),
        ("Last Modified Date", None),
    ],
)  # fmt: skip
def test_words_around_a_name_change_nothing_unless_they_make_something_else_of_it(header, key):
    assert guess_columns([header]) == ({} if key is None else {header: key})


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
