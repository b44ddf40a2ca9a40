"""migrate: upgrades a database to the schema of this release."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from sqlalchemy import Connection, Engine, func, select

from risksentinel.adapters.sql.engine import open_engine, reading, writing
from risksentinel.adapters.sql.months import SqlMonths
from risksentinel.adapters.sql.owner import require_owner
from risksentinel.adapters.system_clock import now
from risksentinel.migrations.functions_role import grant

# At INFO, each start would log the internals of Alembic.
logging.getLogger("alembic").setLevel(logging.WARNING)

_SCRIPTS: Final = Path(__file__).parent
_LOCK_ID: Final = 0x5C4E3A  # of the advisory lock by which PostgreSQL runs one migration at a time


def migrate(url: str) -> None:
    """Apply all missing revisions in one transaction; concurrent calls are safe.

    Then create the missing partitions of the coming months. On PostgreSQL the role of the functions
    gets its privileges.

    Raises:
        Misconfigured: another user than that of the URL owns the tables.
    """
    with _engine(url) as engine:
        require_owner(engine)
        with _connection(engine) as connection:
            command.upgrade(scripts(connection), "head")
            grant(connection)
        months = SqlMonths(engine)
        for missing in months.missing(now()):
            months.make(missing)


def unmigrate(url: str, to: str = "base") -> None:
    """Downgrade to the revision `to`; the data of later revisions is lost."""
    with _engine(url) as engine, _connection(engine) as connection:
        command.downgrade(scripts(connection), to)


def revision(url: str) -> str | None:
    """The current revision of the database; None before the first."""
    with _engine(url) as engine, reading(engine) as connection:
        return MigrationContext.configure(connection).get_current_revision()


def scripts(connection: Connection | None = None) -> Config:
    """The configuration of Alembic: the folder of the revisions, and the connection."""
    config = Config()
    config.set_main_option("script_location", str(_SCRIPTS).replace("%", "%%"))
    config.attributes["connection"] = connection
    return config


@contextmanager
def _engine(url: str) -> Iterator[Engine]:
    engine = open_engine(url, statement_seconds=0, name="risksentinel-migrate")
    try:
        yield engine
    finally:
        engine.dispose()


@contextmanager
def _connection(engine: Engine) -> Iterator[Connection]:
    with writing(engine) as connection:
        if connection.dialect.name == "postgresql":
            connection.execute(select(func.pg_advisory_xact_lock(_LOCK_ID)))
        yield connection
