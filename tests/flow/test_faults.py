"""Whatever breaks, nothing that was accepted is lost, scored twice or announced out of order."""

import os
import signal
import time
from collections.abc import Callable, Iterator

import pytest

from risksentinel.adapters.kafka.dead_letters import KafkaDeadLetters
from risksentinel.adapters.kafka.records import Record
from risksentinel.adapters.kafka.sender import KafkaSender
from tests.flow.faults import PAYMENTS, RISKY_EACH, Run, Stand, standing
from tests.infra.devstack.stack.stack_process import wait_until

AWAY_SECONDS = 10.0
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
def stand(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stand]:
    """One stack for all the faults: it must come through each whole."""
    with standing(tmp_path_factory.mktemp("faults")) as running:
        yield running


def _killed(name: str) -> Callable[[Stand], None]:
    return lambda stand: stand.kill(name)


def _between_commit_and_publish(stand: Stand) -> None:
    """The broker takes nothing while those who relay are killed with commits behind them."""
    broker = stand.kafka.pid
    assert broker
    os.kill(broker, signal.SIGSTOP)
    time.sleep(1.0)
    for name in ("ingest", "score"):
        stand.kill(name)
    time.sleep(1.0)
    os.kill(broker, signal.SIGCONT)


def _away(server: str) -> Callable[[Stand], None]:
    def fault(stand: Stand) -> None:
        part = getattr(stand, server)
        part.stop()
        time.sleep(AWAY_SECONDS)
        part.start()

    return fault


def _failing_webhook(stand: Stand) -> None:
    stand.receivers[1].failing = True
    time.sleep(MINUTE)
    stand.receivers[1].failing = False


FAULTS = {
    "kill-score": _killed("score"),
    "kill-ingest": _killed("ingest"),
    "kill-source": _killed("source-score"),
    "kill-relay": _between_commit_and_publish,
    "kafka-away": _away("kafka"),
    "redis-away": _away("redis"),
    "postgres-away": _away("postgres"),
    "webhook-away": _failing_webhook,
}


@pytest.mark.parametrize("name", FAULTS)
def test_nothing_is_lost_doubled_or_overtaken(name: str, stand: Stand) -> None:
    """The guarantee that the engine exists for, with 5,000 payments under way."""
    run = Run(stand, name)

    run.feed(lambda: FAULTS[name](stand))

    _assert_whole(run)


def test_a_record_delivered_three_times_is_scored_once(stand: Stand) -> None:
    """Kafka delivers at least once."""
    run = Run(stand, "thrice")
    run.feed(lambda: None)
    _assert_whole(run)

    _say_again(stand, "thrice", times=2)

    _assert_whole(run)


def test_a_poison_event_ends_in_the_dead_letters_and_holds_up_nobody(stand: Stand) -> None:
    """One broken record must not stop its partition."""
    run = Run(stand, "poison")
    sender = KafkaSender(stand.kafka.settings["KAFKA_BOOTSTRAP_SERVERS"])

    run.feed(lambda: _poison(sender))

    _assert_whole(run)
    letters = KafkaDeadLetters(stand.kafka.settings["KAFKA_BOOTSTRAP_SERVERS"], sender)
    wait_until(lambda: len(letters.list("payments.submitted", 9)) == 1, "the dead letter")
    assert letters.list("payments.submitted", 9)[0].reason
    sender.close()


def _poison(sender: KafkaSender) -> None:
    sender.send([Record("payments.submitted", b"poison-1", b'{"amount_zar": NaN', ())])


def _say_again(stand: Stand, prefix: str, times: int) -> None:
    """Put the records of a run into the topic again, as a broker that forgot would."""
    sender = KafkaSender(stand.kafka.settings["KAFKA_BOOTSTRAP_SERVERS"])
    records = stand.records("transactions.received", prefix)
    for _ in range(times):
        for start in range(0, len(records), 500):
            sender.send(records[start : start + 500])
    sender.close()


def _assert_whole(run: Run) -> None:
    stand, name = run.stand, run.name
    wait_until(lambda: stand.count(SCORES, name) == PAYMENTS, "the scores")
    wait_until(lambda: stand.count(WAITING, name) == 0, "the outbox to be empty")
    # Without a history nobody can say "low": those payments wait for an analyst.
    risky, unknown = stand.count(RISKY, name), stand.count(UNKNOWN, name)
    wait_until(lambda: stand.count(DELIVERED, name) == 2 * risky, "the deliveries")
    received = stand.subjects("transactions.received", name)
    scored = stand.subjects("transactions.scored", name)
    doubled = [len(r.accepted) - len(set(r.accepted)) for r in stand.receivers]
    print(  # noqa: T201 - the counts are part of what this test is for
        f"{name}: accepted {len(run.accepted)}, refused first {dict(run.refused)}, "
        f"scores {stand.count(SCORES, name)}, alerts {stand.count(ALERTS, name)} "
        f"(of them {unknown} without a history), "
        f"deliveries {stand.count(DELIVERED, name)}, received twice {doubled}"
    )
    assert len(set(run.accepted)) == PAYMENTS
    assert stand.count(ALERTS, name) == stand.count(ALERTED, name) == risky
    assert risky - unknown <= PAYMENTS // RISKY_EACH <= risky
    assert doubled == [0, 0]
    assert sum(map(len, scored.values())) == PAYMENTS
    for sender, order in scored.items():
        known = set(received[sender])
        assert [payment for payment in order if payment in known] == received[sender]
