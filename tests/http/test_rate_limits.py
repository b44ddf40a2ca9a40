"""Rate limits of callers over HTTP."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from flask.testing import FlaskClient

from functions.ingest.main import build
from risksentinel.assembly.container import Container
from risksentinel.migrations.migrate import migrate
from risksentinel.settings import Settings
from tests.flow.test_one_command import DEMO

PAYMENTS = "/api/v1/transactions/"


@pytest.fixture
def client(tmp_path: Path) -> Iterator[FlaskClient]:
    """The function ingest with a rate of three requests an hour."""
    settings = Settings.read({"RISKSENTINEL_HOME": str(tmp_path), "RATE_LIMIT": "3/hour"})
    migrate(settings.database)
    container = Container(settings)
    yield build(container).test_client()
    container.close()


def test_a_caller_beyond_its_rate_gets_429(client: FlaskClient) -> None:
    """Clients wait by the header Retry-After."""
    statuses = [client.post(PAYMENTS, json=DEMO).status_code for _ in range(3)]

    refused = client.post(PAYMENTS, json=DEMO)

    assert statuses == [201, 200, 200]
    assert refused.status_code == 429
    assert refused.json is not None
    assert refused.json["type"] == "urn:risksentinel:problem:rate-limited"
    assert 1 <= int(refused.headers["Retry-After"]) <= 3600


def test_a_batch_costs_its_payments(client: FlaskClient) -> None:
    """A batch must not be a way around the rate."""
    batch = {"transactions": [DEMO, DEMO, DEMO]}

    assert client.post(f"{PAYMENTS}batch", json=batch).status_code == 200
    assert client.post(PAYMENTS, json=DEMO).status_code == 429


def test_probes_cost_nothing(client: FlaskClient) -> None:
    """A platform's probes have no caller."""
    assert {client.get("/health/readiness").status_code for _ in range(5)} == {200}
