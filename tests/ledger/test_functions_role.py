"""The functions' database role on PostgreSQL: it scores, and cannot change the ledger."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import make_url, text
from sqlalchemy.exc import ProgrammingError

from infra.devstack.servers.server_kinds import RunningServer
from risksentinel.adapters.sql.engine import open_engine, writing
from risksentinel.assembly.container import Container
from risksentinel.migrations.functions_role import INSERTED_ONLY, ROLE
from risksentinel.migrations.migrate import migrate
from tests.adapters.sql.own_schema import own_schema
from tests.ledger.kept import container_at, faults, fill

_LOGIN = "ledger_test_function"


@pytest.fixture
def container(postgres_server: RunningServer, tmp_path: Path) -> Iterator[Container]:
    """A container that logs in as a member of the role."""
    with own_schema(postgres_server.settings["DATABASE_URL"]) as owner:
        migrate(owner)
        engine = open_engine(owner)
        with writing(engine) as connection:
            connection.execute(text(f"CREATE ROLE {_LOGIN} LOGIN PASSWORD 'x' IN ROLE {ROLE}"))
        url = make_url(owner).set(username=_LOGIN, password="x")
        container = container_at(url.render_as_string(hide_password=False), tmp_path)
        yield container
        container.close()
        with writing(engine) as connection:
            connection.execute(text(f"DROP ROLE {_LOGIN}"))
        engine.dispose()


def test_the_engine_works_under_the_role(container: Container) -> None:
    """A privilege that is missing would stop payments after the upgrade."""
    fill(container)

    assert faults(container) == []


@pytest.mark.parametrize("table", INSERTED_ONLY)
def test_the_role_cannot_change_or_delete(container: Container, table: str) -> None:
    """A function that was taken over must not remove its traces."""
    fill(container)
    column = "sequence" if table == "ledger_leaves" else None
    column = column or {"ledger_tiles": "height", "ledger_heads": "size"}.get(table, "version")
    column = {"audit_log": "actor", "risk_scores": "decision"}.get(table, column)

    for statement in (
        f"UPDATE {table} SET {column} = {column}",  # noqa: S608 - names of ours
        f"DELETE FROM {table}",  # noqa: S608 - names of ours
        f"TRUNCATE {table}",
        "SET risksentinel.maintenance = 'on'; DELETE FROM audit_log",
        "ALTER TABLE audit_log DISABLE TRIGGER ALL",
    ):
        with (
            pytest.raises(ProgrammingError, match=r"permission denied|must be owner"),
            writing(container.engine) as connection,
        ):
            connection.execute(text(statement))
