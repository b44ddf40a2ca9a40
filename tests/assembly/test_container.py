from pathlib import Path

import pytest
from sqlalchemy import Engine

from risksentinel.assembly.container import Container, built_once
from risksentinel.errors import NotMigrated
from risksentinel.migrations.migrate import migrate
from risksentinel.settings import Settings


@pytest.fixture
def container(tmp_path: Path) -> Container:
    """A container whose database has no schema."""
    return Container(Settings(risksentinel_home=tmp_path))


@built_once
def part(_: Container) -> list[str]:
    """A part that no other container has."""
    return []


def test_a_container_has_one_of_each_part(container: Container, tmp_path: Path) -> None:
    """Two clients in one process would double its connections."""
    other = Container(Settings(risksentinel_home=tmp_path))

    assert part(container) is part(container)
    assert part(container) is not part(other)


def test_the_last_closing_action_runs_first(container: Container) -> None:
    """A part that was built later may use a part that was built earlier."""
    done: list[str] = []
    container.on_close(lambda: done.append("first"))
    container.on_close(lambda: done.append("second"))

    container.close()
    container.close()

    assert done == ["second", "first"]


def test_a_closing_action_that_fails_does_not_prevent_the_others(container: Container) -> None:
    """A client that cannot be closed must not keep the connections to the database."""
    done: list[str] = []
    container.on_close(lambda: done.append("first"))
    container.on_close(lambda: 1 / 0)

    with pytest.raises(ZeroDivisionError):
        container.close()

    assert done == ["first"]


def test_a_failed_part_is_built_again(container: Container) -> None:
    """After the migration the same container opens the database."""
    with pytest.raises(NotMigrated):
        part_with_engine(container)

    migrate(container.settings.database)

    assert part_with_engine(container) is container.engine
    container.close()


@built_once
def part_with_engine(container: Container) -> Engine:
    """A part that needs the database."""
    return container.engine
