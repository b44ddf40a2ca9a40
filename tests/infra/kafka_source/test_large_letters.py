"""Dead letters that are too large for their topic, on a real broker."""

import os
from collections.abc import Iterator
from contextlib import closing
from hashlib import sha256

import pytest

from risksentinel.adapters.kafka.records import Record, record_of
from risksentinel.adapters.kafka.sender import DELIVERED, KafkaSender
from risksentinel.adapters.kafka.topics import (
    LARGEST_LETTER,
    LARGEST_RECORD,
    KafkaTopics,
    Topic,
)
from risksentinel.adapters.kafka.types import ConsumerRecord
from tests.adapters.kafka.topics import event, make_topic, records_of
from tests.infra.kafka_source.function import Delivered, Reply, function
from tests.infra.kafka_source.producers import kcat
from tests.infra.kafka_source.sources import RunningSource, options, running, until

LARGE = 1_048_576


@pytest.fixture(scope="module")
def large_sender(servers: str) -> Iterator[KafkaSender]:
    """A producer that sends records of any size that the broker accepts."""
    with closing(KafkaSender(servers, budget=20.0, largest=8 * LARGE)) as sender:
        yield sender


def provisioned(servers: str, largest_letter: int = LARGEST_LETTER) -> str:
    """A topic as `risksentinel topics` creates it, with this limit on its dead letters."""
    topic = make_topic(servers)
    letters = Topic(f"{topic}.dlq", 1, 1, {"max.message.bytes": str(largest_letter)})
    KafkaTopics(servers).create([letters])
    return topic


def given_up(
    servers: str, topic: str, sender: KafkaSender, record: Record | None = None
) -> ConsumerRecord:
    """Return the dead letter of the topic's first record, or of this one; the function rejects it.

    The event behind it is delivered.
    """
    first = [] if record is None else [record]
    assert sender.send(first) == [DELIVERED] * len(first)
    sender.send([record_of(event(1, topic))])

    with (
        function(_refuse_first) as there,
        running(options(servers, topic, there.address)) as source,
    ):
        until(lambda: "e1" in there.ids, "the event behind it")

    assert _counted(source) == 1.0
    (letter,) = records_of(servers, f"{topic}.dlq")
    return letter


def _refuse_first(delivered: Delivered) -> Reply:
    return Reply(413 if delivered.offset == 0 else 204)


def _counted(source: RunningSource) -> float:
    """Return the dead letters of all statuses, because HTTP servers reject large headers."""
    return sum(
        sample.value
        for family in source.metrics.registry.collect()
        for sample in family.samples
        if sample.name == "risksentinel_source_dead_lettered_total"
    )


def stated(letter: ConsumerRecord) -> dict[str, str]:
    """Return the headers of the dead letter."""
    return {name: (value or b"").decode() for name, value in letter.headers}


def test_the_largest_record_is_dead_lettered_as_a_whole(
    servers: str, large_sender: KafkaSender
) -> None:
    """The dead letter topic has room for the added headers."""
    topic = provisioned(servers)
    value = os.urandom(LARGEST_RECORD - 1000)

    letter = given_up(servers, topic, large_sender, Record(topic, b"ZA-1", value))

    assert letter.value == value
    assert stated(letter)["ce_knativeerrorcode"] == "413"
    assert "ce_leftoutsize" not in stated(letter)


def test_a_compressed_record_is_dead_lettered_as_a_whole(
    servers: str, large_sender: KafkaSender
) -> None:
    """The broker limits compressed bytes, so 3 MiB of JSON are dead-lettered as a whole."""
    topic = provisioned(servers)
    value = b'{"note": "' + b"x" * 3 * LARGE + b'"}'

    letter = given_up(servers, topic, large_sender, Record(topic, b"ZA-1", value))

    assert letter.value == value
    assert "ce_leftoutsize" not in stated(letter)


def test_a_value_that_takes_long_to_compress_is_cut(
    servers: str, large_sender: KafkaSender
) -> None:
    """More than 4 MiB may not be compressed within the time for a dead letter."""
    topic = provisioned(servers)
    value = b'{"note": "' + b"x" * 5 * LARGE + b'"}'

    letter = given_up(servers, topic, large_sender, Record(topic, b"ZA-1", value))

    assert letter.value == b""
    assert stated(letter)["ce_leftoutsize"] == str(len(value))


