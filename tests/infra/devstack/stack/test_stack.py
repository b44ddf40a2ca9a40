import json
import os
import signal
import stat
import subprocess
from collections.abc import Iterator
from contextlib import closing

import pytest
import urllib3

from infra.devstack.stack.topology import CONNECTIONS, FUNCTIONS, SOURCES
from risksentinel.adapters.kafka.log import KafkaLog
from risksentinel.adapters.kafka.publisher import KafkaPublisher
from risksentinel.adapters.kafka.sender import KafkaSender
from risksentinel.adapters.system_clock import now
from risksentinel.events import fraud_confirmed, payment_submitted
from risksentinel.events.event import Event
from risksentinel.ports.publishing import Outcome
from risksentinel.text import rfc3339
from tests.infra.devstack.stack.stack_process import StackProcess, family, lives, stack, wait_until
from tests.infra.kafka_source.producers import kcat

PAYMENT = {
    "sender_id": "ZA-1001",
    "receiver_id": "ZA-2002",
    "amount_zar": "75000.00",
    "channel": "mobile_banking",
}
SERVERS = {"postgres", "redis", "kafka", "minio"}


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Iterator[StackProcess]:
    """A stack with local servers."""
    nobodys = dict.fromkeys(CONNECTIONS, "")
    with stack(tmp_path_factory.mktemp("stack") / "home", nobodys) as running:
        yield running


def test_a_payment_through_the_gateway_is_published_on_kafka(
    whole: StackProcess,
) -> None:
    """Once stack.env exists, a payment is scored and published."""
    created = _pay(whole, "flow-1")

    wait_until(lambda: "flow-1" in _subjects(whole, "transactions.scored"), "the verdict on Kafka")
    assert created.status == 201


def test_an_asynchronous_payment_is_scored_from_kafka(whole: StackProcess) -> None:
    """The source delivers an asynchronous payment to score."""
    taken = _pay(whole, "flow-2", Prefer="respond-async")

    wait_until(lambda: _is_scored(whole, "flow-2"), "the score of flow-2")
    assert taken.status == 202


def test_payments_that_kcat_compresses_are_scored(whole: StackProcess) -> None:
    """Payments in every codec are scored, because producers choose the codec."""
    codecs = ("gzip", "snappy", "lz4", "zstd")
    for codec in codecs:
        paid = {**PAYMENT, "id": f"kcat-{codec}", "occurred_at": rfc3339.to_text(now())}
        servers = whole.environment["KAFKA_BOOTSTRAP_SERVERS"]
        kcat(servers, payment_submitted.TOPIC, codec, [json.dumps(paid)])

    for codec in codecs:
        wait_until(lambda codec=codec: _is_scored(whole, f"kcat-{codec}"), codec)  # type: ignore[misc] # mypy knows no such lambda
    assert _subjects(whole, "payments.submitted.dlq") == set()


def test_a_chargeback_on_kafka_becomes_a_label_in_the_history(
    whole: StackProcess,
) -> None:
    """The source of a function delivers all its topics."""
    _pay(whole, "flow-3")
    chargeback = Event(
        topic=fraud_confirmed.TOPIC,
        id="cb-1",
        type=fraud_confirmed.TYPE,
        source="/bank/disputes",
        subject="flow-3",
        key=PAYMENT["sender_id"],
        time=now(),
        data={
            "transaction_id": "flow-3",
            "source": "chargeback",
            "reported_at": rfc3339.to_text(now()),
        },
    )

    with closing(KafkaSender(whole.environment["KAFKA_BOOTSTRAP_SERVERS"])) as sender:
        (sent,) = KafkaPublisher(sender).publish([chargeback])

    wait_until(lambda: "flow-3" in _subjects(whole, "transactions.labelled"), "the label on Kafka")
    assert sent.outcome is Outcome.DELIVERED
    assert _subjects(whole, "fraud.confirmed.dlq") == set()


