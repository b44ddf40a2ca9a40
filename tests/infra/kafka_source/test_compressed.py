"""Compressed and unreadable records on a real broker."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from kafka.record.util import calc_crc32c  # type: ignore[import-untyped]  # it has no types

from infra.devstack.servers.kafka import Kafka
from infra.kafka_source.options import Batching
from risksentinel.adapters.kafka.records import Record, record_of
from risksentinel.adapters.kafka.sender import KafkaSender
from tests.adapters.kafka.topics import event, make_topic, records_of
from tests.infra.kafka_source.function import function
from tests.infra.kafka_source.producers import Produce, kafka_s_own, kcat
from tests.infra.kafka_source.records import KafkaRecord, read
from tests.infra.kafka_source.sources import options, running, until
from tests.servers import OwnServer

ATTRIBUTES, CHECKSUM, HEADER = 21, 17, 61  # where each begins in a batch, in bytes
CODEC = 0x07  # the bits of the attributes that number the codec


@pytest.fixture(scope="module")
def own_kafka() -> Iterator[Kafka]:
    """A broker whose files can be changed."""
    with Kafka() as server:
        yield server


@pytest.mark.parametrize(
    ("produce", "codec", "number"),
    [
        (kcat, "none", 0),
        (kcat, "gzip", 1),
        (kcat, "snappy", 2),
        (kafka_s_own, "snappy", 2),  # framed otherwise than librdkafka's; the others are alike
        (kcat, "lz4", 3),
        (kcat, "zstd", 4),
    ],
)
def test_each_codec_of_kafka_is_read(
    own_kafka: Kafka, produce: Produce, codec: str, number: int
) -> None:
    """Records in each codec are delivered, because the producer chooses the codec."""
    servers = own_kafka.settings["KAFKA_BOOTSTRAP_SERVERS"]
    topic = make_topic(servers, letters=True)
    lines = [f'{{"id": "{number}", "filling": "{"x" * 200}"}}' for number in range(50)]
    produce(servers, topic, codec, lines)

    with function() as there, running(options(servers, topic, there.address)):
        until(lambda: len(there.ids) == len(lines), f"the records in {codec}")

    log = own_kafka.folder / "data" / f"{topic}-0" / f"{0:020}.log"
    assert log.read_bytes()[ATTRIBUTES + 1] & CODEC == number
    assert [seen.body.decode() for seen in there.seen] == lines
    assert records_of(servers, f"{topic}.dlq") == []


def _bad_checksum(batch: bytearray) -> None:
    batch[-1] ^= 0xFF


def _unknown_codec(batch: bytearray) -> None:
    batch[ATTRIBUTES + 1] |= 0x07
    _sign(batch)


def _broken_gzip(batch: bytearray) -> None:
    batch[HEADER : HEADER + 2] = bytes(2)  # what every gzip begins with
    _sign(batch)


def _sign(batch: bytearray) -> None:
    batch[CHECKSUM:ATTRIBUTES] = calc_crc32c(memoryview(batch)[ATTRIBUTES:]).to_bytes(4, "big")


DAMAGE = {
    "the checksum is wrong": _bad_checksum,
    "UnsupportedCodecError": _unknown_codec,
    "BadGzipFile": _broken_gzip,
}


def damage(log: Path, number: int, how: str) -> tuple[bytes, range]:
    """Damage one batch in a partition's file; return its bytes and its offsets."""
    whole = bytearray(log.read_bytes())
    start = 0
    for _ in range(number):
        start += 12 + int.from_bytes(whole[start + 8 : start + 12], "big")
    end = start + 12 + int.from_bytes(whole[start + 8 : start + 12], "big")
    batch = whole[start:end]
    first, delta = int.from_bytes(batch[:8], "big"), int.from_bytes(batch[23:27], "big")
    DAMAGE[how](batch)
    with log.open("r+b") as file:
        file.seek(start)
        file.write(batch)
    return bytes(batch), range(first, first + delta + 1)


@pytest.mark.parametrize("size", [1, 50])
def test_an_unreadable_batch_is_dead_lettered_and_blocks_nothing(
    own_server: OwnServer[Kafka], size: int
) -> None:
    """An unreadable batch is dead-lettered, and later payments are delivered."""
    broker = own_server(Kafka)
    servers = broker.settings["KAFKA_BOOTSTRAP_SERVERS"]
    topic = make_topic(servers, letters=True)
    sender = KafkaSender(servers, budget=10.0)
    for first in range(0, 24, 3):  # a batch or two each
        events = [event(n, topic, f"k{n}", filling="x" * 200) for n in range(first, first + 3)]
        sender.send([record_of(each) for each in events])
    sender.close()
    log = broker.folder / "data" / f"{topic}-0" / f"{0:020}.log"
    damaged = [damage(log, 2 * n + 1, how) for n, how in enumerate(DAMAGE)]
    lost = {offset for _, offsets in damaged for offset in offsets}

    with (
        function() as there,
        running(options(servers, topic, there.address, batching=Batching(size, 0.05))) as source,
    ):
        until(lambda: "e23" in there.ids, "the events behind what is damaged")
        until(lambda: len(records_of(servers, f"{topic}.dlq")) >= len(damaged), "the dead letters")

    letters = records_of(servers, f"{topic}.dlq")
    assert sorted(there.ids) == sorted(f"e{n}" for n in range(24) if n not in lost)
    assert [letter.value for letter in letters] == [raw for raw, _ in damaged]
    reasons = [(dict(letter.headers)["ce_reason"] or b"").decode() for letter in letters]
    assert [reason.partition(" cannot be read: ")[2] for reason in reasons] == list(DAMAGE)
    counted = source.metrics.registry.get_sample_value(
        "risksentinel_source_dead_lettered_total",
        {"group": source.options.group, "topic": topic, "status": "none"},
    )
    assert counted == len(damaged)


def test_a_record_with_an_impossible_time_is_delivered() -> None:
    """A record with an impossible timestamp is delivered: producers can write any 64 bits."""
    found = read(KafkaRecord(timestamp=2**62))

    assert found.attributes["time"].startswith("1970-01-01")
    assert Record("t", None, found.value).value == b'{"amount": 1}'
