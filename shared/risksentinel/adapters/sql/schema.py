"""schema_is_current: checks that the database is migrated for this release."""

from sqlalchemy import Engine, inspect, text

from risksentinel.adapters.sql.engine import reading
from risksentinel.adapters.sql.tables import REVISION
from risksentinel.errors import NotMigrated


def schema_is_current(engine: Engine) -> None:
    """Return where the schema is this release's or newer: a rollout migrates the database first.

    Raises:
        NotMigrated: a migration is missing.
        Unavailable: the database does not answer.
    """
    with reading(engine) as connection:
        versioned = inspect(connection).has_table("alembic_version")
        query = text("SELECT version_num FROM alembic_version")
        revision = connection.execute(query).scalar() if versioned else None
    if revision is None or str(revision) < REVISION:
        raise NotMigrated("the database is not migrated: run `risksentinel migrate`")
