"""The webhook handshake of CloudEvents on the routes that take events."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.flow.engine_process import BIN, EngineProcess, started
from tests.seeded import seeded

PATHS = ("/", "/api/v1/transactions/events")
ASKED = {"WebHook-Request-Origin": "Bank.example.com", "WebHook-Request-Rate": "120"}
ALLOWED = "webhook-allowed-origin"
RATE = "webhook-allowed-rate"
EVENT = {
    "ce-specversion": "1.0",
    "ce-id": "e1",
    "ce-source": "/bank",
    "ce-type": "za.risksentinel.payment.submitted.v1",
}
PAYMENT = {"sender_id": "acc-1", "receiver_id": "shop-1", "amount_zar": "120.00", "channel": "pos"}


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """A migrated database with the default rules."""
    return seeded(tmp_path).risksentinel_home


@contextmanager
def ingest(home: Path, **settings: str) -> Iterator[EngineProcess]:
    """The function behind functions-framework, with these settings."""
    command = [str(BIN / "functions-framework"), "--source", "functions/ingest/main.py"]
    command += ["--target", "ingest", "--host", "127.0.0.1"]
    with started(command, home, {"THREADS": "2", **settings}) as engine:
        yield engine


def permission(engine: EngineProcess, path: str, asked: dict[str, str]) -> tuple[str | None, ...]:
    """The status of the handshake, the allowed origin and the rate."""
    answer = engine.call("OPTIONS", path, None, asked)
    found = {name.lower(): value for name, value in answer.headers.items()}
    return str(answer.status), found.get(ALLOWED), found.get(RATE)


def test_a_sender_that_is_named_may_send_and_does(home: Path) -> None:
    """An allowed sender gets the permission that the specification requires."""
    settings = {"EVENT_WEBHOOK_ORIGINS": "bank.example.com", "EVENT_WEBHOOK_RATE": "600"}
    with ingest(home, **settings) as engine:
        granted = [permission(engine, path, ASKED) for path in PATHS]
        stranger = permission(engine, "/", {"WebHook-Request-Origin": "evil.example.com"})
        unasked = permission(engine, "/", {})
        delivered = engine.call("POST", "/", PAYMENT, {**EVENT, "Origin": "bank.example.com"})

    assert granted == [("200", "Bank.example.com", "600")] * 2
    assert stranger[1:] == unasked[1:] == (None, None)
    assert delivered.status == 204


def test_every_sender_is_allowed_without_a_limit_if_set_so(home: Path) -> None:
    """`*` allows every sender, for a gateway that authenticates senders."""
    with ingest(home, EVENT_WEBHOOK_ORIGINS="*") as engine:
        granted = permission(engine, "/", {"WebHook-Request-Origin": "bank.example.com"})

    assert granted == ("200", "bank.example.com", "*")


def test_no_sender_is_allowed_by_default(home: Path) -> None:
    """Without a setting no sender is allowed."""
    with ingest(home) as engine:
        refused = permission(engine, "/", ASKED)

    assert refused[1:] == (None, None)
