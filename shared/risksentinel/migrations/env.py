"""Run by Alembic: configures the revisions with the open connection and the tables."""

from alembic import context

from risksentinel.adapters.sql.tables import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    transactional_ddl=False,  # migrate.py runs all revisions in one transaction
)
context.run_migrations()
