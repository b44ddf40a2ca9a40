"""An async payment leads to a score, an alert and a webhook; a failed webhook to a dead letter."""

import json
import subprocess
from pathlib import Path

import pytest
from standardwebhooks import Webhook

from tests.flow.engine_process import BIN, EngineProcess, serving, wait_until
from tests.flow.test_one_command import DEMO
from tests.flow.webhook_receiver import Receiver, receiver

SECRET = "whsec_" + "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
ORIGIN = "00-" + "a" * 32 + "-" + "b" * 16 + "-01"


def _settings(*receivers: Receiver) -> dict[str, str]:
    return {
        "WEBHOOK_URLS": " ".join(one.url for one in receivers),
        "WEBHOOK_SECRET": SECRET,
        "WEBHOOK_ALLOW_PRIVATE": "true",
    }


def _post_async(engine: EngineProcess, name: str) -> None:
    prefer = {"Prefer": "respond-async", "traceparent": ORIGIN}
    answer = engine.call("POST", "/api/v1/transactions/", {**DEMO, "id": name}, prefer)
    assert answer.status == 202
    assert answer.headers["Location"].endswith(f"/{name}")


def test_an_async_payment_reaches_the_webhook_signed(tmp_path: Path) -> None:
    """The path is ingest -> outbox -> score -> outbox -> alert-dispatch -> webhook."""
    with receiver() as hook, serving(tmp_path / "home", **_settings(hook)) as engine:
        _post_async(engine, "t1")
        wait_until(lambda: len(hook.got) == 1, "the webhook")
        detail = engine.call("GET", "/api/v1/transactions/t1").body

    headers, body = hook.got[0]
    payload = Webhook(SECRET).verify(body, headers)
    assert payload["data"]["transaction_id"] == "t1"
    assert detail["alert_id"] == payload["data"]["alert_id"]


def test_a_retry_goes_only_to_the_endpoint_that_failed(tmp_path: Path) -> None:
    """An endpoint that has the alert must not get it again because another endpoint failed."""
    with (
        receiver() as healthy,
        receiver(500, 503) as failing,
        serving(tmp_path / "home", **_settings(healthy, failing)) as engine,
    ):
        _post_async(engine, "t1")
        wait_until(lambda: len(failing.got) == 3, "the third attempt")

    ids = {headers["webhook-id"] for headers, _ in [*healthy.got, *failing.got]}
    assert len(healthy.got) == 1
    assert len(ids) == 1


@pytest.mark.parametrize("mode", ["binary", "structured", "batch"])
def test_a_cloudevent_becomes_a_score(mode: str, tmp_path: Path) -> None:
    """The payment broker may use each of the three modes of CloudEvents over HTTP."""
    attributes = {
        "specversion": "1.0",
        "id": "e1",
        "source": "/broker",
        "type": "za.risksentinel.payment.submitted.v1",
    }
    structured = {**attributes, "data": {**DEMO, "id": "t1"}}
    sent = {
        "binary": (structured["data"], {f"ce-{name}": value for name, value in attributes.items()}),
        "structured": (structured, {"Content-Type": "application/cloudevents+json"}),
        "batch": (
            [structured, {**structured, "id": "e2", "data": {"amount_zar": 1}}],
            {"Content-Type": "application/cloudevents-batch+json"},
        ),
    }
    with serving(tmp_path / "home") as engine:
        answer = engine.call("POST", "/api/v1/transactions/events", *sent[mode])
        wait_until(
            lambda: engine.call("GET", "/api/v1/transactions/t1/score").status == 200, "the score"
        )

    if mode == "batch":
        assert answer.status == 207
        assert [line["status"] for line in answer.body] == [204, 422]
        assert "sender_id" in answer.body[1]["reason"]
    else:
        assert (answer.status, answer.body) == (204, b"")


def test_an_alert_to_a_gone_webhook_becomes_a_dead_letter_and_is_replayed(tmp_path: Path) -> None:
    """The dead letter is stored with its reason, and can be listed, shown and replayed."""
    home = tmp_path / "home"
    with receiver(410) as hook, serving(home, **_settings(hook)) as engine:
        _post_async(engine, "t1")
        wait_until(lambda: "alerts.raised" in _dlq(home, "list"), "the dead letter")
        alert_id = engine.call("GET", "/api/v1/transactions/t1").body["alert_id"]
        deliveries = engine.call("GET", f"/api/v1/alerts/{alert_id}").body["deliveries"]
        listed = _dlq(home, "list")
        letter_id = listed.split()[1]
        shown = json.loads(_dlq(home, "show", letter_id))
        replayed = _dlq(home, "replay", letter_id)
        wait_until(lambda: len(hook.got) == 2, "the replayed delivery")
        wait_until(lambda: not _dlq(home, "list"), "the end of the dead letter")

    assert [(each["status"], each["attempts"]) for each in deliveries] == [("failed", 1)]
    assert "410" in listed
    assert shown["event"]["subject"] == "t1"
    assert shown["event"]["traceparent"] == ORIGIN
    assert "1 replayed" in replayed


def test_no_account_number_is_in_the_logs(tmp_path: Path) -> None:
    """Account numbers are personal information under POPIA, and many people read logs."""
    sender, receiver_id = "ZA-4998871234", "ZA-5550009876"
    body = {**DEMO, "sender_id": sender, "receiver_id": receiver_id}
    with receiver(500) as hook, serving(tmp_path / "home", **_settings(hook)) as engine:
        engine.call("POST", "/api/v1/transactions/", body)
        engine.call("POST", "/api/v1/transactions/", {**body, "amount_zar": sender})
        engine.call("GET", f"/api/v1/transactions/?sender_id={sender}")
        engine.call("POST", "/api/v1/transactions/events", {**body, "rail": sender})
        wait_until(lambda: len(hook.got) == 2, "the webhook")
        engine.stop()
        log = engine.log.read_text()

    lines = [json.loads(line) for line in log.splitlines() if line.startswith("{")]
    assert sender not in log
    assert receiver_id not in log
    assert {line["event"] for line in lines} >= {"request"}


def _dlq(home: Path, *arguments: str) -> str:
    ended = subprocess.run(  # noqa: S603
        [str(BIN / "risksentinel"), "dlq", *arguments],
        env={"RISKSENTINEL_HOME": str(home)},
        capture_output=True,
        text=True,
        timeout=20,
        check=True,
    )
    return ended.stdout
