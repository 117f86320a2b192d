"""Which column of a file means what: the names that leadflow knows, and the headers that people use for them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from difflib import get_close_matches
from typing import Final

from leadflow.entities.text import normal, without_marks
from leadflow.errors import InvalidInput
from leadflow.quality import FIELDS

__all__ = [
    "ACTIVITY_HEADERS",
    "ACTIVITY_KEYS",
    "LEAD_HEADERS",
    "LEAD_KEYS",
    "SALES_HEADERS",
    "SALES_KEYS",
    "SPELLED",
    "choose_columns",
    "guess_columns",
    "is_contact",
    "is_known_header",
    "known_column",
    "known_key",
]

CAMPAIGN: Final = ("utm_source", "utm_medium", "utm_campaign", "utm_content")
LEAD_KEYS: Final = frozenset({*FIELDS, *CAMPAIGN, "external_id", "visitor", "at", "id", "source"})
ACTIVITY_KEYS: Final = frozenset({"lead", "email", "external_id", "visitor", "kind", "at", "id", "source"})
SALES_KEYS: Final = frozenset(
    {"lead", "move", "by", "at", "reason", "revisit", "to", "deal", "amount", "currency", "name", "expected"}
)
CONTACTS: Final = frozenset(
    {"email", "email2", "email3", "emails", "phone", "phone2", "phone3", "mobile", "phones", "linkedin", "xing",
     "twitter", "social", "city", "external_id", "visitor"}
)  # fmt: skip
"""Keys by which a person may be reachable, or known already."""

HEADERS: Final[Mapping[str, str]] = {
    "email": "e mail, mail, email adresse, e mail adresse, email address, mailadresse, geschaeftliche e mail, "
    "work email, business email, e mail 1, email 1, primary email, kontakt email",
    "email2": "e mail 2, email 2, private e mail, zweite e mail",
    "phone": "telefon, telefonnummer, tel, phone number, telefon geschaeftlich, telephone, festnetz, "
    "rufnummer, phone 1, telefon 1, business phone, work phone",
    "phone2": "telefon 2, phone 2",
    "mobile": "mobil, mobiltelefon, handy, handynummer, mobile phone, mobilnummer, cell, cell phone, mobile number",
    "first_name": "vorname, given name, firstname, forename, rufname",
    "last_name": "nachname, name nachname, surname, family name, lastname, familienname, zuname",
    "name": "full name, vollstaendiger name, ansprechpartner, kontakt, contact, contact name, kontaktperson, "
    "person, vor und nachname, name vorname nachname, teilnehmer",
    "salutation": "anrede",
    "title": "titel, akademischer titel, academic title",
    "company": "firma, firmenname, unternehmen, company name, organisation, organization, account, account name, "
    "betrieb, arbeitgeber, employer",
    "website": "webseite, homepage, url, internet, www, domain, web",
    "job_title": "position, funktion, jobtitel, berufsbezeichnung, job title, role, rolle, taetigkeit, job, stelle",
    "department": "abteilung, bereich",
    "seniority": "hierarchie, level, karrierestufe",
    "language": "sprache",
    "street": "strasse, address, adresse, anschrift, strasse hausnummer, strasse nr, strasse und hausnummer, "
    "address 1, street address",
    "house_number": "hausnummer, hausnr, hnr",
    "postcode": "plz, postleitzahl, zip, zip code, postal code, zipcode",
    "city": "ort, stadt, town, wohnort",
    "region": "bundesland, state, province, kanton, county, state province",
    "country": "land, staat, country code, laendercode, land code",
    "industry": "branche, sector, wirtschaftszweig, sektor",
    "employees": "mitarbeiter, mitarbeiterzahl, anzahl mitarbeiter, mitarbeitende, company size, "
    "number of employees, employee count, firmengroesse, unternehmensgroesse, headcount",
    "revenue": "umsatz, jahresumsatz, annual revenue, turnover",
    "interests": "interessen, interest, interesse, topics, themen",
    "product_interest": "produktinteresse, produkt, product, products, produkte, interested in",
    "need": "bedarf, anforderung, requirement",
    "budget": "etat",
    "timing": "zeitraum, kaufzeitraum, zeitplan, timeline, purchase date",
    "note": "notiz, notizen, bemerkung, bemerkungen, kommentar, comment, comments, notes, nachricht, message, "
    "anmerkung, anmerkungen, mitteilung",
    "linkedin": "linkedin profil, linkedin url, linkedin profile",
    "xing": "xing profil, xing url",
    "persona": "",
    "external_id": "external id, externe id, crm id, lead id, kontakt id, contact id, kundennummer, kunden nr, "
    "customer id, customer number, prospect id, mitgliedsnummer",
    "visitor": "visitor id, besucher, besucher id, cookie, cookie id, client id, session id",
    "at": "datum, date, zeitpunkt, zeitstempel, timestamp, created at, created, erstellt, erstellt am, "
    "created on, submitted at, eingang, eingegangen am, erfasst am, datum uhrzeit",
    "id": "submission id, formular id, form id, eintrags id, vorgang",
    "source": "quelle, lead source, herkunft, origin, lead quelle, kanal",
}
MORE_HEADERS: Final[Mapping[str, str]] = {
    "lead": "lead, lead id, lead key, contact, e mail, email, mail, external id, externe id, crm id, kontakt, mql id, "
    "prospect id, email adresse, customer id, kundennummer",
    "kind": "kind, activity, aktivitaet, event, ereignis, type, typ, action, aktion, event type, activity type, art",
    "at": "at, " + HEADERS["at"] + ", happened at, time, won date, event time, zeit, uhrzeit",
    "visitor": "visitor, " + HEADERS["visitor"],
    "id": "id, activity id, event id, aktivitaets id",
    "source": "source, quelle, channel",
    "move": "move, moves, step, schritt, schritte, status, action, aktion, zug",
    "by": "by, rep, von, vertrieb, verkaeufer, sales rep, owner, bearbeiter, vertriebler",
    "reason": "reason, grund, because, begruendung, why",
    "revisit": "revisit, wiedervorlage, look again, follow up, follow up date, wiedervorlage am",
    "to": "to, nach, stage, phase, ziel",
    "deal": "deal, deal id, opportunity, opportunity id, angebot, auftrag, auftragsnummer",
    "amount": "amount, betrag, value, wert, summe, auftragswert, deal value, umsatz",
    "currency": "currency, waehrung",
    "expected": "expected, expected date, close date, erwartet, erwarteter abschluss",
    "name": "name, deal name, bezeichnung",
}
SPELLED: Final = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "ß": "ss"})


def _plain(header: str) -> str:
    """Return a header as it is compared: lower case, words with single blanks, no signs and no accents."""
    bare = without_marks(normal(header).casefold().translate(SPELLED))
    return " ".join(re.sub(r"[^0-9a-z]+", " ", bare).split())


def _by_header(headers: Mapping[str, str], keys: Iterable[str]) -> dict[str, str]:
    table = {_plain(key): key for key in keys}
    for key, names in headers.items():
        if key in keys:
            table |= {_plain(name): key for name in names.split(", ") if name}
    return table | {name.replace(" ", ""): key for name, key in table.items()}


LEAD_HEADERS: Final = _by_header(HEADERS, LEAD_KEYS - {"id"})
ACTIVITY_HEADERS: Final = _by_header({k: MORE_HEADERS[k] for k in ("lead", "kind", "at", "visitor", "id", "source")},
                                     {"lead", "kind", "at", "visitor", "id", "source"})  # fmt: skip
SALES_HEADERS: Final = _by_header(MORE_HEADERS, SALES_KEYS)


def guess_columns(columns: Iterable[str], headers: Mapping[str, str] = LEAD_HEADERS) -> dict[str, str]:
    """Return what the columns probably mean, by their names; of two that mean the same only the first."""
    found: dict[str, str] = {}
    for column in columns:
        key = headers.get(_plain(column)) or headers.get(_plain(column).replace(" ", ""))
        if key is not None and key not in found.values():
            found[column] = key
    return found


def is_known_header(header: str) -> bool:
    """Whether a cell is the name of a column, in any kind of file."""
    plain = _plain(header)
    return any(plain in headers for headers in (LEAD_HEADERS, ACTIVITY_HEADERS, SALES_HEADERS))


def did_you_mean(text: str, known: Iterable[str]) -> str:
    """Return ``; did you mean …?`` if one of the names is near, else nothing."""
    near = get_close_matches(text, list(known), n=1)
    return f"; did you mean {near[0]!r}?" if near else ""


def known_key(key: str, keys: Iterable[str], custom: Iterable[str] = ()) -> str:
    """Return a key that a column may be given; ``ValueError`` with the nearest for any other."""
    allowed = {*keys, *(f"custom.{name}" for name in custom)}
    if key not in allowed:
        raise ValueError(f"{key!r} is nothing that a column can mean{did_you_mean(key, allowed)}")
    return key


def known_column(column: str, columns: Sequence[str], option: str) -> str:
    """The column, if the file has it; otherwise ``InvalidInput`` with the nearest name."""
    if column not in columns:
        there = did_you_mean(column, columns) or f"; there are: {', '.join(columns)[:300]}"
        raise InvalidInput(option, column, f"the file has no such column{there}")
    return column


def choose_columns(
    columns: tuple[str, ...],
    given: Mapping[str, str],
    headers: Mapping[str, str],
    *,
    ignore: Iterable[str] = (),
    where: str = "columns",
    guess: bool = True,
) -> dict[str, str]:
    """Return the meaning of a file's columns: those given, which must be there, and the guesses for the others."""
    ignored = set(ignore)
    for column in (*given, *ignored):
        known_column(column, columns, where)
    taken = {column: key for column, key in given.items() if column not in ignored}
    more = guess_columns((c for c in columns if c not in taken and c not in ignored), headers) if guess else {}
    return taken | {column: key for column, key in more.items() if key not in taken.values()}


def is_contact(keys: Iterable[str]) -> bool:
    """Say whether one of these keys can make a person reachable."""
    return not CONTACTS.isdisjoint(keys)
