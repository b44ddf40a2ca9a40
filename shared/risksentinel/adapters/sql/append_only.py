"""Triggers that refuse UPDATE and DELETE on the tables of the ledger; unguarded: retention."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from sqlalchemy import Connection, text

APPEND_ONLY: Final = ("audit_log", "ledger_leaves", "ledger_tiles", "ledger_heads")
_MAINTENANCE: Final = "risksentinel.maintenance"
_REFUSE: Final = f"""
CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF current_setting('{_MAINTENANCE}', true) = 'on' AND pg_has_role(
        current_user, (SELECT relowner FROM pg_class WHERE oid = TG_RELID), 'MEMBER'
    ) THEN
        IF TG_OP = 'DELETE' THEN RETURN OLD; END IF;
        RETURN NEW;
    END IF;
    RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'insufficient_privilege';
END $$
"""  # noqa: S608 - of constants


def guard(connection: Connection) -> None:
    """Create the triggers."""
    if connection.dialect.name == "postgresql":
        connection.execute(text(_REFUSE))
        for table in APPEND_ONLY:
            connection.exec_driver_sql(
                f"CREATE TRIGGER {table}_append_only BEFORE UPDATE OR DELETE ON {table} "
                "FOR EACH ROW EXECUTE FUNCTION refuse_change()"
            )
        return
    for table in APPEND_ONLY:
        for change in ("update", "delete"):
            connection.exec_driver_sql(
                f"CREATE TRIGGER {table}_no_{change} BEFORE {change} ON {table} "
                f"BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END"
            )


def unguard(connection: Connection) -> None:
    """Drop the triggers."""
    if connection.dialect.name == "postgresql":
        for table in APPEND_ONLY:
            connection.exec_driver_sql(f"DROP TRIGGER {table}_append_only ON {table}")
        connection.exec_driver_sql("DROP FUNCTION refuse_change()")
        return
    for table in APPEND_ONLY:
        for change in ("update", "delete"):
            connection.exec_driver_sql(f"DROP TRIGGER {table}_no_{change}")


@contextmanager
def unguarded(connection: Connection) -> Iterator[None]:
    """Allow changes within the connection's transaction: for retention and for moved rows.

    On PostgreSQL only the tables' owner may make them.
    """
    if connection.dialect.name == "postgresql":
        connection.exec_driver_sql(f"SET LOCAL {_MAINTENANCE} = 'on'")
        yield
        connection.exec_driver_sql(f"SET LOCAL {_MAINTENANCE} = 'off'")
        return
    unguard(connection)
    yield
    guard(connection)
