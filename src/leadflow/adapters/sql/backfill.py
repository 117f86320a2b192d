"""Backfilling the search columns of stored leads: once, by a migration."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any, Final

from sqlalchemy import Connection, text

from leadflow.adapters.sql.rows import fit, found_by
from leadflow.decisions.accounts import account_index, company_index
from leadflow.entities import Lead, read_lead
from leadflow.errors import TooNew, Unreadable
from leadflow.search.words import word_index

__all__ = ["fill"]

AT_ONCE: Final = 1_000
ROWS: Final = text("""SELECT tenant, id, version, stage, doc FROM leadflow_leads
    WHERE (tenant, id) > (:tenant, :id) ORDER BY tenant, id LIMIT :limit""")
COLUMNS: Final = text("""UPDATE leadflow_leads SET owner = :owner, account = :account, grade = :grade, score = :score,
    created_at = :created_at, changed_at = :changed_at, computed = :computed WHERE tenant = :tenant AND id = :id""")
WORD: Final = text("""INSERT INTO leadflow_match_keys (tenant, lead_id, key) VALUES (:tenant, :lead_id, :key)
    ON CONFLICT (tenant, lead_id, key) DO NOTHING""")


def fill(connection: Connection) -> None:
    """Fill the columns and words of all leads; unreadable ones are skipped, as they can't be found."""
    after = {"tenant": "", "id": ""}
    while found := connection.execute(ROWS, {**after, "limit": AT_ONCE}).all():
        leads = list(_readable(found))
        for statement, rows in ((COLUMNS, _columns(leads)), (WORD, _words(leads))):
            if many := list(rows):
                connection.execute(statement, many)
        after = {"tenant": found[-1].tenant, "id": found[-1].id}


def _readable(rows: Iterable[Any]) -> Iterator[tuple[str, Lead[Any]]]:
    for row in rows:
        try:  # as the plain class of leads: their custom fields are not known here
            yield row.tenant, read_lead(Lead[Any], row.doc, id=row.id, version=row.version, stage=row.stage)
        except (Unreadable, TooNew):
            continue


def _columns(leads: Iterable[tuple[str, Lead[Any]]]) -> Iterator[dict[str, Any]]:
    return ({"tenant": tenant, "id": lead.id, **found_by(lead)} for tenant, lead in leads)


def _keys(lead: Lead[Any]) -> frozenset[str]:
    return word_index(lead) | account_index(lead) | company_index(lead)


def _words(leads: Iterable[tuple[str, Lead[Any]]]) -> Iterator[dict[str, Any]]:
    for tenant, lead in leads:
        if not lead.absorbed_by:
            yield from ({"tenant": tenant, "lead_id": lead.id, "key": fit(key)} for key in sorted(_keys(lead)))
