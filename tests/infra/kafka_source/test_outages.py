import socket
import time
from pathlib import Path
from urllib.request import urlopen
from uuid import uuid4

import pytest

from infra.devstack.servers.kafka import Kafka
from infra.devstack.servers.ports import free_port
from infra.kafka_source.http_endpoints import exposed
from infra.kafka_source.http_sink import HttpEventSink
from infra.kafka_source.metrics import SourceMetrics
from infra.kafka_source.options import Batching
from risksentinel.adapters.kafka.records import record_of
from risksentinel.adapters.kafka.sender import KafkaSender
from risksentinel.adapters.kafka.topics import KafkaTopics, Topic
from risksentinel.errors import Misconfigured, Unavailable
from tests.adapters.kafka.topics import event, make_topic, records_of
from tests.infra.kafka_source.function import Delivered, Reply, function
from tests.infra.kafka_source.sources import options, process, running, until


@pytest.mark.parametrize("size", [1, 10])
def test_an_unavailable_function_dead_letters_no_event(
    servers: str, sender: KafkaSender, topic: str, size: int
) -> None:
    """A deployment, a cold start or a database restart dead-letters no event."""
    sender.send([record_of(event(n, topic)) for n in range(5)])

    with function() as there:
        there.stop()
        given = options(servers, topic, there.address, batching=Batching(size))
        with running(given):
            time.sleep(1.0)  # hundreds of times as long as an event is retried
            there.start()
            until(lambda: "e4" in there.ids, "the events")

    assert there.ids == [f"e{n}" for n in range(5)]
    assert records_of(servers, f"{topic}.dlq") == []


def test_a_function_that_exits_during_requests_dead_letters_no_event(
    servers: str, sender: KafkaSender, topic: str
) -> None:
    """Broken and refused connections dead-letter no event."""
    sender.send([record_of(event(n, topic)) for n in range(300)])

    with (
        function(lambda _: Reply(seconds=0.001)) as there,
        running(options(servers, topic, there.address)),
    ):
        until(lambda: len(there.ids) > 20, "a part of the work")
        there.stop()
        time.sleep(0.5)
        there.start()
        until(lambda: "e299" in there.ids, "the rest")

    assert list(dict.fromkeys(there.ids)) == [f"e{n}" for n in range(300)]
    assert records_of(servers, f"{topic}.dlq") == []


def test_an_event_that_always_times_out_is_dead_lettered(
    servers: str, sender: KafkaSender, topic: str
) -> None:
    """An event whose request times out is dead-lettered, because the event may be the cause."""
    sender.send([record_of(event(n, topic)) for n in range(2)])

    def script(delivered: Delivered) -> Reply:
        return Reply(seconds=0.6 if delivered.id == "e0" else 0.0)

    with function(script) as there, running(options(servers, topic, there.address, timeout=0.2)):
        until(lambda: "e1" in there.ids, "the event behind")

    (found,) = records_of(servers, f"{topic}.dlq")
    stated = dict(found.headers)
    assert there.ids == ["e0", "e0", "e0", "e1"]
    assert stated["ce_deliveryattempts"] == b"3"
    assert "ce_knativeerrorcode" not in stated


def test_an_outage_of_the_broker_loses_no_event(tmp_path: Path) -> None:
    """Ten seconds without Kafka lose no event and dead-letter none."""
    sent = 0
    with Kafka() as kafka, function(lambda _: Reply(seconds=0.002)) as there:
        servers = kafka.settings["KAFKA_BOOTSTRAP_SERVERS"]
        topic = make_topic(servers, partitions=2, letters=True)
        sender = KafkaSender(servers, budget=2.0)
        sender.send([record_of(event(n, topic, f"key-{n}")) for n in range(500)])
        with process(servers, topic, there.address, "a-group", tmp_path):
            until(lambda: len(there.ids) > 50, "a part of the work")
            kafka.kill()
            time.sleep(2.0)
            kafka.start()
            sent = publish_again(sender, topic)
            until(lambda: len(set(there.ids)) == sent, "all of it")
        letters = records_of(servers, f"{topic}.dlq")
        sender.close()

    assert letters == []
    assert sent == 600


def publish_again(sender: KafkaSender, topic: str) -> int:
    """Publish a hundred more events as soon as the broker accepts them."""
    records = [record_of(event(n, topic, f"key-{n}")) for n in range(500, 600)]
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline:
        try:
            if all(delivery.outcome == "delivered" for delivery in sender.send(records)):
                return 600
        except Unavailable:
            time.sleep(0.1)
    raise AssertionError("the broker took nothing")


def test_a_source_waits_for_its_broker() -> None:
    """On one machine the source may start before the broker."""
    with running(options("127.0.0.1:1", "t", "http://127.0.0.1:1/")) as source:
        time.sleep(0.2)
        alive = source.thread.is_alive()

    assert alive


def test_a_topic_that_is_created_later_is_read(servers: str, sender: KafkaSender) -> None:
    """A topic that is created after the start is read without a restart."""
    topic = f"test-{uuid4()}"

    with function() as there, running(options(servers, topic, there.address)) as source:
        time.sleep(0.5)
        KafkaTopics(servers).create([Topic(topic, 2, 1, {})])
        sender.send([record_of(event(n, topic, f"key-{n}")) for n in range(20)])
        until(lambda: len(set(there.ids)) == 20, "its events")

    assert not source.thread.is_alive()


def test_an_invalid_sink_address_is_misconfigured() -> None:
    """An invalid sink address is an error at the start, because it can never work."""
    with pytest.raises(Misconfigured, match="write one like"):
        HttpEventSink("ftp://127.0.0.1/", 1.0)


def test_the_lag_metric_is_the_number_of_unhandled_records(
    servers: str, sender: KafkaSender, topic: str
) -> None:
    """The lag metric is correct, because an alert depends on it."""
    port = free_port()
    sender.send([record_of(event(n, topic)) for n in range(5)])

    def script(delivered: Delivered) -> Reply:
        return Reply({"e1": 422, "e3": 503}.get(delivered.id, 204))

    with function(script) as there:
        given = options(servers, topic, there.address)
        with running(given) as source, exposed(source.metrics, "127.0.0.1", port):
            series = f'{{group="{given.group}",partition="0",topic="{topic}"}}'
            until(lambda: f"risksentinel_source_lag{series} 2.0" in scraped(port), "the lag", 8)
            text = scraped(port)

    assert f"risksentinel_source_in_flight{series} 2.0" in text
    assert f'delivered_total{{group="{given.group}",topic="{topic}"}} 2.0' in text
    assert f'group="{given.group}",status="422",topic="{topic}"}} 1.0' in text


def scraped(port: int) -> str:
    """Return the metrics as Prometheus scrapes them."""
    with urlopen(f"http://127.0.0.1:{port}/metrics") as response:
        text: str = response.read().decode()
    return text


def test_a_metrics_port_in_use_is_misconfigured() -> None:
    """A source without its metrics port does not start, because nothing could monitor it."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        listens = exposed(SourceMetrics("g"), "127.0.0.1", port)
        with pytest.raises(Misconfigured, match=f"port {port}"), listens:
            pass
