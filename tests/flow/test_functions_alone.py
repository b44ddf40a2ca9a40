"""Each function alone, as `functions-framework` serves it."""

from pathlib import Path

import pytest

from risksentinel.rules.defaults import DEFAULT_RULES
from tests.flow.engine_process import BIN, EngineProcess, started
from tests.flow.test_one_command import DEMO
from tests.seeded import seeded

RECEIVED = {
    "ce-specversion": "1.0",
    "ce-id": "e1",
    "ce-source": "/test",
    "ce-type": "za.risksentinel.transaction.received.v1",
}


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """A migrated database with the default rules."""
    return seeded(tmp_path).risksentinel_home


def _ingest(engine: EngineProcess) -> None:
    assert engine.call("POST", "/api/v1/transactions/", DEMO).status == 201
    assert engine.call("GET", "/api/v1/transactions/demo-1").body["status"] != "received"


def _score(engine: EngineProcess) -> None:
    payment = {**DEMO, "occurred_at": "2026-05-01T08:00:00Z"}
    assert engine.call("POST", "/", payment, RECEIVED).status == 204
    assert engine.call("POST", "/", payment, RECEIVED).status == 204
    refused = engine.call("POST", "/", {**payment, "amount_zar": -1}, RECEIVED)
    assert refused.status == 422
    assert "amount_zar" in refused.headers["Kne-Reason"]


def _alert_dispatch(engine: EngineProcess) -> None:
    assert engine.call("GET", "/api/v1/alerts/").body["items"] == []


def _rules_crud(engine: EngineProcess) -> None:
    assert len(engine.call("GET", "/api/v1/rules/").body["items"]) == len(DEFAULT_RULES)


def _dashboard(engine: EngineProcess) -> None:
    assert engine.call("GET", "/api/v1/dashboard/summary").status == 200
    assert engine.call("GET", "/openapi.json").body["openapi"].startswith("3.1")


WORKS = {
    "ingest": _ingest,
    "score": _score,
    "alert_dispatch": _alert_dispatch,
    "rules_crud": _rules_crud,
    "dashboard": _dashboard,
}


@pytest.mark.parametrize("name", WORKS)
def test_a_function_serves_alone(name: str, home: Path) -> None:
    """Each function is deployed, scaled and rolled back independently of the others."""
    command = [str(BIN / "functions-framework"), "--source", f"functions/{name}/main.py"]
    command += ["--target", name, "--host", "127.0.0.1"]
    with started(command, home, {"THREADS": "4"}) as engine:
        WORKS[name](engine)
        metrics = engine.call("GET", "/metrics")

    assert metrics.status == 200
    assert b"risksentinel_requests_total" in metrics.body


def test_a_function_without_a_schema_names_the_command_to_run(tmp_path: Path) -> None:
    """A revision that cannot work must not become ready, and must give the reason."""
    command = [str(BIN / "functions-framework"), "--source", "functions/score/main.py"]
    command += ["--target", "score", "--host", "127.0.0.1"]
    (tmp_path / "home").mkdir()

    with started(command, tmp_path / "home", statuses=(503,)) as engine:
        refused = engine.call("GET", "/health/readiness").body
        log = engine.log.read_text()

    assert "risksentinel migrate" in refused["detail"]
    assert "risksentinel migrate" in log
    assert "Traceback" not in log
