import re
import signal
import time
from pathlib import Path

from infra.kafka_source.metrics import SourceMetrics
from infra.kafka_source.options import Batching
from risksentinel.adapters.kafka.records import record_of
from risksentinel.adapters.kafka.sender import KafkaSender
from tests.adapters.kafka.topics import event, make_topic, records_of
from tests.infra.kafka_source.function import Delivered, Reply, function
from tests.infra.kafka_source.sources import options, process, running, until
from tests.timing import assert_within, in_time

ACCOUNT = "ZA290000000012345678"


def test_a_restarted_source_continues_at_the_committed_offset(
    servers: str, sender: KafkaSender, topic: str
) -> None:
    """A source that stops commits the handled records."""
    sender.send([record_of(event(n, topic)) for n in range(10)])

    with function() as there:
        given = options(servers, topic, there.address)
        with running(given):
            until(lambda: len(there.ids) == 10, "the first ten")
        sender.send([record_of(event(n, topic)) for n in range(10, 20)])
        with running(given):
            until(lambda: len(there.ids) >= 20, "the other ten")

    assert there.ids == [f"e{n}" for n in range(20)]


def test_only_unfinished_events_are_delivered_again(
    servers: str, sender: KafkaSender, topic: str
) -> None:
    """A stop during an outage dead-letters no event and repeats no handled event."""
    sender.send([record_of(event(n, topic)) for n in range(6)])
    away = [True]

    def script(delivered: Delivered) -> Reply:
        return Reply(503 if delivered.id == "e3" and away[0] else 204)

    with function(script) as there:
        given = options(servers, topic, there.address)
        with running(given):
            until(lambda: there.ids.count("e3") > 2, "some attempts")
        away[0] = False
        before = len(there.ids)
        with running(given):
            until(lambda: "e5" in there.ids, "the rest")

    assert there.ids[before:] == ["e3", "e4", "e5"]
    assert records_of(servers, f"{topic}.dlq") == []


@in_time
def test_sigterm_ends_the_source_in_time_although_the_function_hangs(
    servers: str, sender: KafkaSender, topic: str, tmp_path: Path
) -> None:
    """A source ends within 10 s, or it is killed; the remaining events are delivered later."""
    sender.send([record_of(event(n, topic)) for n in range(3)])

    def script(delivered: Delivered) -> Reply:
        return Reply(seconds=20.0 if delivered.id == "e1" else 0.0)

    with (
        function(script) as there,
        process(servers, topic, there.address, "hangs" + topic, tmp_path) as source,
    ):
        until(lambda: "e1" in there.ids, "the request that hangs")
        source.send_signal(signal.SIGTERM)
        start = time.monotonic()
        status = source.wait(20)
        took = time.monotonic() - start

    assert status == 0
    assert_within(took, 10.0)
    assert there.ids == ["e0", "e1"]


def test_a_killed_source_loses_nothing_and_logs_no_account(
    servers: str, sender: KafkaSender, tmp_path: Path
) -> None:
    """After a kill uncommitted events are delivered again; logs contain no account."""
    topic = make_topic(servers, partitions=2, letters=True)
    sent = [event(n, topic, f"{ACCOUNT}{n % 5}") for n in range(300)]
    sender.send([record_of(each) for each in sent])

    def script(delivered: Delivered) -> Reply:
        return Reply(422 if delivered.id == "e7" else 204, seconds=0.002)

    with function(script) as there:
        group = "killed" + topic
        with process(servers, topic, there.address, group, tmp_path) as source:
            until(lambda: len(there.ids) > 80, "a part of the work")
            source.kill()
            source.wait()
        time.sleep(0.1)
        done = len(there.ids)
        with process(servers, topic, there.address, group, tmp_path, "--batch-size", "20"):
            until(lambda: {e.id for e in sent} <= set(there.ids), "the rest of it")

    assert done < 300
    for number in (0, 1):
        seen = list(dict.fromkeys(there.partition(number)))
        assert seen == sorted(seen, key=lambda e: int(e[1:]))
    log = (tmp_path / "source.log").read_text()
    assert "source.dead_lettered" in log
    assert not re.search(r"ZA29|12345678", log)


def test_partitions_move_while_their_records_wait_in_memory(
    servers: str, sender: KafkaSender
) -> None:
    """After a rebalance moved and kept partitions continue at the committed offsets."""
    topic = make_topic(servers, partitions=4, letters=True)
    sent = [event(n, topic, f"key-{n}") for n in range(400)]
    closed = [True]

    def script(delivered: Delivered) -> Reply:
        return Reply(503 if closed[0] and int(delivered.id[1:]) % 50 == 49 else 204)

    with function(script) as there:
        given = options(servers, topic, there.address, batching=Batching(5, 0.01))
        with running(given) as first:
            sender.send([record_of(each) for each in sent[:200]])
            until(lambda: in_flight(first.metrics) > 60, "records to wait in the first")
            with running(given) as second:
                until(lambda: holds(second.metrics) == 2.0, "the second to hold two partitions")
                closed[0] = False
                until(lambda: {e.id for e in sent[:200]} <= set(there.ids), "the first half")
                closed[0] = True
                sender.send([record_of(each) for each in sent[200:]])
                until(lambda: in_flight(second.metrics) > 20, "records to wait in the second")
            closed[0] = False
            until(lambda: {e.id for e in sent} <= set(there.ids), "all of it")

    assert records_of(servers, f"{topic}.dlq") == []


def in_flight(metrics: SourceMetrics) -> float:
    """Return the number of records in flight, from the metrics."""
    return summed(metrics, "risksentinel_source_in_flight")


def holds(metrics: SourceMetrics) -> float:
    """Return the number of assigned partitions, from the metrics."""
    return summed(metrics, "risksentinel_source_partitions")


def summed(metrics: SourceMetrics, name: str) -> float:
    """Return the sum of a metric over all its series."""
    return sum(
        sample.value
        for metric in metrics.registry.collect()
        for sample in metric.samples
        if sample.name == name
    )
