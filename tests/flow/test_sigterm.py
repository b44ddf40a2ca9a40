"""SIGTERM during a request, as a cluster sends it to gunicorn with a function."""

import json
import signal
import socket
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager
from itertools import count
from pathlib import Path
from threading import Event as Flag
from typing import Any

import pytest
import urllib3

from infra.devstack.servers.kafka import Kafka
from infra.devstack.servers.postgres import Postgres
from risksentinel.adapters.kafka.topics import KafkaTopics, needed_topics
from risksentinel.adapters.sql.outbox import SqlOutbox
from risksentinel.assembly.container import Container
from risksentinel.assembly.history_rebuild import remembered_payments
from risksentinel.assembly.payment_submission import submit_payments
from risksentinel.events import alert_updated, rules_changed, transaction_scored
from risksentinel.events.sources import INGEST
from risksentinel.migrations.migrate import migrate
from risksentinel.payment_formats.payment_document import document
from risksentinel.ports.stored_payment import StoredVerdict
from risksentinel.rules.defaults import DEFAULT_RULES
from risksentinel.seed import seed
from risksentinel.settings import Settings
from risksentinel.telemetry.metrics import FunctionMetrics
from tests.adapters.kafka.topics import events_of
from tests.flow.engine_process import EngineProcess, started, wait_until
from tests.flow.half_sent import HalfSent, whole_response
from tests.flow.test_functions_alone import RECEIVED
from tests.flow.test_one_command import DEMO

GUNICORN = [sys.executable, "-m", "gunicorn", "--config", "infra/gunicorn.conf.py"]
TIMED_DEMO = {**DEMO, "occurred_at": "2026-05-01T08:00:00Z"}
PAYMENTS = "/api/v1/transactions/"
Request = tuple[str, str, Any, dict[str, str]]
LARGE = "/redoc/assets/js/redoc.standalone.js"


@pytest.fixture(scope="module")
def servers() -> Iterator[dict[str, str]]:
    """A migrated PostgreSQL and a Kafka with its topics, for this module only."""
    with Postgres() as postgres, Kafka() as kafka:
        found = {**postgres.settings, **kafka.settings}
        migrate(found["DATABASE_URL"])
        broker = found["KAFKA_BOOTSTRAP_SERVERS"]
        KafkaTopics(broker).create(needed_topics(1, 1))
        container = Container(Settings.read({"DATABASE_URL": found["DATABASE_URL"]}))
        seed(container)
        container.close()
        yield found


def test_a_payment_in_progress_is_scored_and_published(
    servers: dict[str, str], tmp_path: Path
) -> None:
    """The client waits for the decision."""
    payment: Request = ("POST", PAYMENTS, _demo("i-1"), {})

    status, _ = _terminated_in_progress(servers, tmp_path, "ingest", payment)

    assert status == 201
    assert "i-1" in _published(servers, transaction_scored.TOPIC)


def test_an_event_in_progress_is_scored_and_published(
    servers: dict[str, str], tmp_path: Path
) -> None:
    """After the 2xx response the Kafka source does not deliver the event again."""
    event: Request = ("POST", "/", {**TIMED_DEMO, "id": "s-1"}, RECEIVED)

    status, _ = _terminated_in_progress(servers, tmp_path, "score", event)

    assert status == 204
    assert "s-1" in _published(servers, transaction_scored.TOPIC)


def test_a_change_of_an_alert_in_progress_is_stored_and_published(
    servers: dict[str, str], tmp_path: Path
) -> None:
    """The change of an analyst must not be lost."""
    alert = _an_alert(servers)
    change: Request = ("PATCH", f"/api/v1/alerts/{alert}", {"status": "acknowledged"}, {})

    status, _ = _terminated_in_progress(servers, tmp_path, "alert_dispatch", change)

    assert status == 200
    assert "a-1" in _published(servers, alert_updated.TOPIC)


def test_a_rule_in_progress_is_stored_and_published(
    servers: dict[str, str], tmp_path: Path
) -> None:
    """A new rule must not be lost."""
    rule = {**DEFAULT_RULES["za-cash-threshold"], "name": "written at the end"}
    created: Request = ("POST", "/api/v1/rules/", rule, {})

    status, answer = _terminated_in_progress(servers, tmp_path, "rules_crud", created)

    assert status == 201
    assert json.loads(answer)["id"] in _published(servers, rules_changed.TOPIC)


