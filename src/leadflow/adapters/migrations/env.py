"""Run by Alembic, on the connection that ``SqlStorage.migrate`` gives it."""

from alembic import context

from leadflow.adapters.sql.migrator import VERSION_TABLE
from leadflow.adapters.sql.tables import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    version_table=VERSION_TABLE,
    render_as_batch=True,
)
context.run_migrations()
