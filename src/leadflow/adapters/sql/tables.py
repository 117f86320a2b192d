"""The tables, as created by the migrations (a test compares the two).

Everything is scoped by ``tenant``. Moments are whole microseconds since 1970 in UTC: exact, sortable, and the same in
every database. ``doc`` is the value itself as JSON text; the other columns are those that statements need.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import BigInteger, Column, Double, Index, Integer, MetaData, Table, Text, text

__all__ = ["metadata"]

metadata = MetaData()

# Indexes for searching: each returns its leads in order, so that a page reads only the leads that it shows.
SORTED_LEADS = {
    "created": ("created_at",),
    "changed": ("changed_at",),
    "score": ("score",),
    "stage_created": ("stage", "created_at"),
    "stage_score": ("stage", "score"),
}
SORTED_LEADS_WITH = {  # only leads that have one: most visitors have neither
    "owner": ("owner", "stage", "score"),
    "account": ("account",),
    "grade": ("grade", "score"),
}

# Text is compared by code point, as in Python: a locale's order would break pages and lock order.
TEXT = Text().with_variant(Text(collation="C"), "postgresql")


def _key(name: str) -> Column[str]:
    return Column(name, TEXT, primary_key=True)


def _text(name: str, nullable: bool = False) -> Column[str]:
    return Column(name, TEXT, nullable=nullable)


def _whole(name: str) -> Column[int]:
    return Column(name, Integer, nullable=False)


def _moment(name: str, nullable: bool = False) -> Column[int]:
    return Column(name, BigInteger, nullable=nullable)


def _table(name: str, *columns: Column[Any], index: tuple[str, ...] = (), rowid: bool = True) -> Table:
    table = Table(f"leadflow_{name}", metadata, _key("tenant"), *columns, sqlite_with_rowid=rowid)
    if index:
        Index(f"leadflow_{name}_by_{index[0]}", *(table.c[column] for column in ("tenant", *index)))
    return table


_leads = _table(
    "leads",
    _key("id"),
    _whole("version"),
    _text("stage"),
    _text("doc"),
    *(Column(name, TEXT) for name in ("owner", "account", "grade")),
    Column("score", Double, nullable=False, server_default=text("0")),
    *(Column(name, BigInteger, nullable=False, server_default=text("0")) for name in ("created_at", "changed_at")),
    Column("computed", TEXT, nullable=False, server_default=text("'{}'")),
    _text("features", nullable=True),
    index=("stage", "id"),
)
for _name, _columns in SORTED_LEADS.items():
    Index(f"leadflow_leads_by_{_name}", *(_leads.c[column] for column in ("tenant", *_columns, "id")))
for _name, _columns in SORTED_LEADS_WITH.items():
    there = text(f"{_name} IS NOT NULL")
    Index(
        f"leadflow_leads_by_{_name}",
        *(_leads.c[column] for column in ("tenant", *_columns, "id")),
        sqlite_where=there,
        postgresql_where=there,
    )
_table("match_keys", _key("lead_id"), _key("key"), index=("key", "lead_id"), rowid=False)
_table("states", _key("key"), _whole("version"), _text("lead_id", nullable=True), _text("doc"), index=("lead_id",))
_facts = _table(
    "facts",
    _key("lead_id"),
    Column("version", Integer, primary_key=True, autoincrement=False),
    Column("seq", Integer, primary_key=True, autoincrement=False),
    _text("kind"),
    _moment("recorded_at"),
    _text("doc"),
)
Index("leadflow_facts_by_kind", *(_facts.c[name] for name in ("tenant", "lead_id", "kind", "version", "seq")))
_table("activities", _key("lead_id"), _key("id"), _moment("happened_at"), _text("doc"))
_tasks = _table(
    "tasks",
    _key("key"),
    _text("kind"),
    _moment("due_at"),
    _text("lead_id", nullable=True),
    _text("status"),
    _whole("attempts"),
    _text("lease", nullable=True),
    _moment("leased_until", nullable=True),
    _text("error", nullable=True),
    _text("doc"),
)
for _name, _condition in (("due_at", "status <> 'dead'"), ("death", "status = 'dead'")):
    # separate, so that dead tasks, however many, don't slow down the others
    Index(
        f"leadflow_tasks_by_{_name}",
        *(_tasks.c[name] for name in ("tenant", "due_at", "key")),
        sqlite_where=text(_condition),
        postgresql_where=text(_condition),
    )
Index(  # finds what waits for a rep among all waiting tasks
    "leadflow_tasks_by_kind",
    *(_tasks.c[name] for name in ("tenant", "kind", "due_at", "key")),
    sqlite_where=text("status <> 'dead'"),
    postgresql_where=text("status <> 'dead'"),
)
Index("leadflow_tasks_by_lead_id", *(_tasks.c[name] for name in ("tenant", "lead_id", "due_at", "key")))
_table("claims", _key("key"), _text("lead_id"), index=("lead_id",), rowid=False)
_table("redirects", _key("absorbed"), _text("survivor"), index=("survivor",), rowid=False)
_table("replies", _key("key"), _text("digest"), _text("lead_id", nullable=True), _text("doc"), index=("lead_id",))
