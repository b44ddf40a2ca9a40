"""Cold starts of real functions."""

import os
import signal
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from infra.devstack.servers.ports import free_port
from risksentinel.adapters.sql.transaction_records import SqlTransactionRecords
from risksentinel.assembly.container import Container
from risksentinel.ports.transaction_records import TransactionFilter
from risksentinel.settings import Settings
from tests.infra.devstack.activator.activated import TIMEOUT, activated
from tests.infra.devstack.stack.stack_process import lives, wait_until
from tests.seeded import seeded

WAKE_UPS = 20
REQUESTS = 1_000
AT_ONCE = 10
GUNICORN = (sys.executable, "-m", "gunicorn", "--config", "infra/gunicorn.conf.py")
NEVER_READY = (sys.executable, "-m", "http.server", "--bind", "127.0.0.1")


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """The settings of a migrated database with the default rules."""
    return seeded(tmp_path)


def _function(settings: Settings, target: str) -> dict[str, str]:
    return {
        "RISKSENTINEL_HOME": str(settings.risksentinel_home),
        "FUNCTION_TARGET": target,
        "FUNCTION_SOURCE": f"functions/{target}/main.py",
    }


def test_a_thousand_payments_across_twenty_cold_starts_are_accepted(
    settings: Settings, tmp_path: Path
) -> None:
    """No payment is lost, although half of the cold starts begin while the process stops."""
    each = REQUESTS // WAKE_UPS
    with (
        activated(
            tmp_path / "log", GUNICORN, {"--idle": "0.05"}, _function(settings, "ingest")
        ) as active,
        ThreadPoolExecutor(AT_ONCE) as threads,
    ):

        def pay(number: int) -> int:
            payment = {
                "id": f"p-{number}",
                "sender_id": f"ZA-{number % 7}",
                "receiver_id": "ZA-2002",
                "amount_zar": "12.50",
                "channel": "pos",
            }
            return active.ask("POST", "/api/v1/transactions/", payment).status

        statuses: list[int] = []
        for started in range(WAKE_UPS):
            at_rest = "stopping" if started % 2 else "stopped"
            wait_until(lambda: active.times(at_rest) == started, "the end of the last process")  # noqa: B023 - called here
            statuses += threads.map(pay, range(started * each, (started + 1) * each))
        wait_until(lambda: not active.processes, "the last one's end")

        assert statuses == [201] * REQUESTS
        assert active.times("ready") == WAKE_UPS
        assert active.times("failed") == 0
    assert _kept(settings) == REQUESTS


def test_no_process_is_left_when_the_activator_ends(settings: Settings, tmp_path: Path) -> None:
    """No process remains, because it would keep the port of the next one."""
    environment = _function(settings, "rules_crud")
    with activated(tmp_path / "log", GUNICORN, {}, environment) as active:
        assert active.ask("GET", "/api/v1/rules/").status == 200
        processes = active.processes

    assert processes
    assert not any(map(lives, processes))
    assert active.process.returncode == 0


def test_a_function_with_a_wrong_setting_is_reported(settings: Settings, tmp_path: Path) -> None:
    """The response says that the function does not start; its log has the cause."""
    environment = {**_function(settings, "rules_crud"), "THREADS": "many"}
    with activated(tmp_path / "log", GUNICORN, {"--start-timeout": "5"}, environment) as active:
        answer = active.ask("GET", "/api/v1/rules/")

    assert answer.status == 503
    assert answer.headers["Retry-After"] == "1"
    assert answer.headers["Content-Type"] == "application/problem+json"
    told = "sample could not be started: it exited with status 1 before it was ready"
    assert answer.json()["detail"] == told
    assert "THREADS must be a whole number" in active.log.read_text()


def test_a_function_that_is_never_ready_is_reported(tmp_path: Path) -> None:
    """A server whose readiness check fails is reported."""
    command = [*NEVER_READY, str(port := free_port())]
    options = {"--start-timeout": "1", "--port": str(port)}
    with activated(tmp_path / "log", command, options, {}) as active:
        wait_until(
            lambda: b"was not ready within 1 s" in active.ask("GET", "/").data, "its failure"
        )


def test_a_killed_process_is_replaced(settings: Settings, tmp_path: Path) -> None:
    """After a kill the next request starts a process."""
    environment = _function(settings, "rules_crud")
    with activated(tmp_path / "log", GUNICORN, {}, environment) as active:
        assert active.ask("GET", "/api/v1/rules/").status == 200

        (pid,) = active.processes
        os.kill(pid, signal.SIGKILL)

        assert active.ask("GET", "/api/v1/rules/", timeout=TIMEOUT).status == 200


def _kept(settings: Settings) -> int:
    container = Container(settings)
    records, after, count = SqlTransactionRecords(container.engine), None, 0
    while True:
        page = records.transactions(TransactionFilter(), after, 200)
        count += len(page.items)
        if page.following is None:
            container.close()
            return count
        after = page.following
