import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Engine

from risksentinel.assembly.container import Container
from risksentinel.migrations.migrate import migrate
from tests.ledger.kept import container_at, fill


@pytest.fixture
def container(engine: Engine, tmp_path: Path) -> Iterator[Container]:
    """A ledger on each kind of database, with an entry of each kind."""
    container = container_at(engine.url.render_as_string(hide_password=False), tmp_path)
    fill(container)
    yield container
    container.close()


@pytest.fixture(scope="session")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with such a ledger on SQLite, to copy."""
    folder = tmp_path_factory.mktemp("filled")
    url = f"sqlite:///{folder / 'risksentinel.db'}"
    migrate(url)
    container = container_at(url, folder)
    fill(container)
    container.close()
    return folder


@pytest.fixture
def copied(filled: Path, tmp_path: Path) -> Path:
    """A copy of it."""
    return Path(shutil.copytree(filled, tmp_path / "copy"))
