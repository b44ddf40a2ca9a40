"""migrate: bring a database to the schema of this release."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from sqlalchemy import Connection, func, select

from risksentinel.adapters.sql_engine import open_engine, reading, writing

logging.getLogger("alembic").setLevel(logging.WARNING)  # each start would tell of its plumbing

_SCRIPTS: Final = Path(__file__).parent / "migrations"
_TURN: Final = 0x5C4E3A  # names the lock under which PostgreSQL lets one migration after the other


def migrate(url: str) -> None:
    """Apply the revisions that are missing, all or none; safe to run from many places at once."""
    with _connection(url) as connection:
        command.upgrade(scripts(connection), "head")


def unmigrate(url: str, to: str = "base") -> None:
    """Take revisions back, and what they hold with them."""
    with _connection(url) as connection:
        command.downgrade(scripts(connection), to)


def revision(url: str) -> str | None:
    """The revision that the database is at; None before the first."""
    engine = open_engine(url)
    try:
        with reading(engine) as connection:
            return MigrationContext.configure(connection).get_current_revision()
    finally:
        engine.dispose()


def scripts(connection: Connection | None = None) -> Config:
    """Alembic's settings: where the revisions are, and which connection they run on."""
    config = Config()
    config.set_main_option("script_location", str(_SCRIPTS).replace("%", "%%"))
    config.attributes["connection"] = connection
    return config


@contextmanager
def _connection(url: str) -> Iterator[Connection]:
    engine = open_engine(url)
    try:
        with writing(engine) as connection:
            if connection.dialect.name == "postgresql":
                connection.execute(select(func.pg_advisory_xact_lock(_TURN)))
            yield connection
    finally:
        engine.dispose()
