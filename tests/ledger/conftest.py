from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Engine

from risksentinel.assembly.container import Container
from tests.adapters.sql.emptied import cleared
from tests.ledger.kept import container_at, fill


@pytest.fixture
def container(engine: Engine, tmp_path: Path) -> Iterator[Container]:
    """A ledger on each kind of database, with an entry of each kind."""
    container = container_at(engine.url.render_as_string(hide_password=False), tmp_path)
    fill(container)
    yield container
    cleared(engine)  # before the container closes, when all decisions are computed again
    container.close()
