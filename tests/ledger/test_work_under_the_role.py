"""Everything that the functions do, by a database user of their role, and what the user may not."""

from collections.abc import Iterator
from pathlib import Path
from typing import Final

import pytest
from click.testing import CliRunner
from sqlalchemy import Connection, make_url, text
from sqlalchemy.exc import ProgrammingError

from infra.devstack.servers.server_kinds import RunningServer
from infra.devstack.stack.functions_user import make_functions_user
from risksentinel.adapters.sql.engine import open_engine, reading, writing
from risksentinel.adapters.sql.tables.metadata import metadata
from risksentinel.assembly.container import Container
from risksentinel.cli.main import risksentinel
from risksentinel.errors import Misconfigured
from risksentinel.migrations.functions_role import PRIVILEGES, ROLE, privileges
from risksentinel.migrations.migrate import migrate
from tests.adapters.sql.own_schema import own_schema
from tests.ledger.kept import container_at, faults
from tests.ledger.work_of_functions import work

USER: Final = "functions_of_this_test"
ALL: Final = ("SELECT", "INSERT", "UPDATE", "DELETE", "TRUNCATE", "REFERENCES", "TRIGGER")


@pytest.fixture(scope="module")
def owner(postgres_server: RunningServer) -> Iterator[str]:
    """The URL of the owner of a migrated schema."""
    with own_schema(postgres_server.settings["DATABASE_URL"]) as url:
        migrate(url)
        yield url


@pytest.fixture(scope="module")
def user(owner: str) -> Iterator[str]:
    """The URL of the functions' user; its password needs quotes in SQL and escapes in a URL."""
    url = make_url(owner).set(username=USER, password="a'b%c:d\"e\\")
    rendered = url.render_as_string(hide_password=False)
    make_functions_user(owner, rendered)
    make_functions_user(owner, rendered)
    yield rendered
    engine = open_engine(owner)
    with writing(engine) as connection:
        connection.execute(text(f"DROP ROLE {USER}"))
    engine.dispose()


@pytest.fixture(scope="module")
def worked(user: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Container]:
    """A container of the user, after each kind of work of the functions."""
    container = container_at(user, tmp_path_factory.mktemp("home"))
    work(container)
    yield container
    container.close()


def test_the_functions_do_all_their_work_under_the_role(worked: Container) -> None:
    """A privilege that is missing would stop payments after the upgrade."""
    with reading(worked.engine) as connection:
        name = connection.execute(text("SELECT current_user")).scalar_one()

    assert name == USER
    assert faults(worked) == []


@pytest.mark.parametrize("table", [*sorted(metadata.tables), "alembic_version"])
def test_a_function_has_these_privileges_and_no_others(owner: str, user: str, table: str) -> None:
    """An added privilege must be a decision; the owner keeps the others."""
    found = {privilege for privilege in ALL if _has(user, table, privilege)}

    assert found == set(privileges(table).split(", "))
    assert all(_has(owner, table, privilege) for privilege in ALL)


def test_the_privileges_are_of_tables_that_exist() -> None:
    """A renamed table would be without the privileges of its name before."""
    assert PRIVILEGES.keys() <= {*metadata.tables, "alembic_version"}


def _has(url: str, table: str, privilege: str) -> bool:
    engine = open_engine(url)
    query = text("SELECT has_table_privilege(current_user, to_regclass(:table), :privilege)")
    with reading(engine) as connection:
        found = connection.execute(query, {"table": table, "privilege": privilege}).scalar_one()
    engine.dispose()
    return bool(found)


@pytest.mark.parametrize(
    "attribute", ["rolsuper", "rolcreaterole", "rolcreatedb", "rolreplication", "rolbypassrls"]
)
def test_a_function_has_no_attribute_of_an_administrator(worked: Container, attribute: str) -> None:
    """Each of these attributes leads around the privileges of the tables."""
    query = text(f"SELECT rolname, {attribute} FROM pg_roles WHERE rolname IN (:user, :role)")  # noqa: S608 - names of ours

    with reading(worked.engine) as connection:
        found = connection.execute(query, {"user": USER, "role": ROLE}).all()

    assert {tuple(row) for row in found} == {(USER, False), (ROLE, False)}


@pytest.mark.parametrize(
    "statement",
    [
        "CREATE TABLE mine (id int)",
        "DROP TABLE labels",
        "ALTER TABLE risk_scores ADD COLUMN mine int",
        "CREATE TRIGGER mine BEFORE UPDATE ON alerts EXECUTE FUNCTION refuse_change()",
        "ALTER FUNCTION refuse_change() OWNER TO CURRENT_USER",
        "SET session_replication_role = replica",
        "SET ROLE risksentinel",
        "UPDATE alembic_version SET version_num = '0001'",
        "DELETE FROM {partition}",
        "SELECT * FROM {partition}",
    ],
)
def test_a_function_cannot_change_the_schema_or_its_own_rights(
    worked: Container, statement: str
) -> None:
    """A function that was taken over must not remove its traces, nor by a partition's name."""
    with reading(worked.engine) as connection:
        partition = _a_partition(connection)

    with (
        pytest.raises(ProgrammingError, match=r"permission denied|must be owner"),
        writing(worked.engine) as connection,
    ):
        connection.execute(text(statement.format(partition=partition)))


def _a_partition(connection: Connection) -> str:
    query = text(
        "SELECT relname FROM pg_class WHERE relispartition AND relkind = 'r'"
        " AND relnamespace = current_schema()::regnamespace"
        " AND relname LIKE 'audit_log%' LIMIT 1"
    )
    found: str = connection.execute(query).scalar_one()
    return found


def test_a_user_that_may_more_is_not_made(owner: str) -> None:
    """The owner's URL in the place of the functions' one would give the functions every right."""
    with pytest.raises(Exception, match="FUNCTIONS_DATABASE_URL"):
        make_functions_user(owner, owner)


@pytest.mark.parametrize(
    "command",
    [["migrate"], ["partitions"], ["recount-figures"], ["erase", "--account", "acc-1", "--yes"]],
    ids=" ".join,
)
@pytest.mark.usefixtures("worked")
def test_a_command_of_the_owner_ends_with_one_line(
    command: list[str], user: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """The message names both users, so that an operator knows which URL to use."""
    monkeypatch.setenv("DATABASE_URL", user)
    monkeypatch.setenv("RISKSENTINEL_HOME", str(tmp_path))

    ended = CliRunner().invoke(risksentinel, command)

    assert isinstance(ended.exception, Misconfigured)
    assert str(ended.exception) == (
        f"DATABASE_URL logs in as {USER}, and only the owner of the tables can do this: "
        "use the URL of risksentinel"
    )
