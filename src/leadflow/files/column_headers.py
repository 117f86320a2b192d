"""The headers that people use for what leadflow knows, in seven languages, and the words that stand around them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Final, NamedTuple

from leadflow.entities.text import normal, remembered, without_marks
from leadflow.files.joined_cells import JOINED_KEYS
from leadflow.quality import FIELDS
from leadflow.quality.campaign import CAMPAIGN_FIELDS

__all__ = [
    "ACTIVITY_HEADERS",
    "ACTIVITY_KEYS",
    "HUMPS",
    "LEAD_HEADERS",
    "LEAD_KEYS",
    "SALES_HEADERS",
    "SALES_KEYS",
    "SPELLED",
    "HeaderName",
    "heading_of",
    "is_beside_a_field",
    "is_known_header",
    "plain_header",
]

CAMPAIGN: Final = ("utm_source", *CAMPAIGN_FIELDS)
LEAD_KEYS: Final = frozenset(
    {*FIELDS, *CAMPAIGN, "external_id", "visitor", "at", "id", "source", "email_or_phone", *JOINED_KEYS}
)
ACTIVITY_KEYS: Final = frozenset({"lead", "email", "external_id", "visitor", "kind", "at", "id", "source"})
SALES_KEYS: Final = frozenset(
    {"lead", "move", "by", "at", "reason", "note", "revisit", "to", "deal", "amount", "currency", "name", "expected"}
)
HEADERS: Final[Mapping[str, str]] = {
    "email": "e mail, mail, email adresse, e mail adresse, email address, mailadresse, geschaeftliche e mail, "
    "work email, business email, e mail 1, email 1, primary email, kontakt email, correo, "
    "correo electronico, courriel, adresse mail, adresse email, adresse e mail, adresse de messagerie, "
    "indirizzo email, posta elettronica, e mailadres, mailadres, adres e mail, adres email, poczta, "
    "mail address, primary email address, e mail address, email id, "
    "user email, email work, email arbeit, secondary email, e mail geschaeftlich, e mail business, "
    "courriel professionnel, e mail firma, attendee email, dienstliche e mail",
    "email2": "e mail 2, email 2, private e mail, zweite e mail",
    "phone": "telefon, telefonnummer, tel, phone number, telefon geschaeftlich, telephone, festnetz, rufnummer, "
    "phone 1, telefon 1, business phone, work phone, telephone number, telephone fixe, no de telephone, "
    "numero de telephone, tel fixe, telefono, numero de telefono, numero di telefono, telefoonnummer, "
    "telefoon, numer telefonu, phone no, contact number, telefonnr, direct phone, direct dial, direct line, "
    "office phone, durchwahl, company phone, main phone, corporate phone, "
    "user phone, landline, landline phone, landline number, primary phone, telefon zentrale, "
    "zentrale, haupttelefon, telefon firma, festnetznummer, home phone, phone work, "
    "telephone professionnel, first phone, rufnummer geschaeftlich, tel g, telefon g, tel p, telefon p",
    "phone2": "telefon 2, phone 2",
    "mobile": "mobil, mobiltelefon, handy, handynummer, mobile phone, mobilnummer, cell, cell phone, mobile number, "
    "portable, telephone portable, tel portable, movil, telefono movil, celular, cellulare, "
    "telefono cellulare, mobiel, mobiele telefoon, mobiel nummer, gsm, komorka, telefon komorkowy, "
    "mobile no, mobile phone number, cellphone, handynr, mobilfunk, mobilfunknummer, "
    "phone mobile, mobilfunk nr, mobile telephone, mobil geschaeftlich, phone cell, "
    "telefono cellulare mobile, gsm nummer, cellular, natel",
    "first_name": "vorname, given name, firstname, forename, rufname, prenom, nombre, nombre de pila, nome, voornaam, "
    "imie, jmeno, name first, first, fname, christian name, vornamen",
    "last_name": "nachname, name nachname, surname, family name, lastname, familienname, zuname, nom, nom de famille, "
    "name last, apellido, apellidos, primer apellido, apellido 1, apellido paterno, cognome, "
    "achternaam, nazwisko, prijmeni, last, lname",
    "name": "full name, vollstaendiger name, ansprechpartner, kontakt, contact, contact name, kontaktperson, person, "
    "vor und nachname, name vorname nachname, teilnehmer, nom complet, "
    "prenom nom, nombre completo, nombre y apellidos, nome completo, nome e cognome, nominativo, "
    "volledige naam, naam, imie i nazwisko, contactpersoon, persona de contacto, fullname, attendee, "
    "attendee name, kontaktname, name des ansprechpartners, your name, "
    "vorname nachname, vorname name, vorname und nachname, first name last name, first and last name, "
    "nom du contact, name des kontakts, visitor name, besuchername, teilnehmername, person name, "
    "lead name, kunde",
    "salutation": "geschlecht, gender, anrede, civilite, tratamiento, aanhef, salutation, anredeform",
    "title": "titel, akademischer titel, academic title, name prefix, prefix, titre academique, titulo academico, "
    "titolo accademico, tytul, akad titel, titre honorifique",
    "company": "firma, firmenname, unternehmen, company name, organisation, organization, account, account name, "
    "betrieb, arbeitgeber, employer, societe, entreprise, raison sociale, nom de l entreprise, "
    "nom de la societe, empresa, compania, nombre de la empresa, azienda, societa, ditta, ragione sociale, "
    "nome azienda, bedrijf, bedrijfsnaam, organisatie, firma nazwa, nazwa firmy, przedsiebiorstwo, "
    "account company, business name, organization name, organisation name, company account, "
    "firma institution, current company, "
    "company 1, firma 1, associated company, firmenbezeichnung, company organization, "
    "exhibitor company, arbeitsstaette, name des unternehmens, firma name, organisationsname, institution, "
    "firma unternehmen, nom de l organisation, "
    "org, firma verein, unternehmen organisation, employer name, organisatie naam, nome dell azienda",
    "website": "webseite, homepage, url, internet, www, domain, web, site web, site internet, sitio web, pagina web, "
    "sito web, sito, strona internetowa, strona www, company website, company domain, company url, "
    "company domain name, web site, internetseite, company website url, "
    "web page, web address, internetadresse, webadresse, site, company web page, strona",
    "job_title": "position, funktion, jobtitel, berufsbezeichnung, job title, role, rolle, taetigkeit, job, stelle, "
    "poste, fonction, intitule du poste, cargo, puesto, ruolo, posizione, mansione, functie, functietitel, "
    "stanowisko, jobbezeichnung, stellenbezeichnung, organization title, current position, occupation, "
    "berufliche position, designation, "
    "titel position, position titel, job function, jobposition, function, current job title, "
    "professional title, position im unternehmen",
    "department": "abteilung, bereich, departement, departamento, reparto, dipartimento, afdeling, dzial, "
    "organization department, departments",
    "seniority": "hierarchie, level, karrierestufe",
    "language": "accept language, browser language, browsersprache, sprache, langue, idioma, lingua, taal, jezyk, "
    "preferred language, locale, korrespondenzsprache",
    "street": "strasse, address, adresse, anschrift, strasse hausnummer, strasse nr, strasse und hausnummer, "
    "address 1, street address, rue, adresse postale, direccion, calle, domicilio, indirizzo, via, straat, "
    "adres, ulica, street 1, address line 1, address street, address street 1, mailing street, strassenname, "
    "street 1 address, company address, business address, work address, postanschrift, firmenadresse, "
    "address 1 street, strasse hausnr, "
    "adresse 1, adresse ligne 1, voie, libelle voie, nom de rue, nom de la rue, rue et numero, rue numero, "
    "straatnaam, straat en huisnummer, adresregel 1, adres 1, ulica i numer, ulica nr, calle y numero, "
    "via e numero, via n civico, direccion 1, indirizzo 1, nombre de la via",
    "house_number": "hausnummer, hausnr, hnr, house number, street number, huisnummer, nr domu, numero civico, "
    "no de rue, numero de voie, numero de rue, n rue, huisnr, numer domu, n civico, civico, "
    "numero de calle",
    "postcode": "plz, postleitzahl, zip, zip code, postal code, zipcode, code postal, cp, codigo postal, cap, "
    "codice postale, kod pocztowy, post code, postalcode, zip postal code, zip code postal code, "
    "npa, nap, no postal, no postal d acheminement, codigo postale, kod poczt, cod postal, cod postale",
    "city": "ort, stadt, town, wohnort, ville, commune, ciudad, poblacion, localidad, citta, comune, plaats, "
    "woonplaats, stad, miasto, miejscowosc, ortschaft, city town, "
    "localite, lieu, localita, luogo, gemeente, municipio, municipality",
    "region": "bundesland, state, province, kanton, county, state province, departement region, provincia, "
    "comunidad autonoma, regione, regio, provincie, wojewodztwo, state region, state province region, "
    "canton, cantone, prov, sigla provincia",
    "country": "land, staat, country code, laendercode, land code, pays, pais, paese, nazione, kraj, country region, "
    "country name, landname, country code iso",
    "industry": "branche, sector, wirtschaftszweig, sektor, secteur, secteur d activite, sector industria, industria, "
    "settore, sectore, branza, company industry, branche industrie",
    "employees": "mitarbeiter, mitarbeiterzahl, anzahl mitarbeiter, mitarbeitende, company size, number of employees, "
    "employee count, firmengroesse, unternehmensgroesse, headcount, effectif, nombre d employes, empleados, "
    "numero de empleados, dipendenti, numero dipendenti, aantal medewerkers, liczba pracownikow, employees, "
    "of employees, no of employees, company employees, company size employees, num employees",
    "revenue": "umsatz, jahresumsatz, annual revenue, turnover, chiffre d affaires, facturacion, fatturato, omzet, "
    "obrot, annual revenue usd",
    "register_number": "registernummer, handelsregister, handelsregisternummer, hrb, hrb nummer, firmenbuchnummer, "
    "firmenbuch, company number, company registration number, registration number, siren, siret, "
    "numero siren, numero siret, rcs, kvk, kvk nummer, kvk number, krs, regon, rea, cif, ein, "
    "handelsregister nr, handelsregisternr, hr nummer, hr nr, hrb nr, firmenbuch nr, fn, numero de siren, "
    "no siren, n siren, siren number, numero de siret, no siret, n siret, siret number, numero rcs, "
    "kvk nr, kvk no, kamer van koophandel, numer krs, nr krs, numer regon, nr regon, numero rea, n rea, "
    "nr rea, codigo cif, numero cif, nif, steuernummer, steuer nr, steuernr, tax id, tax number, "
    "tax id number, tax identification number, codice fiscale, cvr, cvr nummer, ico",
    "vat_number": "ust id, ust idnr, ust id nr, umsatzsteuer id, umsatzsteuer identifikationsnummer, uid, uid nummer, "
    "vat, vat id, vat no, vat number, vat registration number, tax number vat, tva, numero de tva, n tva, "
    "tva intracommunautaire, partita iva, p iva, piva, btw, btw nummer, nip, nif iva, mwst nr, mwst nummer, "
    "numer nip, nr nip, nip ue, vat ue, vat eu, eu vat, eu vat id, eu vat number, numero tva, no tva, "
    "no de tva, n tva intracommunautaire, numero de tva intracommunautaire, numero tva intracommunautaire, "
    "btw nr, btw id, btw identificatienummer, numero iva, numero de iva, n iva, cod iva, "
    "numero partita iva, vat reg no, vat code, ust nr, ustid, ustid nr, ust idnummer, mwst, tva nr, "
    "tva numero, uid mwst, nif intracomunitario, vat id number",
    "lei": "lei code, legal entity identifier",
    "interests": "interessen, interest, interesse, topics, themen",
    "product_interest": "produktinteresse, produkt, product, products, produkte, interested in",
    "need": "bedarf, anforderung, requirement",
    "budget": "etat",
    "timing": "zeitraum, kaufzeitraum, zeitplan, timeline, purchase date",
    "note": "notiz, notizen, bemerkung, bemerkungen, kommentar, comment, comments, notes, nachricht, message, "
    "anmerkung, anmerkungen, mitteilung, remarque, remarques, commentaire, commentaires, observaciones, "
    "comentarios, mensaje, messaggio, commenti, osservazioni, opmerking, opmerkingen, bericht, uwagi, "
    "wiadomosc, notatki, votre message, lead notes, gespraechsnotiz, freitext, description, beschreibung, "
    "lead note, besuchsnotiz, gespraechsnotizen, sales notes, scan notes, messenotiz, memo, info, "
    "additional comments",
    "linkedin": "linkedin profil, linkedin url, linkedin profile, person linkedin url, linkedin profile url, "
    "contact linkedin, linkedin contact profile url, linkedin member url, profile url",
    "xing": "xing profil, xing url",
    "facebook": "facebook profil, facebook url, facebook profile",
    "instagram": "instagram profil, instagram url, instagram profile, insta",
    "twitter": "twitter url, twitter handle, x handle, twitter profil, twitter username",
    "tiktok": "tiktok profil, tiktok url",
    "youtube": "youtube kanal, youtube channel, youtube url",
    "github": "github profil, github url, github username",
    "utm_medium": "medium, campaign medium",
    "utm_term": "suchbegriff, search term",
    "landing_page": "landing url, landing page url, landingpage, zielseite, first page seen, conversion page, "
    "page url, einstiegsseite, page de destination, first url seen",
    "referrer": "referer, referring url, referring site, first referring site, original referrer, http referer, "
    "referrer url, verweisende seite",
    "gclid": "google click id",
    "click_id": "ad click id",
    "utm_campaign": "campaign, campaign name, kampagne, kampagnenname, "
    "event, event name, messe, messename, veranstaltung, veranstaltungsname, trade show, tradeshow, "
    "show name, evenement, salon, campaign title",
    "persona": "",
    "name_particle": "tussenvoegsel, tussenvoegsels, voorvoegsel, namenszusatz, vorsatzwort, particule, infix",
    "middle_name": "middle name, zweiter vorname, weitere vornamen, "
    "weiterer vorname, 2 vorname, 2nd name, 2nd first name, second first name, 2nd given name, second given name, "
    "2 prenom, 2e prenom, 2eme prenom, 2 nombre, 2 nome, 2 imie, 2e voornaam, 2 voornaam, tweede voornaam, "
    "deuxieme prenom, autres prenoms, segundo nombre, secondo nome, tweede naam, drugie imie, middle, middle initial",
    "name_suffix": "suffix, name suffix, generational suffix, suffixe, sufijo, suffisso",
    "second_last_name": "segundo apellido, apellido 2, second last name, apellido materno",
    "house_number_addition": "toevoeging, huisnummer toevoeging, huisnummertoevoeging, huisnr toevoeging, toev, bus, "
    "busnummer, hausnummerzusatz, hausnummernzusatz, hausnr zusatz, hausnummer zusatz",
    "flat_number": "nr lokalu, numer lokalu, lokal, nr mieszkania, numer mieszkania, interno",
    "place": "plz ort, plz stadt, plz wohnort, ort plz, postleitzahl ort, postcode city, zip city, city zip, "
    "city state zip, city state postal code, cp ville, code postal ville, cap citta, cp poblacion, postcode plaats, "
    "kod miasto, plz und ort",
    "last_first_name": "name vorname, nachname vorname, last name first name, last first, surname first name, "
    "nom prenom, nom et prenom, apellidos nombre, cognome nome, achternaam voornaam, nazwisko imie, name last first",
    "external_id": "external id, externe id, crm id, lead id, kontakt id, contact id, kundennummer, kunden nr, "
    "customer id, customer number, prospect id, mitgliedsnummer, record id, contact record id, person id, id contatto, "
    "id contact, id client, apollo contact id, barcode, badge id, badge number, ticket number, "
    "teilnehmer id, besucher nr, "
    "lead nr, leadnummer, lead number, registration id, registrant id, registration number, "
    "attendee id, attendee nr, customer nr, reg id, confirmation number, ticket id, ticketnummer, besuchernummer, "
    "besucherausweis, badge, badge nr, badgenummer, qr code, barcode nr, scan id, contact identifier, "
    "datensatz id, "
    "kd nr, kdnr, kunden id, interessenten nr, interessentennummer, adress nr, adressnummer, "
    "klantnummer, numero client, codice cliente, numero de cliente, numer klienta",
    "visitor": "visitor id, besucher, besucher id, cookie, cookie id, client id, session id",
    "at": "datum, date, zeitpunkt, zeitstempel, timestamp, created at, created, erstellt, erstellt am, created on, "
    "submitted at, eingang, eingegangen am, erfasst am, datum uhrzeit, date de creation, date creation, "
    "fecha, fecha de creacion, data creazione, datum aangemaakt, aanmaakdatum, data utworzenia, "
    "horodateur, marca temporal, marca de tiempo, informazioni cronologiche, sygnatura czasowa, tijdstempel, "
    "created date, create date, created time, date created, creation date, date added, added on, "
    "signup date, registration date, registered at, submission date, submitted on, submit date, scan time, "
    "scan date, scanned at, scanned on, date scanned, capture time, captured at, captured on, erstelldatum, "
    "erstellungsdatum, anlagedatum, angelegt am, eingangsdatum, anmeldedatum, scandatum, scanzeit, "
    "gescannt am, "
    "date captured, captured date, capture date, captured, date of scan, scan timestamp, "
    "scan date time, scanned, last scanned, last scan, first scan, lead date, scan datum, "
    "erfassungsdatum, erfassungszeit, erfassungszeitpunkt, aufnahmedatum, aufgenommen am, "
    "besuchsdatum, besucht am, gespraechsdatum, connected at, connected on, kontakt seit, "
    "connected since, lead submit time, lead submission time, submit time, date submitted, submitted, "
    "submission time, eingetragen am, angemeldet am, registriert am, registration time, opt in date, "
    "kontaktdatum, added at, add time, time created, date time, visit date, hinzugefuegt am, "
    "fecha y hora, date et heure, data e ora, datum en tijd, "
    "date d inscription, date inscription, date d ajout, date de saisie, date de scan, fecha de alta, "
    "fecha alta, fecha de registro, fecha registro, data di creazione, data iscrizione, "
    "data di registrazione, aangemaakt op, inschrijfdatum, registratiedatum, data dodania, "
    "data rejestracji, utworzono, angemeldet, hinzugefuegt, date of creation, entry date, "
    "lead created, lead created at",
    "id": "submission id, formular id, form id, eintrags id, vorgang",
    "source": "quelle, lead source, herkunft, origin, lead quelle, kanal, provenance, origen, origine, fonte, "
    "herkomst, bron, zrodlo, original source, record source",
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
SPELLED: Final = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "ß": "ss", "ł": "l", "ø": "o", "œ": "oe"})


@remembered
def plain_header(header: str) -> str:
    """Return a header as it is compared: lower case, words with single blanks, no signs and no accents."""
    bare = without_marks(normal(header).casefold().translate(SPELLED)).replace("#", " nr ")
    return " ".join(re.sub(r"[^0-9a-z]+", " ", bare).split())


def _by_header(headers: Mapping[str, str], keys: Iterable[str]) -> dict[str, str]:
    table = {plain_header(key): key for key in keys}
    for key, names in headers.items():
        if key in keys:
            table |= {plain_header(name): key for name in names.split(", ") if name}
    return table | {name.replace(" ", ""): key for name, key in table.items()}


LEAD_HEADERS: Final = _by_header(HEADERS, LEAD_KEYS - {"id"})
ACTIVITY_HEADERS: Final = _by_header({k: MORE_HEADERS[k] for k in ("lead", "kind", "at", "visitor", "id", "source")},
                                     {"lead", "kind", "at", "visitor", "id", "source"})  # fmt: skip
SALES_HEADERS: Final = _by_header(MORE_HEADERS, SALES_KEYS)


QUALIFIERS: Final = frozenset(
    "contact contacts kontakt lead person prospect customer kunde kunden your ihr ihre dein deine votre su your "
    "main primary haupt work business office geschaeftlich geschaeft dienstlich beruflich firma professionnel "
    "professionnelle pro trabajo lavoro ufficio zakelijk werk sluzbowy praca private privat personal home other "
    "weitere andere perso personnel value wert field feld enter please bitte eingeben angeben required "
    "pflichtfeld pflicht optional nr no number nummer numero address adresse adres mailing billing current the "
    "la le el il de del di organization organisation company unternehmen corporate direct attendee participant "
    "teilnehmer visitor besucher e1 default preferred bevorzugt bevorzugte text only user arbeit beruf buero "
    "ansprechpartner kontaktdaten unternehmensdaten firmendaten adressdaten stammdaten persoenlich "
    "what s is an uns unser unsere provide in eur euro usd chf gbp pln teur "
    "keur meur tsd mio thousands millions".split()
)
"""Words around the name of a field that change nothing in its meaning."""
OTHERS: Final = frozenset(
    "type typ label status owner besitzer consent einwilligung opt optin optout verified valid validity bounced "
    "bounce yomi phonetic count score confidence hash md5 unsubscribed unsubscribe subscribed subscription fax "
    "telefax assistant assistent assistentin spouse manager birthday geburtstag extension ext formatted file "
    "middle zweiter suffix anniversary technologies keywords lists stage photo image picture wie haben sind ich "
    "wir where when why how which last zuletzt modified updated geaendert activity parent child anzahl quality "
    "source sources pager telex radio isdn angezeigter display buyer kaeufer betreuer vertreter verkaeufer "
    "rep referrer sender absender bearbeiter sachbearbeiter".split()
)
"""Words that make something else of the name of a field beside them."""
QUESTIONS: Final = frozenset("wie haben sind ich wir where when why how which".split())
BRACKETS: Final = re.compile(r"[(\[{<][^)\]}>]*[)\]}>]")
HUMPS: Final = re.compile(r"(?<=[a-z])(?=[A-Z])")
EITHER: Final = re.compile(r"\s*[/|,+&]\s*|\s+(?:or|oder|ou|and|und|et|y|e|en|i|o)\s+", re.IGNORECASE)
JOINED: Final = {frozenset({"country", "region"}): "country", frozenset({"email", "phone"}): "email_or_phone",
                 frozenset({"email", "mobile"}): "email_or_phone", frozenset({"phone", "mobile"}): "phone",
                 frozenset({"company", "name"}): "company",
                 frozenset({"street", "house_number"}): "street"}  # fmt: skip
PLACE: Final = frozenset({"postcode", "city", "region", "country"})
NAMES: Final = frozenset({"name", "first_name", "last_name"})
LONGEST: Final = 6
"""The most words of a header that is a name and no question."""


class HeaderName(NamedTuple):
    """What a header names, and the words that said so."""

    key: str
    plain: str


def heading_of(header: str, headers: Mapping[str, str] = LEAD_HEADERS) -> HeaderName | None:
    """Return what a header means: as it stands, otherwise without brackets, numbers and qualifiers.

    ``E-mail 2 - Value``, ``Business Phone``, ``Telefon geschäftlich``, ``contact_email``, ``Company / Account``.
    """
    plain = plain_header(header)
    if key := _key(plain, headers):
        return HeaderName(key, plain)
    bare = BRACKETS.sub(" ", header)
    parts = [part for part in EITHER.split(bare) if plain_header(part)]
    if len(parts) > 1:
        keys = dict.fromkeys(key for part in parts if (key := _without_qualifiers(part, headers)))
        key = next(iter(keys)) if len(keys) == 1 else _joined(tuple(keys)) if headers is LEAD_HEADERS else None
    else:
        key = _without_qualifiers(bare, headers)
    return HeaderName(key, plain) if key else None


def _joined(keys: Sequence[str]) -> str | None:
    """What a column holds whose header names several fields, in this order."""
    together = frozenset(keys)
    if known := JOINED.get(together):
        return known
    if together <= PLACE and "city" in together:
        return "place"
    if together <= PLACE | {"street", "house_number"} and "street" in together:
        return "street"  # a whole address is taken apart there
    if len(together) > 1 and together <= NAMES:
        return "last_first_name" if keys[-1] == "first_name" else "name"
    return None


def _without_qualifiers(header: str, headers: Mapping[str, str]) -> str | None:
    for text in dict.fromkeys((header, HUMPS.sub(" ", header))):
        words = plain_header(text).split()
        if len(words) > LONGEST or _is_other(words):
            return None
        words = [word for word in dict.fromkeys(words) if not word.isdigit()]
        if key := _key(" ".join(words), headers):
            return key
        while words and (first := next((at for at, word in enumerate(words) if word in QUALIFIERS), None)) is not None:
            words.pop(first)
            if words and (key := _key(" ".join(words), headers)):
                return key
    return None


def _key(plain: str, headers: Mapping[str, str]) -> str | None:
    return headers.get(plain) or headers.get(plain.replace(" ", ""))


def is_beside_a_field(header: str) -> bool:
    """Whether a word of the header makes something else of it than a field of the person: a fax, an assistant.

    A question asks for anything; its answers say what.
    """
    return _is_other([word for word in plain_header(header).split() if word not in QUESTIONS])


def _is_other(words: Sequence[str]) -> bool:
    return any(word in OTHERS and not (word == "last" and "name" in words) for word in words)


def is_known_header(header: str) -> bool:
    """Whether a cell is the name of a column, in any kind of file."""
    plain = plain_header(header)
    return any(plain in headers for headers in (LEAD_HEADERS, ACTIVITY_HEADERS, SALES_HEADERS))
