from collections.abc import Iterator

import pytest
import urllib3

from infra.devstack.stack.topology import CONNECTIONS, FUNCTIONS
from tests.infra.devstack.stack.stack_process import StackProcess, family, stack, wait_until

PAYMENT = {
    "id": "at-rest-1",
    "sender_id": "ZA-1001",
    "receiver_id": "ZA-2002",
    "amount_zar": "75000.00",
    "channel": "mobile_banking",
}


@pytest.fixture(scope="module")
def resting(tmp_path_factory: pytest.TempPathFactory) -> Iterator[StackProcess]:
    """A stack whose functions stop after one idle second."""
    settings = {**dict.fromkeys(CONNECTIONS, ""), "ACTIVATOR": "1"}
    home = tmp_path_factory.mktemp("resting") / "home"
    with stack(home, settings, "--idle", "1") as running:
        yield running


def test_a_payment_without_processes_is_scored(resting: StackProcess) -> None:
    """Requests and events start the functions that they need, which stop again afterwards."""
    wait_until(lambda: not _processes(resting), "rest")

    accepted = urllib3.request(
        "POST",
        f"{resting.url}/api/v1/transactions/",
        json=PAYMENT,
        headers={"Prefer": "respond-async"},
        timeout=60,
    )
    wait_until(lambda: bool(_processes(resting, "score")), "the source to wake score")
    wait_until(
        lambda: bool(_processes(resting, "alert-dispatch")), "the alert to wake alert-dispatch"
    )
    wait_until(lambda: not _processes(resting), "rest")

    path = "/api/v1/transactions/at-rest-1/score"
    assert accepted.status == 202
    assert urllib3.request("GET", resting.url + path, timeout=60).status == 200


def _processes(running: StackProcess, *names: str) -> list[int]:
    """Return the processes of these functions, without the activators."""
    pids = running.pids
    return [
        process
        for name in names or [function.name for function in FUNCTIONS]
        for process in family(pids[name])[1:]
    ]
