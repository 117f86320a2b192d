"""Exports of well-known programs: what their columns mean beyond their names, and the system that their ids are of."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final, NamedTuple

from leadflow.files.column_headers import plain_header

__all__ = ["KnownExport", "export_of"]


class KnownExport(NamedTuple):
    """A kind of export: columns that only it has, what columns mean in it (None: nothing), the column of opt-outs."""

    system: str
    columns_of_its_own: frozenset[str]
    columns: Mapping[str, str | None]
    opt_out: str | None = None


def _export(system: str, own: str, opt_out: str | None = None, /, **keys: str) -> KnownExport:
    columns = {column: None if key == "nothing" else key for key, names in keys.items() for column in names.split(", ")}
    return KnownExport(system, frozenset(own.split(", ")), columns, opt_out)


EXPORTS: Final = (
    _export("meta", "created time, form id, campaign id", external_id="id", at="created time",
            utm_campaign="campaign name", utm_source="platform", utm_content="ad name"),
    _export("hubspot", "record id, lifecycle stage", "unsubscribed from all email", external_id="record id",
            at="create date", utm_source="original source"),
    _export("linkedin", "connected on, position, url", at="connected on", linkedin="url"),
    _export("google contacts", "phone 1 value, labels", nothing="birthday"),
    _export("google contacts", "phone 1 value, group membership", nothing="birthday, location"),
    _export("outlook", "e mail address, e mail display name", nothing="e mail display name"),
    _export("salesforce", "lead id, lead owner", "email opt out", external_id="lead id", at="create date, created date",
            job_title="title"),
    _export("salesforce", "contact id, account name, contact owner", "email opt out", external_id="contact id",
            at="create date, created date", job_title="title"),
    _export("apollo", "person linkedin url, company linkedin url", job_title="title", linkedin="person linkedin url",
            external_id="apollo contact id", industry="industry", employees="employees", nothing="stage, keywords"),
)  # fmt: skip


def export_of(columns: Iterable[str]) -> KnownExport | None:
    """Return the kind of export that has these columns, if it is known."""
    plain = {plain_header(column) for column in columns}
    return next((one for one in EXPORTS if one.columns_of_its_own <= plain), None)
