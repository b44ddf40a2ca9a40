"""`risksentinel serve`, as `make run` starts it for a new user."""

import signal
import subprocess
from pathlib import Path

from tests.flow.engine_process import BIN, free_port, serving, wait_until

DEMO = {
    "id": "demo-1",
    "sender_id": "ZA-1001",
    "receiver_id": "ZA-2002",
    "amount_zar": "75000.00",
    "channel": "mobile_banking",
}


def test_the_demo_payment_gets_a_score_reasons_and_an_alert(tmp_path: Path) -> None:
    """The README promises this result for the first payment."""
    with serving(tmp_path / "home") as engine:
        created = engine.call("POST", "/api/v1/transactions/", DEMO)
        alerts = engine.call("GET", "/api/v1/alerts/")
        receipt = engine.call("GET", "/api/v1/transactions/demo-1/score")

    assert created.status == 201
    assert created.body["decision"] in {"review", "decline"}
    assert created.body["alert_id"] in [alert["id"] for alert in alerts.body["items"]]
    assert any("R50,000" in reason for reason in receipt.body["reasons"])


def test_the_greeting_names_the_address_and_the_data_folder(tmp_path: Path) -> None:
    """A new user needs the address, a command to copy and the folder to back up."""
    with serving(tmp_path / "home") as engine:
        greeting = engine.log.read_text()

    assert f"http://127.0.0.1:{engine.port}" in greeting
    assert "curl" in greeting
    assert str(tmp_path / "home") in greeting


def test_accepted_payments_are_there_after_ctrl_c_and_a_restart(tmp_path: Path) -> None:
    """A restart restores the payment, its alert and the habits of its sender."""
    home = tmp_path / "home"
    with serving(home) as engine:
        small = {**DEMO, "id": "lunch", "amount_zar": "120.00", "channel": "pos"}
        engine.call("POST", "/api/v1/transactions/", small)
        first = engine.call("POST", "/api/v1/transactions/", DEMO)
        code = engine.stop(signal.SIGINT)
    with serving(home) as engine:
        again = engine.call("POST", "/api/v1/transactions/", DEMO)
        next_one = engine.call("POST", "/api/v1/transactions/", {**DEMO, "id": "demo-2"})
        receipt = engine.call("GET", "/api/v1/transactions/demo-2/score").body

    assert code == 0
    assert (first.status, again.status, next_one.status) == (201, 200, 201)
    assert again.body == first.body
    assert receipt["signals"]["velocity"]["details"]["count"] == 3
    assert (
        receipt["signals"]["anomaly"]["details"]["payments"] == 1
    )  # the demo payment is under review


def test_kill_nine_loses_no_accepted_payment(tmp_path: Path) -> None:
    """A payment with a 2xx response is stored and scored once; its alert follows the restart."""
    home = tmp_path / "home"
    accepted = []
    with serving(home) as engine:
        for number in range(60):
            body = {**DEMO, "id": f"p-{number}", "sender_id": f"S-{number}"}
            wait = {} if number % 2 else {"Prefer": "respond-async"}
            answer = engine.call("POST", "/api/v1/transactions/", body, wait)
            assert answer.status in {201, 202}
            accepted.append(body["id"])
        engine.stop(signal.SIGKILL)
    with serving(home) as engine:
        for name in accepted:
            wait_until(
                lambda name=name: (
                    engine.call(  # type: ignore[misc]  # bound now
                        "GET", f"/api/v1/transactions/{name}/score"
                    ).status
                    == 200
                ),
                f"the score of {name}",
            )
        alerts = engine.call("GET", "/api/v1/alerts/?limit=200").body["items"]

    assert sorted(alert["transaction_id"] for alert in alerts) == sorted(accepted)


def test_a_second_engine_on_the_same_data_is_refused(tmp_path: Path) -> None:
    """Each engine has a history in memory, without the payments of the other engine."""
    with serving(tmp_path / "home"):
        second = subprocess.run(  # noqa: S603
            [str(BIN / "risksentinel"), "serve"],
            env={"RISKSENTINEL_HOME": str(tmp_path / "home"), "PORT": str(free_port())},
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )

    assert second.returncode == 2
    assert "an engine is running" in second.stderr
    assert "Traceback" not in second.stderr


def test_a_wrong_setting_stops_the_start_in_one_line(tmp_path: Path) -> None:
    """The operator needs the names of the settings, not a traceback."""
    ended = subprocess.run(  # noqa: S603
        [str(BIN / "risksentinel"), "serve"],
        env={"RISKSENTINEL_HOME": str(tmp_path), "PORT": "x", "RISK_SCORE_HIGH": "70"},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )

    assert ended.returncode == 2
    assert "PORT" in ended.stderr
    assert "RISK_SCORE_HIGH" in ended.stderr
    assert ended.stderr.count("\n") == 1
