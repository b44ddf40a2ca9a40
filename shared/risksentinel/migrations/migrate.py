"""migrate: bring a database to the schema of this release."""

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
from risksentinel.adapters.system_clock import now

logging.getLogger("alembic").setLevel(logging.WARNING)  # each start would tell of its plumbing

_SCRIPTS: Final = Path(__file__).parent
_TURN: Final = 0x5C4E3A  # names the lock under which PostgreSQL lets one migration after the other


def migrate(url: str) -> None:
    """Apply the revisions that are missing, all or none; safe to run from many places at once.

    Afterwards the partitions of the coming months are made, where they are not there yet.
    """
    with _engine(url) as engine:
        with _connection(engine) as connection:
            command.upgrade(scripts(connection), "head")
        months = SqlMonths(engine)
        for missing in months.missing(now()):
            months.make(missing)


def unmigrate(url: str, to: str = "base") -> None:
    """Take revisions back, and what they hold with them."""
    with _engine(url) as engine, _connection(engine) as connection:
        command.downgrade(scripts(connection), to)


def revision(url: str) -> str | None:
    """The revision that the database is at; None before the first."""
    with _engine(url) as engine, reading(engine) as connection:
        return MigrationContext.configure(connection).get_current_revision()


def scripts(connection: Connection | None = None) -> Config:
    """Alembic's settings: where the revisions are, and which connection they run on."""
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
            connection.execute(select(func.pg_advisory_xact_lock(_TURN)))
        yield connection
