"""grant: the privileges of risksentinel_functions, the role of the functions' database users.

A migration makes tables as their owner. A function logs in as a member of this role, which can
insert into the tables of the ledger and of what it proves, and cannot change their rows.
"""

from typing import Final

from sqlalchemy import Connection, text
from sqlalchemy.exc import DBAPIError

from risksentinel.adapters.sql.append_only import APPEND_ONLY
from risksentinel.errors import Misconfigured

ROLE: Final = "risksentinel_functions"
INSERTED_ONLY: Final = (*APPEND_ONLY, "labels", "fraud_rule_versions", "risk_scores")
READ_ONLY: Final = ("alembic_version",)
_CREATE: Final = f"""
DO $$ BEGIN
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = '{ROLE}') THEN
        CREATE ROLE {ROLE} NOLOGIN;
    END IF;
EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL;
END $$
"""
# Partitions are left out: the privileges of their table apply to statements that name the table.
_TABLES: Final = text(
    "SELECT relname FROM pg_class WHERE relnamespace = current_schema()::regnamespace"
    " AND relkind IN ('r', 'p') AND NOT relispartition ORDER BY relname"
)


def grant(connection: Connection) -> None:
    """Create the role on PostgreSQL, and give it the privileges for all tables there are.

    Raises:
        Misconfigured: the role does not exist, and the migrating user may not create roles.
    """
    if connection.dialect.name != "postgresql":
        return
    try:
        connection.execute(text(_CREATE))
    except DBAPIError as error:
        if getattr(error.orig, "sqlstate", None) != "42501":  # insufficient_privilege
            raise
        raise Misconfigured(
            f"the database lacks a role: run `CREATE ROLE {ROLE} NOLOGIN`"
        ) from None
    schema = connection.dialect.identifier_preparer.quote(
        connection.execute(text("SELECT current_schema()")).scalar_one()
    )
    connection.execute(text(f"GRANT USAGE ON SCHEMA {schema} TO {ROLE}"))
    for table in connection.execute(_TABLES).scalars().all():
        connection.execute(text(f"REVOKE ALL ON {table} FROM {ROLE}"))
        connection.execute(text(f"GRANT {_privileges(table)} ON {table} TO {ROLE}"))
    connection.execute(text(f"GRANT USAGE ON ALL SEQUENCES IN SCHEMA {schema} TO {ROLE}"))


def _privileges(table: str) -> str:
    if table in READ_ONLY:
        return "SELECT"
    return "SELECT, INSERT" if table in INSERTED_ONLY else "SELECT, INSERT, UPDATE, DELETE"
