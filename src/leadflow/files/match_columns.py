"""What the columns of any table mean for finding duplicates: fields of leads, and what else identifies somebody."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from typing import Final

from leadflow.errors import InvalidInput
from leadflow.files.column_headers import plain_header
from leadflow.files.column_meanings import understood
from leadflow.files.columns import did_you_mean, known_column
from leadflow.files.tables import FileTable
from leadflow.quality.matching.records import IDENTIFIER_PREFIX, MATCH_KEYS, is_compared

__all__ = ["IGNORED", "match_columns"]

IGNORED: Final = "-"
"""The key of a column that is not to be compared."""
HEADERS: Final[Mapping[str, str]] = {
    "born": "date of birth, birth date, birthdate, birthday, dob, born, geburtsdatum, geburtstag, geboren, geboren am, "
    "geb datum, date de naissance, fecha de nacimiento, data di nascita, geboortedatum, data urodzenia",
    "company": "site name, name org, primary name org, org name, business, institution, institution name, facility, "
    "facility name, school, school name, store, store name, restaurant, restaurant name, legal name, trading name, "
    "provider, provider name, supplier, supplier name, vendor, vendor name, dealer, lieferant, kunde, haendler, "
    "customer name, kundenname, einrichtung, verein, schule",
    "name": "primary name full, name full, native name full, person name, patient, patient name",
    "first_name": "primary name first, name first, vorname 1",
    "last_name": "primary name last, name last, maiden name",
    "street": "addr full, addr line1, addr line 1, addr, full address, complete address, location address, street name",
    "house_number": "street no, house no",
    "city": "suburb, locality, municipality, addr city, place, gemeinde",
    "postcode": "addr postal code, addr zip, pcode, postal",
    "identifier.ssn": "ssn, ssn number, social security number, social security, soc sec id, soc sec no, sin, "
    "sozialversicherungsnummer",
    "identifier.passport": "passport, passport number, passport no, reisepass, reisepassnummer",
    "identifier.license": "drivers license, drivers license number, driving licence, fuehrerschein",
    "identifier.national": "national id, national id number, identity card, personalausweis, nif, dni, bsn, pesel",
    "identifier.tax": "tax id, tax id number, tax number, steuernummer, steuer id, ein, siren, siret",
    "identifier.vat": "vat, vat id, vat number, ust id, ustid, ust idnr",
    "identifier.register": "register number, registration number, company number, handelsregister, hrb, lei number, "
    "lei, duns, duns number",
    "identifier.health": "nhs number, medicare, medicare number, patient id, mrn",
}
BY_HEADER: Final = {name: key for key, names in HEADERS.items() for name in names.split(", ")}
FROM_LEADS: Final[Mapping[str, str]] = {
    "vat_number": "identifier.vat",
    "register_number": "identifier.register",
    "lei": "identifier.register",
    "email_or_phone": "email_or_phone",
}
GUESSED_NEVER: Final = frozenset({"external_id"})
"""Ids of two systems are equal by chance: they are compared if somebody says so."""


def match_columns(
    read: FileTable, given: Mapping[str, str], *, aside: Collection[str] = (), organisations: bool = False
) -> dict[str, str]:
    """Return what each column is compared as; several columns may be the same. Those that mean nothing are left out.

    ``given`` decides (``-``: not compared), then the header, then the values. With ``organisations`` a name is that of
    an organisation.
    """
    for column, key in given.items():
        known_column(column, read.columns, "--map")
        _check_key(key)
    open_ones = [column for column in read.columns if column not in given and column not in aside]
    found = {column: BY_HEADER[plain] for column in open_ones if (plain := plain_header(column)) in BY_HEADER}
    set_apart = {*given, *found, *aside}
    for one in understood(read, {}, ignore=set_apart).columns:
        key = FROM_LEADS.get(one.key or "", one.key or "")
        if one.column not in set_apart and is_compared(key) and key not in GUESSED_NEVER:
            found[one.column] = key
    found |= {column: key for column, key in given.items() if key != IGNORED}
    columns = {column: found[column] for column in read.columns if column in found}
    if organisations:
        columns = {column: "company" if key == "name" else key for column, key in columns.items()}
    if not columns:
        raise InvalidInput(
            "columns", ", ".join(read.columns)[:200],
            "none is known to identify anybody; say what they are with --map 'Column=name', company, email, street, …",
        )  # fmt: skip
    return columns


def _check_key(key: str) -> None:
    if key != IGNORED and not is_compared(key):
        hint = did_you_mean(key, MATCH_KEYS) or f"; there are {', '.join(_shown())}"
        raise InvalidInput("--map", key, f"it is nothing that is compared{hint}")


def _shown() -> Iterable[str]:
    return [*sorted(MATCH_KEYS), f"{IDENTIFIER_PREFIX}KIND", IGNORED]
