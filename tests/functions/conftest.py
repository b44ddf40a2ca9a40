import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from werkzeug.test import Client

from infra.local.gateway import Gateway
from infra.migrate import migrate
from infra.openapi import BUILDS
from risksentinel.assembly.backbone import Backbone
from risksentinel.runtime.settings import Settings

Submit = Callable[..., dict[str, Any]]
PAYMENT = {
    "sender_id": "acc-1",
    "receiver_id": "shop-1",
    "amount_zar": "120.00",
    "channel": "pos",
}


@pytest.fixture(scope="session")
def migrated(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated database without a row, to copy."""
    settings = Settings(risksentinel_home=tmp_path_factory.mktemp("migrated"))
    migrate(settings.database)
    return settings.risksentinel_home / "risksentinel.db"


@pytest.fixture
def backbone(migrated: Path, tmp_path: Path) -> Iterator[Backbone]:
    """Everything behind the functions, on a fresh embedded database."""
    shutil.copy(migrated, tmp_path)
    backbone = Backbone(Settings(risksentinel_home=tmp_path))
    yield backbone
    backbone.close()


@pytest.fixture
def api(backbone: Backbone) -> Client:
    """A caller of the five functions behind their gateway."""
    return Client(Gateway({name: build(backbone) for name, build in BUILDS.items()}))


@pytest.fixture
def submit(api: Client) -> Submit:
    """Send a payment with these differences, and get its verdict."""

    def send(**differences: object) -> dict[str, Any]:
        answer = api.post("/api/v1/transactions/", json={**PAYMENT, **differences})
        assert answer.status_code in {200, 201, 202}, answer.text
        return dict(answer.get_json(force=True))

    return send
