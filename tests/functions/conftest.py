import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from werkzeug.test import Client

from risksentinel.assembly.backbone import Backbone
from risksentinel.embedded.gateway import Gateway
from risksentinel.migrations.migrate import migrate
from risksentinel.seed import seed
from risksentinel.settings import Settings
from tests.functions.caller import NOW, caller
from tests.functions.caller import gateway as gateway_of


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


@pytest.fixture(scope="module")
def gateway(migrated: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Gateway]:
    """The five functions on one database, with the default rules, at noon of a day."""
    home = tmp_path_factory.mktemp("contract")
    shutil.copy(migrated, home)
    backbone = Backbone(Settings(risksentinel_home=home), clock=lambda: NOW)
    seed(backbone)
    yield gateway_of(backbone)
    backbone.close()
