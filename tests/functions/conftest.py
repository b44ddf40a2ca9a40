import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from werkzeug.test import Client

from infra.migrate import migrate
from risksentinel.assembly.backbone import Backbone
from risksentinel.runtime.settings import Settings
from tests.functions.caller import NOW, caller


@pytest.fixture(scope="session")
def migrated(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated database without a row, to copy."""
    settings = Settings(risksentinel_home=tmp_path_factory.mktemp("migrated"))
    migrate(settings.database)
    return settings.risksentinel_home / "risksentinel.db"


@pytest.fixture
def backbone(migrated: Path, tmp_path: Path) -> Iterator[Backbone]:
    """Everything behind the functions, on a fresh embedded database, at noon of a day."""
    shutil.copy(migrated, tmp_path)
    backbone = Backbone(Settings(risksentinel_home=tmp_path), clock=lambda: NOW)
    yield backbone
    backbone.close()


@pytest.fixture
def api(backbone: Backbone) -> Client:
    """A caller of the functions behind their gateway."""
    return caller(backbone)
