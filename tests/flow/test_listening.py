"""Where a process may listen without authentication, and an engine that asks for keys."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.flow.engine_process import BIN, TIMEOUT_SECONDS, free_port, serving, wait_until

ANYWHERE = "0.0.0.0"  # noqa: S104 - the address that must be refused
GUNICORN = [sys.executable, "-m", "gunicorn", "--config", "infra/gunicorn.conf.py"]
PAYMENT = {"id": "p-1", "sender_id": "ZA290000000012345678", "receiver_id": "ZA290000000087654321"}
LARGE = {**PAYMENT, "amount_zar": "750000.00", "channel": "pos"}


def environ(home: Path, **settings: str) -> dict[str, str]:
    """The variables of a process with its data in this folder."""
    ours = {"PORT": str(free_port()), "RISKSENTINEL_HOME": str(home), "AUTH": ""}
    function = {"FUNCTION_TARGET": "ingest", "FUNCTION_SOURCE": "functions/ingest/main.py"}
    urls = {f"{name}_URL": "http://127.0.0.1:9" for name in ("INGEST", "ALERT_DISPATCH")}
    urls |= {f"{name}_URL": "http://127.0.0.1:9" for name in ("RULES_CRUD", "DASHBOARD")}
    return {**os.environ, **ours, **function, **urls, **settings}  # noqa: TID251 - of a child process


def keys(home: Path, *arguments: str) -> str:
    """The standard output of `risksentinel keys`."""
    command = [str(BIN / "risksentinel"), "keys", *arguments]
    ended = subprocess.run(  # noqa: S603
        command, env=environ(home), capture_output=True, text=True, check=True
    )
    return ended.stdout


@pytest.mark.parametrize(
    ("command", "host"),
    [
        ([str(BIN / "risksentinel"), "serve"], ANYWHERE),
        ([str(BIN / "risksentinel"), "serve"], "::"),
        (GUNICORN, ANYWHERE),
        ([*GUNICORN, "--bind", f"{ANYWHERE}:0"], "127.0.0.1"),
        ([sys.executable, "-m", "infra.devstack.gateway.server"], ANYWHERE),
    ],
    ids=["serve", "serve-ipv6", "gunicorn", "gunicorn-bind", "gateway"],
)
def test_without_auth_no_process_listens_where_other_machines_reach_it(
    command: list[str], host: str, tmp_path: Path
) -> None:
    """Otherwise everybody in the network reads accounts and changes rules."""
    ended = subprocess.run(  # noqa: S603
        command,
        env=environ(tmp_path, HOST=host),
        capture_output=True,
        text=True,
        timeout=TIMEOUT_SECONDS,
        check=False,
    )

    assert ended.returncode != 0
    assert "set AUTH to keys or oidc" in ended.stderr


def test_a_gateway_that_authenticates_is_said_explicitly(tmp_path: Path) -> None:
    """AUTH=none opens the address, and readiness says what it means."""
    with serving(tmp_path, HOST=ANYWHERE, AUTH="none") as engine:
        checks = engine.call("GET", "/health/readiness").body["checks"]
        metrics = engine.call("GET", "/metrics")

    assert "gateway" in checks["authentication"]
    assert metrics.status == 404  # the platform's, not everybody's


def test_a_fresh_engine_on_loopback_needs_no_set_up(tmp_path: Path) -> None:
    """`make run` works at once; the caller is `local`."""
    with serving(tmp_path) as engine:
        assert engine.call("POST", "/api/v1/transactions", LARGE).status == 201
        assert engine.call("GET", "/api/v1/transactions/p-1").body["sender_id"].endswith("12345678")
        assert engine.call("GET", "/metrics").status == 200


def test_an_engine_with_keys_serves_their_holders_and_delivers_events(tmp_path: Path) -> None:
    """Events between the functions need no key; a key of another process works at once."""
    with serving(tmp_path, AUTH="keys") as engine:
        roles = ("--role", "submitter", "--role", "analyst")
        key = keys(tmp_path, "create", "--name", "core", *roles).strip()
        bearer = {"Authorization": f"Bearer {key}"}
        without = engine.call("POST", "/api/v1/transactions", LARGE)
        later = {"Prefer": "respond-async", **bearer}
        accepted = engine.call("POST", "/api/v1/transactions", LARGE, later)

        def scored() -> bool:
            shown = engine.call("GET", "/api/v1/transactions/p-1", headers=bearer).body
            return shown["score"] is not None and shown["sender_id"] == "****5678"

        wait_until(scored, "the payment to be scored")
        wait_until(lambda: "last used 20" in keys(tmp_path, "list"), "the use to be stored")

    assert (without.status, accepted.status) == (401, 202)
    assert key not in engine.log.read_text()
