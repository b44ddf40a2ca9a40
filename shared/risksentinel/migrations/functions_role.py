"""grant: the privileges of risksentinel_functions, the role of the functions' database users.

A migration makes tables as their owner. A function logs in as a member of this role, which can
read each table, insert rows, and change rows only where a function does. It cannot change the rows
of the ledger and of what the ledger proves. Erasure, retention and partitions are the owner's.
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from sqlalchemy import Connection, text
from sqlalchemy.exc import DBAPIError

from risksentinel.adapters.sql.append_only import APPEND_ONLY
from risksentinel.errors import Misconfigured

ROLE: Final = "risksentinel_functions"
INSERTED_ONLY: Final = (*APPEND_ONLY, "labels", "fraud_rule_versions", "risk_scores")
_ADDED: Final = "SELECT, INSERT"
_COUNTED: Final = "SELECT, UPDATE"  # one row, which the migration inserts
# A table that is not listed has its rows added and never changed.
PRIVILEGES: Final[Mapping[str, str]] = MappingProxyType(
    {
        "alembic_version": "SELECT",
        "ledger_state": _COUNTED,
        "rule_book": _COUNTED,
        "list_book": _COUNTED,
        **dict.fromkeys(
            (
                *("transactions", "transaction_claims", "hourly_figures", "proposals"),
                *("policy_versions", "revisions", "rule_figures"),
                *("alerts", "alert_deliveries", "statutory_reports", "fraud_rules", "api_keys"),
            ),
            f"{_ADDED}, UPDATE",
        ),
        "dead_letters": f"{_ADDED}, DELETE",
        **dict.fromkeys(
            ("outbox", "lists", "list_entries", "sessions"), f"{_ADDED}, UPDATE, DELETE"
        ),
    }
)
CREATE_ROLE: Final = f"""
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
        connection.execute(text(CREATE_ROLE))
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
        connection.execute(text(f"GRANT {privileges(table)} ON {table} TO {ROLE}"))
    connection.execute(text(f"GRANT USAGE ON ALL SEQUENCES IN SCHEMA {schema} TO {ROLE}"))


def privileges(table: str) -> str:
    """The privileges of the role on a table, separated by commas."""
    return PRIVILEGES.get(table, _ADDED)
