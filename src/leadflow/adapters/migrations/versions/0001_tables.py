"""The first tables."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None

TEXT = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")


def key(name: str) -> sa.Column[str]:
    return sa.Column(name, TEXT, nullable=False, primary_key=True)


def upgrade() -> None:
    op.create_table(
        "leadflow_leads",
        key("tenant"),
        key("id"),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("stage", TEXT, nullable=False),
        sa.Column("doc", TEXT, nullable=False),
    )
    op.create_table("leadflow_match_keys", key("tenant"), key("lead_id"), key("key"), sqlite_with_rowid=False)
    op.create_table(
        "leadflow_states",
        key("tenant"),
        key("key"),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("lead_id", TEXT),
        sa.Column("doc", TEXT, nullable=False),
    )
    op.create_table(
        "leadflow_facts",
        key("tenant"),
        key("lead_id"),
        sa.Column("version", sa.Integer, nullable=False, primary_key=True, autoincrement=False),
        sa.Column("seq", sa.Integer, nullable=False, primary_key=True, autoincrement=False),
        sa.Column("kind", TEXT, nullable=False),
        sa.Column("recorded_at", sa.BigInteger, nullable=False),
        sa.Column("doc", TEXT, nullable=False),
    )
    op.create_table(
        "leadflow_activities",
        key("tenant"),
        key("lead_id"),
        key("id"),
        sa.Column("happened_at", sa.BigInteger, nullable=False),
        sa.Column("doc", TEXT, nullable=False),
    )
    op.create_table(
        "leadflow_tasks",
        key("tenant"),
        key("key"),
        sa.Column("kind", TEXT, nullable=False),
        sa.Column("due_at", sa.BigInteger, nullable=False),
        sa.Column("lead_id", TEXT),
        sa.Column("status", TEXT, nullable=False),
        sa.Column("attempts", sa.Integer, nullable=False),
        sa.Column("lease", TEXT),
        sa.Column("leased_until", sa.BigInteger),
        sa.Column("error", TEXT),
        sa.Column("doc", TEXT, nullable=False),
    )
    op.create_table(
        "leadflow_claims",
        key("tenant"),
        key("key"),
        sa.Column("lead_id", TEXT, nullable=False),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "leadflow_redirects",
        key("tenant"),
        key("absorbed"),
        sa.Column("survivor", TEXT, nullable=False),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "leadflow_replies",
        key("tenant"),
        key("key"),
        sa.Column("digest", TEXT, nullable=False),
        sa.Column("lead_id", TEXT),
        sa.Column("doc", TEXT, nullable=False),
    )
    for table, *columns in (
        ("leads", "stage", "id"),
        ("match_keys", "key", "lead_id"),
        ("states", "lead_id"),
        ("tasks", "due_at", "key"),
        ("tasks", "lead_id", "due_at", "key"),
        ("claims", "lead_id"),
        ("redirects", "survivor"),
        ("replies", "lead_id"),
    ):
        op.create_index(f"leadflow_{table}_by_{columns[0]}", f"leadflow_{table}", ["tenant", *columns])