def test_a_value_that_gzip_compresses_worse_than_kcat_is_cut(
    servers: str, large_sender: KafkaSender
) -> None:
    """A dead letter is compressed with gzip, which finds repetitions within 32 KiB only."""
    topic = provisioned(servers)
    half = os.urandom(800_000).hex()
    kcat(servers, topic, "zstd", [half + half])

    letter = given_up(servers, topic, large_sender)

    assert (letter.key, letter.value) == (None, b"")
    assert stated(letter)["ce_leftoutsize"] == str(2 * len(half))
    assert stated(letter)["ce_leftoutsha256"] == sha256((half + half).encode()).hexdigest()


def test_a_value_that_does_not_fit_is_replaced_by_its_place(
    servers: str, large_sender: KafkaSender
) -> None:
    """A dead letter that is too large is cut, or it would block all later payments."""
    topic = provisioned(servers, 50_000)
    sent = record_of(event(0, topic, filling=os.urandom(50_000).hex()))

    letter = given_up(servers, topic, large_sender, sent)

    said, value = stated(letter), sent.value or b""
    assert (letter.key, letter.value) == (b"ZA-1", b"")
    assert said["ce_reason"] == (
        "no answer; the dead letter was refused as a whole (it is larger than the broker takes): "
        f"its value of {len(value)} bytes is left out, and is in {topic}/0/0"
    )
    assert (
        said.items()
        >= {
            "ce_id": "e0",
            "ce_subject": "s0",
            "ce_partitionkey": "ZA-1",
            "ce_knativekafkapartition": "0",
            "ce_knativekafkaoffset": "0",
            "ce_knativeerrorcode": "413",
            "ce_deliveryattempts": "1",
            "ce_leftoutorigin": f"{topic}/0/0",
            "ce_leftoutsize": str(len(value)),
            "ce_leftoutsha256": sha256(value).hexdigest(),
            "content-type": "application/json",
        }.items()
    )


def test_a_cut_structured_event_has_the_digest_of_the_stored_record(
    servers: str, large_sender: KafkaSender
) -> None:
    """Size and digest are those of the stored record, not of the delivered data."""
    topic = provisioned(servers, 50_000)
    envelope = b'{"specversion":"1.0","id":"e0","source":"/b","type":"t","data":{"a":"%s"}}' % (
        os.urandom(50_000).hex().encode()
    )
    headers = [("content-type", b"application/cloudevents+json")]

    letter = given_up(servers, topic, large_sender, Record(topic, b"ZA-1", envelope, headers))

    said = stated(letter)
    assert (said["ce_id"], letter.value) == ("e0", b"")
    assert said["ce_leftoutsize"] == str(len(envelope))
    assert said["ce_leftoutsha256"] == sha256(envelope).hexdigest()


@pytest.mark.parametrize(
    ("key", "headers"),
    [
        (os.urandom(LARGE // 4).hex().encode(), []),  # the letter has the key three times
        (b"k", [(f"bank-{n}", os.urandom(16).hex().encode()) for n in range(20_000)]),
        (b"k", [("bank", os.urandom(LARGE // 4).hex().encode())]),
    ],
    ids=["a key", "many headers", "a long header"],
)
def test_headers_that_do_not_fit_are_cut(
    servers: str, large_sender: KafkaSender, key: bytes, headers: list[tuple[str, bytes]]
) -> None:
    """A key of half a MiB is contained three times in a dead letter."""
    topic = provisioned(servers, 100_000)

    letter = given_up(servers, topic, large_sender, Record(topic, key, b"{}", headers))

    said = stated(letter)
    assert (letter.key, letter.value) == (key[:1024], b"")
    assert said["ce_id"] == "partition:0/offset:0"
    assert said["ce_knativeerrorcode"] == "431"
    assert said["ce_leftoutsize"] == "2"
    assert said["ce_leftoutorigin"] == f"{topic}/0/0"
    assert sum(len(name) + len(value) for name, value in said.items()) < 20_000
