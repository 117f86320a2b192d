"""What leads are found and sorted by: columns with indexes, words among match keys, functions that read JSON;
what waits, by its kind."""

import sqlalchemy as sa
from alembic import op

from leadflow.adapters.sql.backfill import fill
from leadflow.adapters.sql.documents import FUNCTIONS

revision = "0003"
down_revision = "0002"

TEXT = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
SORTED = {
    "created": ("created_at",),
    "changed": ("changed_at",),
    "score": ("score",),
    "stage_created": ("stage", "created_at"),
    "stage_score": ("stage", "score"),
}
WITH = {"owner": ("owner", "stage", "score"), "account": ("account",), "grade": ("grade", "score")}


def upgrade() -> None:
    for name in ("owner", "account", "grade"):
        op.add_column("leadflow_leads", sa.Column(name, TEXT))
    op.add_column("leadflow_leads", sa.Column("score", sa.Double, nullable=False, server_default=sa.text("0")))
    for name in ("created_at", "changed_at"):
        op.add_column("leadflow_leads", sa.Column(name, sa.BigInteger, nullable=False, server_default=sa.text("0")))
    op.add_column("leadflow_leads", sa.Column("computed", TEXT, nullable=False, server_default=sa.text("'{}'")))
    op.add_column("leadflow_leads", sa.Column("features", TEXT))  # they are filled by a command of their own
    fill(op.get_bind())
    for name, columns in SORTED.items():
        op.create_index(f"leadflow_leads_by_{name}", "leadflow_leads", ["tenant", *columns, "id"])
    for name, columns in WITH.items():
        there = sa.text(f"{name} IS NOT NULL")
        op.create_index(
            f"leadflow_leads_by_{name}",
            "leadflow_leads",
            ["tenant", *columns, "id"],
            sqlite_where=there,
            postgresql_where=there,
        )
    alive = sa.text("status <> 'dead'")
    op.create_index(
        "leadflow_tasks_by_kind",
        "leadflow_tasks",
        ["tenant", "kind", "due_at", "key"],
        sqlite_where=alive,
        postgresql_where=alive,
    )
    if op.get_bind().dialect.name == "postgresql":
        for function in FUNCTIONS:
            op.execute(function)
