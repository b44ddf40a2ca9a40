import os
import signal
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from itertools import groupby

import pytest

from infra.devstack.servers.kafka import Kafka
from risksentinel.adapters.kafka.publisher import KafkaPublisher
from risksentinel.adapters.kafka.sender import KafkaSender
from risksentinel.errors import Misconfigured, Unavailable
from risksentinel.events.event import Event
from risksentinel.ports.publishing import Outcome
from tests.adapters.kafka.topics import event, events_of, make_topic
from tests.timing import assert_within, in_time

MEBIBYTE = "x" * 1_048_576


@pytest.fixture
def publisher(sender: KafkaSender) -> KafkaPublisher:
    """The publisher on the shared broker."""
    return KafkaPublisher(sender)


def by_key(events: list[Event]) -> dict[str, list[str]]:
    """The ids of each key in their order."""
    ordered = sorted(events, key=lambda each: each.key)
    return {key: [e.id for e in some] for key, some in groupby(ordered, key=lambda e: e.key)}


def test_what_is_published_lies_in_the_topic_in_its_order(
    publisher: KafkaPublisher, servers: str, topic: str
) -> None:
    """A sender's payments are scored in the order of publishing."""
    sent = [event(n, topic, f"key-{n % 7}") for n in range(1200)]

    deliveries = publisher.publish(sent)

    assert {delivery.outcome for delivery in deliveries} == {Outcome.DELIVERED}
    found = events_of(servers, topic)
    assert by_key(found) == by_key(sent)
    assert sorted(found, key=lambda e: int(e.id[1:])) == sent


def test_nothing_is_published_of_nothing(publisher: KafkaPublisher) -> None:
    """A relay that finds nothing asks no broker."""
    assert publisher.publish([]) == []


def test_an_event_that_is_too_large_is_refused_and_its_neighbours_are_not(
    publisher: KafkaPublisher, servers: str, topic: str
) -> None:
    """One that can never go must not stop its sender's other payments."""
    sent = [event(1, topic), event(2, topic, pad=MEBIBYTE), event(3, topic)]

    outcomes = [(d.outcome, d.reason) for d in publisher.publish(sent)]

    assert outcomes == [
        (Outcome.DELIVERED, ""),
        (Outcome.REFUSED, "it is larger than the broker takes"),
        (Outcome.DELIVERED, ""),
    ]
    assert [e.id for e in events_of(servers, topic)] == ["e1", "e3"]


def test_a_topic_that_is_not_there_holds_up_its_own_events_only(servers: str, topic: str) -> None:
    """Other topics continue, and the log names the topic that the operator forgot."""
    publisher = KafkaPublisher(KafkaSender(servers, budget=1.0))
    sent = [event(1, "not.there", "A"), event(2, topic, "A"), event(3, "not.there", "A")]

    first, second, third = publisher.publish(sent)

    assert first.outcome is Outcome.FAILED
    assert "not.there does not exist: run `risksentinel topics`" in first.reason
    assert second.outcome is Outcome.DELIVERED
    assert third.outcome is Outcome.HELD
    publisher.close()


def test_many_threads_may_publish_at_once(
    publisher: KafkaPublisher, servers: str, topic: str
) -> None:
    """A function answers several requests at once, with one producer."""
    shares = [[event(k * 100 + n, topic, f"key-{k}") for n in range(100)] for k in range(4)]

    with ThreadPoolExecutor(4) as threads:
        deliveries = [d for some in threads.map(publisher.publish, shares) for d in some]

    assert {delivery.outcome for delivery in deliveries} == {Outcome.DELIVERED}
    assert by_key(events_of(servers, topic)) == {
        f"key-{k}": [e.id for e in share] for k, share in enumerate(shares)
    }


def test_a_publisher_can_be_used_again_after_it_was_closed(
    publisher: KafkaPublisher, servers: str, topic: str
) -> None:
    """Closing lets go of the connection, and promises nothing more."""
    publisher.publish([event(1, topic)])

    publisher.close()
    publisher.close()
    publisher.publish([event(2, topic)])

    assert [e.id for e in events_of(servers, topic)] == ["e1", "e2"]


@in_time
def test_a_broker_that_is_not_there_is_noticed_quickly_and_then_at_once() -> None:
    """A payment waits for its answer meanwhile."""
    publisher = KafkaPublisher(KafkaSender("127.0.0.1:1", budget=0.5))
    seconds = []

    for _ in range(2):
        start = time.monotonic()
        with pytest.raises(Unavailable, match="broker does not answer"):
            publisher.publish([event(1, "t")])
        seconds.append(time.monotonic() - start)

    assert_within(seconds[0], 2.0)
    assert_within(seconds[1], 0.1)


def test_an_address_that_is_none_is_the_operators_fault() -> None:
    """A wrong address never works, so it must not look like an outage."""
    publisher = KafkaPublisher(KafkaSender("127.0.0.1:kafka"))

    with pytest.raises(Misconfigured, match="write host:port, separated by commas"):
        publisher.publish([event(1, "t")])


@pytest.fixture
def frozen(own_kafka: Kafka) -> Iterator[Kafka]:
    """A broker that is stopped at any moment."""
    assert own_kafka.pid is not None
    yield own_kafka
    os.kill(own_kafka.pid, signal.SIGCONT)


def test_a_broker_that_freezes_makes_doubles_and_loses_nothing(frozen: Kafka) -> None:
    """Records in flight may have arrived: after a retry a key's events still keep their order."""
    servers = frozen.settings["KAFKA_BOOTSTRAP_SERVERS"]
    topic = make_topic(servers)
    publisher = KafkaPublisher(KafkaSender(servers, budget=1.0))
    publisher.publish([event(0, topic)])
    sent = [event(n, topic) for n in range(1, 6)]
    assert frozen.pid is not None

    os.kill(frozen.pid, signal.SIGSTOP)
    start = time.monotonic()
    with pytest.raises(Unavailable):
        publisher.publish(sent)
    waited = time.monotonic() - start
    os.kill(frozen.pid, signal.SIGCONT)
    until_published(publisher, sent)

    found = [e.id for e in events_of(servers, topic)]
    assert waited < 4.0
    assert list(dict.fromkeys(found)) == [f"e{n}" for n in range(6)]
    publisher.close()


def test_a_broker_that_comes_back_takes_events_again(own_kafka: Kafka) -> None:
    """After an outage no function needs a restart."""
    servers = own_kafka.settings["KAFKA_BOOTSTRAP_SERVERS"]
    topic = make_topic(servers)
    publisher = KafkaPublisher(KafkaSender(servers, budget=1.0))
    publisher.publish([event(1, topic)])

    own_kafka.kill()
    with pytest.raises(Unavailable):
        publisher.publish([event(2, topic)])
    own_kafka.start()
    until_published(publisher, [event(2, topic), event(3, topic)])

    assert [e.id for e in events_of(servers, topic)] == ["e1", "e2", "e3"]
    publisher.close()


def until_published(publisher: KafkaPublisher, events: list[Event]) -> None:
    """Try as the relay does, until all are delivered."""
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline:
        try:
            deliveries = publisher.publish(events)
        except Unavailable:
            time.sleep(0.1)
            continue
        if all(delivery.outcome is Outcome.DELIVERED for delivery in deliveries):
            return
    raise AssertionError("the broker did not take them")
