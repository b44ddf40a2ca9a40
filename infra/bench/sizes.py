"""The size of each table in a database, with its indexes."""

from typing import Final

from sqlalchemy import Engine, text
from sqlalchemy.exc import OperationalError

from risksentinel.adapters.sql.engine import looking

_POSTGRESQL: Final = text(
    """
    SELECT coalesce(whole.relname, part.relname) AS name, sum(pg_total_relation_size(part.oid))
    FROM pg_class part
    LEFT JOIN pg_inherits ON inhrelid = part.oid LEFT JOIN pg_class whole ON whole.oid = inhparent
    WHERE part.relkind = 'r' AND part.relnamespace = 'public'::regnamespace
    GROUP BY 1
    """
)
_SQLITE: Final = text(
    "SELECT s.tbl_name, sum(pages.pgsize) FROM dbstat pages "
    "JOIN sqlite_schema s ON s.name = pages.name GROUP BY 1"
)
_WHOLE: Final = text("SELECT page_count * page_size FROM pragma_page_count, pragma_page_size")


def sizes(engine: Engine) -> dict[str, int]:
    """Return the bytes of each table; one entry for all if SQLite has no `dbstat`."""
    with looking(engine) as connection:
        if engine.dialect.name == "postgresql":
            return {str(name): int(size) for name, size in connection.execute(_POSTGRESQL)}
        try:
            return {str(name): int(size) for name, size in connection.execute(_SQLITE)}
        except OperationalError:
            return {"the whole file": int(connection.execute(_WHOLE).scalar_one())}
