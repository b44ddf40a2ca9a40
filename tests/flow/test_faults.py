"""During faults, no accepted payment is lost, scored twice or published out of order."""

import os
import signal
import time
from collections.abc import Callable, Iterator

import pytest

from risksentinel.adapters.kafka.dead_letters import KafkaDeadLetters
from risksentinel.adapters.kafka.records import Record
from risksentinel.adapters.kafka.sender import KafkaSender
from tests.flow.fault_bench import PAYMENTS, RISKY_EVERY, FaultBench, Run, fault_bench
from tests.infra.devstack.stack.stack_process import wait_until

OUTAGE_SECONDS = 10.0
MINUTE = 60.0

SCORES = "SELECT count(*) FROM risk_scores WHERE transaction_id LIKE :run"
RISKY = "SELECT count(*) FROM risk_scores WHERE transaction_id LIKE :run AND risk_level <> 'low'"
UNKNOWN = (
    "SELECT count(*) FROM risk_scores WHERE transaction_id LIKE :run "
    "AND CAST(reasons AS text) LIKE '%no signal answered%'"
)
ALERTS = "SELECT count(*) FROM alerts WHERE transaction_id LIKE :run"
ALERTED = "SELECT count(DISTINCT transaction_id) FROM alerts WHERE transaction_id LIKE :run"
DELIVERED = (
    "SELECT count(*) FROM alert_deliveries JOIN alerts ON alerts.id = alert_deliveries.alert_id "
    "WHERE alert_deliveries.status = 'delivered' AND transaction_id LIKE :run"
)
WAITING = "SELECT count(*) FROM outbox WHERE key LIKE :run"


@pytest.fixture(scope="module")
def bench(tmp_path_factory: pytest.TempPathFactory) -> Iterator[FaultBench]:
    """One stack for all faults: it must recover from each."""
    with fault_bench(tmp_path_factory.mktemp("faults")) as running:
        yield running


def _killed(name: str) -> Callable[[FaultBench], None]:
    return lambda bench: bench.kill(name)


def _between_commit_and_publish(bench: FaultBench) -> None:
    """Stall the broker, and kill the publishing functions with committed, unpublished events."""
    broker = bench.kafka.pid
    assert broker
    os.kill(broker, signal.SIGSTOP)
    time.sleep(1.0)
    for name in ("ingest", "score"):
        bench.kill(name)
    time.sleep(1.0)
    os.kill(broker, signal.SIGCONT)


def _stopped(server: str) -> Callable[[FaultBench], None]:
    def fault(bench: FaultBench) -> None:
        part = getattr(bench, server)
        part.stop()
        time.sleep(OUTAGE_SECONDS)
        part.start()

    return fault


def _failing_webhook(bench: FaultBench) -> None:
    bench.receivers[1].failing = True
    time.sleep(MINUTE)
    bench.receivers[1].failing = False


FAULTS = {
    "kill-score": _killed("score"),
    "kill-ingest": _killed("ingest"),
    "kill-source": _killed("source-score"),
    "kill-relay": _between_commit_and_publish,
    "kafka-away": _stopped("kafka"),
    "redis-away": _stopped("redis"),
    "postgres-away": _stopped("postgres"),
    "webhook-away": _failing_webhook,
}


@pytest.mark.parametrize("name", FAULTS)
def test_no_payment_is_lost_doubled_or_out_of_order(name: str, bench: FaultBench) -> None:
    """An accepted payment is scored once, in the order of its sender; 5,000 payments each."""
    run = Run(bench, name)

    run.feed(lambda: FAULTS[name](bench))

    _assert_whole(run)


def test_a_record_delivered_three_times_is_scored_once(bench: FaultBench) -> None:
    """Kafka delivers at least once."""
    run = Run(bench, "thrice")
    run.feed(lambda: None)
    _assert_whole(run)

    _publish_again(bench, "thrice", times=2)

    _assert_whole(run)


def test_a_malformed_event_goes_to_the_dead_letters_and_delays_no_other_event(
    bench: FaultBench,
) -> None:
    """One malformed record must not block its partition."""
    run = Run(bench, "poison")
    sender = KafkaSender(bench.kafka.settings["KAFKA_BOOTSTRAP_SERVERS"])

    run.feed(lambda: _poison(sender))

    _assert_whole(run)
    letters = KafkaDeadLetters(bench.kafka.settings["KAFKA_BOOTSTRAP_SERVERS"], sender)
    wait_until(lambda: len(letters.list("payments.submitted", 9)) == 1, "the dead letter")
    assert letters.list("payments.submitted", 9)[0].reason
    sender.close()


def _poison(sender: KafkaSender) -> None:
    sender.send([Record("payments.submitted", b"poison-1", b'{"amount_zar": NaN', ())])


def _publish_again(bench: FaultBench, prefix: str, times: int) -> None:
    """Publish the records of a run again, as a producer does after a lost acknowledgement."""
    sender = KafkaSender(bench.kafka.settings["KAFKA_BOOTSTRAP_SERVERS"])
    records = bench.records("transactions.received", prefix)
    for _ in range(times):
        for start in range(0, len(records), 500):
            sender.send(records[start : start + 500])
    sender.close()


def _assert_whole(run: Run) -> None:
    bench, name = run.bench, run.name
    wait_until(lambda: bench.count(SCORES, name) == PAYMENTS, "the scores")
    wait_until(lambda: bench.count(WAITING, name) == 0, "the outbox to be empty")
    # Without a history no payment is "low": such payments are reviewed.
    risky, unknown = bench.count(RISKY, name), bench.count(UNKNOWN, name)
    wait_until(lambda: bench.count(DELIVERED, name) == 2 * risky, "the deliveries")
    received = bench.subjects("transactions.received", name)
    scored = bench.subjects("transactions.scored", name)
    doubled = [len(r.accepted) - len(set(r.accepted)) for r in bench.receivers]
    print(  # noqa: T201 - the counts belong to the report of this test
        f"{name}: accepted {len(run.accepted)}, refused first {dict(run.refused)}, "
        f"scores {bench.count(SCORES, name)}, alerts {bench.count(ALERTS, name)} "
        f"(of them {unknown} without a history), "
        f"deliveries {bench.count(DELIVERED, name)}, received twice {doubled}"
    )
    assert len(set(run.accepted)) == PAYMENTS
    assert bench.count(ALERTS, name) == bench.count(ALERTED, name) == risky
    assert risky - unknown <= PAYMENTS // RISKY_EVERY <= risky
    assert doubled == [0, 0]
    assert sum(map(len, scored.values())) == PAYMENTS
    for sender, order in scored.items():
        known = set(received[sender])
        assert [payment for payment in order if payment in known] == received[sender]
