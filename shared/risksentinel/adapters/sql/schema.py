"""schema_is_current: checks that the database is migrated for this release."""

from sqlalchemy import Engine, inspect, text
from sqlalchemy.exc import DBAPIError

from risksentinel.adapters.sql.engine import reading
from risksentinel.adapters.sql.tables import REVISION
from risksentinel.errors import NotMigrated


def schema_is_current(engine: Engine) -> None:
    """Return where the schema is this release's or newer: a rollout migrates the database first.

    Raises:
        NotMigrated: a migration is missing.
        Unavailable: the database does not answer.
    """
    revision = _revision(engine)
    if revision is None or revision < REVISION:
        raise NotMigrated("the database is not migrated: run `risksentinel migrate`")


def _revision(engine: Engine) -> str | None:
    query = text("SELECT version_num FROM alembic_version")
    try:
        with reading(engine) as connection:
            found = connection.execute(query).scalar()
    except DBAPIError:
        # Asked only now: the question costs more than the query, at each start and probe.
        with reading(engine) as connection:
            if inspect(connection).has_table("alembic_version"):
                raise
        return None
    return None if found is None else str(found)
