"""Exports of well-known programs: what their columns mean beyond their names, and the system that their ids are of."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final, NamedTuple

from leadflow.files.column_headers import plain_header

__all__ = ["BADGES", "KnownExport", "export_of", "is_test_column", "opt_out_in"]


class KnownExport(NamedTuple):
    """A kind of export: columns that only it has, what columns mean in it (None: nothing), the column of opt-outs."""

    system: str
    columns_of_its_own: frozenset[str]
    columns: Mapping[str, str | None]
    opt_out: str | None = None


def _export(system: str, own: str, opt_out: str | None = None, /, **keys: str) -> KnownExport:
    columns = {column: None if key == "nothing" else key for key, names in keys.items() for column in names.split(", ")}
    return KnownExport(system, frozenset(own.split(", ")), columns, opt_out)


HUBSPOT: Final = {"external_id": "record id, datensatz id, contact id", "at": "create date, erstelldatum",
                  "company": "company name, associated company, primary company, name des unternehmens",
                  "utm_source": "original source, original traffic source, latest traffic source"}  # fmt: skip
SALESFORCE: Final = {"external_id": "lead id, contact id, id", "at": "create date, created date, createddate",
                     "job_title": "title", "nothing": "last activity, name"}  # fmt: skip
GOOGLE: Final = {"nothing": "birthday, location, file as, nickname, additional name, middle name"}
EXPORTS: Final = (
    _export("meta", "created time, form id, campaign id", external_id="id, lead id", at="created time",
            utm_campaign="campaign name", utm_source="platform", utm_content="ad name"),
    _export("meta", "created time, form name, ad name", external_id="id, lead id", at="created time",
            utm_campaign="campaign name", utm_source="platform", utm_content="ad name"),
    _export("google ads", "gclid, campaign id", external_id="lead id", utm_campaign="campaign, campaign name"),
    _export("google ads", "lead submit time, form id", external_id="lead id", utm_campaign="campaign, campaign name"),
    _export("hubspot", "record id, lifecycle stage", "unsubscribed from all email", **HUBSPOT),
    _export("hubspot", "record id, contact owner", "unsubscribed from all email", **HUBSPOT),
    _export("hubspot", "record id, marketing contact status", "unsubscribed from all email", **HUBSPOT),
    _export("hubspot", "contact id, lifecycle stage", "unsubscribed from all email", **HUBSPOT),
    _export("hubspot", "datensatz id, lifecycle phase", "von allen e mails abgemeldet", **HUBSPOT),
    _export("linkedin", "connected on, position, url", at="connected on", linkedin="url"),
    _export("linkedin lead gen", "form name, campaign name, lead id", external_id="lead id",
            utm_campaign="campaign name", utm_content="creative name"),
    _export("linkedin lead gen", "lead gen form name", external_id="lead id", utm_campaign="campaign name"),
    _export("linkedin lead gen", "form name, campaign group name", external_id="lead id", utm_campaign="campaign name"),
    _export("google contacts", "phone 1 value, labels", **GOOGLE),
    _export("google contacts", "phone 1 value, group membership", **GOOGLE),
    _export("google contacts", "e mail 1 value, e mail 1 label", **GOOGLE),
    _export("google contacts", "e mail 1 value, e mail 1 type", **GOOGLE),
    _export("outlook", "e mail address, e mail display name", nothing="e mail display name"),
    _export("outlook", "e mail address, business phone, business street", nothing="personal web page, location"),
    _export("outlook", "e mail adresse, e mail angezeigter name"),
    _export("outlook", "e mail adresse, telefon geschaeftlich, mobiltelefon, strasse geschaeftlich"),
    _export("salesforce", "lead id, lead owner", "email opt out", **SALESFORCE),
    _export("salesforce", "contact id, account name, contact owner", "email opt out", **SALESFORCE),
    _export("salesforce", "isdeleted, ownerid", "hasoptedoutofemail", **SALESFORCE),
    _export("salesforce", "lastname, firstname, ownerid", "hasoptedoutofemail", **SALESFORCE),
    _export("apollo", "person linkedin url, company linkedin url", job_title="title", linkedin="person linkedin url",
            external_id="apollo contact id", industry="industry", employees="employees",
            nothing="stage, keywords, company name for emails, company city, company state, company country"),
    _export("mailchimp", "email address, member rating", "unsub time", external_id="leid",
            at="optin time, confirm time",
            nothing="region, cc, timezone, latitude, longitude, last changed"),
    _export("odoo", "contact name, email from", name="contact name", company="partner name", nothing="name",
            country="country id name, country id", region="state id name, state id", at="create date",
            external_id="id"),
    _export("sap", "name1, pstlz", company="name1", street="stras", postcode="pstlz", city="ort01", country="land1",
            region="regio", external_id="kunnr, partner"),
    _export("pipedrive", "person name, person organization", "person marketing status", name="person name",
            company="person organization", at="person person created, person add time",
            external_id="person id, person pipedrive system id"),
)  # fmt: skip
OPT_OUTS: Final = frozenset(
    (
        "opt out, email opt out, e mail opt out, has opted out of email, hasoptedoutofemail, opted out, "
        "opted out of email, opt out email, email optout, unsubscribed, unsubscribed from all email, "
        "email unsubscribed, unsubscribe, do not email, do not mail, donotemail, do not contact, no email, "
        "no emails, marketing opt out, newsletter opt out, abgemeldet, newsletter abgemeldet, "
        "von newsletter abgemeldet, keine werbung, keine e mails, werbesperre, e mail sperre, mailsperre, "
        "werbewiderspruch, widerspruch, desabonne, desinscrit, ne pas contacter, dado de baja, no contactar, "
        "disiscritto, uitgeschreven, wypisany, unsub time, unsubscribed at, unsubscribe date, abgemeldet am, "
        "subscription status, marketing status, email marketing status, newsletter status, "
        "email status marketing"
    ).split(", ")
)
TESTS: Final = frozenset(
    ("is test, istest, test lead, testlead, is test lead, is test submission, testdaten").split(", ")
)
BADGES: Final = frozenset(
    (
        "barcode, barcode nr, badge, badge id, badge nr, badgenummer, badge number, ticket number, ticket id, "
        "ticketnummer, teilnehmer id, attendee id, besucher nr, besuchernummer, besucherausweis, "
        "registration id, registrant id, reg id, registration number, confirmation number, lead nr, "
        "leadnummer, lead number, qr code, scan id"
    ).split(", ")
)
"""Columns of ids that only one event gives: the next one gives the same numbers to others."""


def export_of(columns: Iterable[str]) -> KnownExport | None:
    """Return the kind of export that has these columns, if it is known."""
    plain = {plain_header(column) for column in columns}
    return next((one for one in EXPORTS if one.columns_of_its_own <= plain), None)


def opt_out_in(columns: Iterable[str], export: KnownExport | None) -> str | None:
    """Return the column by which people have opted out of mail: that of the export, or one with a name for it."""
    wanted = {export.opt_out} if export and export.opt_out else OPT_OUTS
    return next((column for column in columns if plain_header(column) in wanted), None)


def is_test_column(column: str) -> bool:
    """Whether a column says which submissions are tests of the form."""
    return plain_header(column) in TESTS