def test_a_response_in_progress_is_sent_completely(servers: dict[str, str], tmp_path: Path) -> None:
    """The dashboard only reads; its responses must not be cut off."""
    with _function("dashboard", servers, tmp_path) as engine, socket.socket() as slow:
        slow.settimeout(60)
        slow.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        slow.connect(("127.0.0.1", engine.port))
        slow.sendall(f"GET {LARGE} HTTP/1.1\r\nHost: localhost\r\n\r\n".encode())
        slow.recv(
            1, socket.MSG_PEEK
        )  # the start of the response; the receive buffer has no room for the rest

        engine.process.terminate()
        _wait_for_the_signal(engine)

        status, answer = whole_response(slow)
        assert engine.process.wait(60) == 0
    assert status == 200
    assert len(answer) > 500_000


def test_a_payment_after_the_signal_is_stored_with_a_response_or_not_stored(
    servers: dict[str, str], tmp_path: Path
) -> None:
    """A client without a response retries, and the retry must be the first payment with the id."""
    numbers, stop = count(), Flag()

    def pay_until_stopped(engine: EngineProcess) -> list[str]:
        answered = []
        while not stop.is_set():
            name = f"late-{next(numbers)}"
            try:
                status = engine.call("POST", PAYMENTS, _demo(name)).status
            except urllib3.exceptions.HTTPError:
                continue
            assert status == 201
            answered.append(name)
        return answered

    with _function("ingest", servers, tmp_path) as engine, ThreadPoolExecutor(8) as threads:
        paying = [threads.submit(pay_until_stopped, engine) for _ in range(8)]
        wait_until(lambda: next(numbers) > 50, "payments")
        code = engine.stop(signal.SIGTERM)
        stop.set()
        answered = {name for each in paying for name in each.result(60)}

    assert code == 0
    assert {name for name in _stored(servers) if name.startswith("late-")} == answered
    assert _pending(servers) == 0
    assert answered <= _published(servers, transaction_scored.TOPIC)


def _terminated_in_progress(
    servers: dict[str, str],
    folder: Path,
    target: str,
    request: Request,
) -> tuple[int, bytes]:
    """The response to a request whose body is sent after SIGTERM."""
    with _function(target, servers, folder) as engine:
        half = HalfSent.to(engine.port, *request)

        engine.process.terminate()
        _wait_for_the_signal(engine)
        answer = half.finish()

        assert engine.process.wait(60) == 0
    assert _pending(servers) == 0
    return answer


def _function(
    target: str, servers: dict[str, str], folder: Path
) -> AbstractContextManager[EngineProcess]:
    (folder / "home").mkdir()
    environment = {
        "FUNCTION_TARGET": target,
        "FUNCTION_SOURCE": f"functions/{target}/main.py",
        "LOG_LEVEL": "debug",
    }
    return started(GUNICORN, folder / "home", {**servers, **environment})


def _wait_for_the_signal(engine: EngineProcess) -> None:
    wait_until(lambda: "Handling signal: term" in engine.log.read_text(), "the signal")


def _demo(name: str) -> dict[str, str]:
    return {**DEMO, "id": name}


def _published(servers: dict[str, str], topic: str) -> set[str]:
    """The subjects of the events of a topic."""
    return {event.subject for event in events_of(servers["KAFKA_BOOTSTRAP_SERVERS"], topic)}


def _container(servers: dict[str, str]) -> Container:
    return Container(Settings.read({"DATABASE_URL": servers["DATABASE_URL"]}))


def _pending(servers: dict[str, str]) -> int:
    container = _container(servers)
    depth = SqlOutbox(container.engine).depth()
    container.close()
    return depth


def _stored(servers: dict[str, str]) -> set[str]:
    container = _container(servers)
    names = {kept.transaction.id for kept in remembered_payments(container)}
    container.close()
    return names


def _an_alert(servers: dict[str, str]) -> str:
    """The id of an alert that a payment raised; the next relay publishes the events."""
    container = _container(servers)
    submit = submit_payments(container, FunctionMetrics("test"))
    payment = {**_demo("a-1"), "sender_id": "ZA-9"}  # a sender without a payment to this receiver
    (scored,) = submit([document(payment)], INGEST, wait=True, traceparents=[None])
    container.close()
    assert isinstance(scored, StoredVerdict)
    assert scored.alert_id
    return scored.alert_id
