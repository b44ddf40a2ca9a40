"""Alembic runs this file: it hands the open connection and the tables to the revisions."""

from alembic import context

from risksentinel.adapters.sql.tables import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    transactional_ddl=False,  # migrate.py holds one transaction around all revisions
)
context.run_migrations()