def test_stack_env_is_for_sh_and_private(whole: StackProcess) -> None:
    """stack.env is readable by sh and by its owner only, because it contains keys."""
    file = whole.home / "stack.env"
    script = f'. {file}; printf "%s\\n" "$DATABASE_URL" "$MODEL_URI" "$SCORE_URL"'

    shown = subprocess.run(["/bin/sh", "-c", script], capture_output=True, text=True, check=True)  # noqa: S603

    assert shown.stdout.split() == [
        whole.environment[name] for name in ("DATABASE_URL", "MODEL_URI", "SCORE_URL")
    ]
    assert stat.S_IMODE(file.stat().st_mode) == 0o600


def test_the_functions_of_the_stack_take_events_of_its_sources_only(whole: StackProcess) -> None:
    """Other users of the machine reach the functions on loopback."""
    body, headers = b"{}", {"ce-specversion": "1.0", "ce-id": "1", "ce-source": "/", "ce-type": "x"}
    secret = {"Authorization": f"Bearer {whole.environment['EVENT_SECRET']}"}
    refused = [
        urllib3.request("POST", whole.environment[name], body=body, headers={**headers, **mine})
        for name in ("INGEST_URL", "SCORE_URL", "ALERT_DISPATCH_URL")
        for mine in ({}, {"Authorization": "Bearer wrong"})
    ]
    taken = urllib3.request(
        "POST", whole.environment["SCORE_URL"], body=body, headers={**headers, **secret}
    )

    assert {answer.status for answer in refused} == {401}
    assert taken.status == 422
    assert ":" in whole.environment["REDIS_URL"].partition("@")[0].removeprefix("redis:")


def test_every_process_is_in_stack_pids(whole: StackProcess) -> None:
    """stack.pids has the id of every process."""
    named = {each.name for each in FUNCTIONS} | {each.name for each in SOURCES}

    pids = whole.pids

    assert set(pids) == SERVERS | named | {"timer", "gateway"}
    assert all(map(lives, pids.values()))


def test_a_killed_function_is_restarted_and_callers_wait(whole: StackProcess) -> None:
    """A restart fails no request that was not sent yet."""
    before = whole.pids["rules-crud"]
    os.kill(before, signal.SIGKILL)

    answer = urllib3.request("GET", f"{whole.url}/api/v1/rules/", retries=False, timeout=30)

    assert answer.status == 200
    wait_until(lambda: whole.pids.get("rules-crud", before) != before, "its new pid")


def test_a_killed_server_is_restarted_with_its_data(whole: StackProcess) -> None:
    """Accepted payments survive the kill of a server."""
    assert _pay(whole, "kept-1").status == 201
    before = whole.pids["postgres"]

    os.kill(before, signal.SIGKILL)

    wait_until(lambda: whole.pids.get("postgres", before) != before, "its new pid")
    wait_until(lambda: _is_scored(whole, "kept-1"), "the payment")


def test_ctrl_c_ends_everything(whole: StackProcess) -> None:
    """After SIGINT no process and no state file is left; this test is the last one."""
    processes = [process for pid in whole.pids.values() for process in family(pid)]

    code = whole.stop()

    assert code == 0
    assert [pid for pid in processes if lives(pid)] == []
    assert [file.name for file in whole.home.iterdir()] == ["stack"]


def _pay(running: StackProcess, payment_id: str, **headers: str) -> urllib3.BaseHTTPResponse:
    return urllib3.request(
        "POST",
        f"{running.url}/api/v1/transactions/",
        json={**PAYMENT, "id": payment_id},
        headers={"Content-Type": "application/json", **headers},
        timeout=30,
    )


def _is_scored(running: StackProcess, payment_id: str) -> bool:
    path = f"/api/v1/transactions/{payment_id}/score"
    return urllib3.request("GET", running.url + path, timeout=30).status == 200


def _subjects(running: StackProcess, topic: str) -> set[str]:
    with KafkaLog.opened(running.environment["KAFKA_BOOTSTRAP_SERVERS"]) as log:
        records = [
            record
            for partition in log.partitions(topic)
            for record in log.between(partition, *log.ends(partition))
        ]
    return {(dict(record.headers)["ce_subject"] or b"").decode() for record in records}
