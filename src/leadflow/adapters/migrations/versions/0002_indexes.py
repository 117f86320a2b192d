"""Indexes for what grows: tasks that may be leased apart from dead ones, a lead's facts by their kind."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    op.drop_index("leadflow_tasks_by_due_at", "leadflow_tasks")
    for name, condition in (("due_at", "status <> 'dead'"), ("death", "status = 'dead'")):
        op.create_index(
            f"leadflow_tasks_by_{name}",
            "leadflow_tasks",
            ["tenant", "due_at", "key"],
            sqlite_where=sa.text(condition),
            postgresql_where=sa.text(condition),
        )
    op.create_index("leadflow_facts_by_kind", "leadflow_facts", ["tenant", "lead_id", "kind", "version", "seq"])
