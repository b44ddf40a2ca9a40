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
    """A bank's producer, which sends whatever the broker takes."""
    with closing(KafkaSender(servers, budget=20.0, largest=8 * LARGE)) as sender:
        yield sender


def provisioned(servers: str, largest_letter: int = LARGEST_LETTER) -> str:
    """A topic as `risksentinel topics` makes it, and its dead letters with such a limit."""
    topic = make_topic(servers)
    letters = Topic(f"{topic}.dlq", 1, 1, {"max.message.bytes": str(largest_letter)})
    KafkaTopics(servers).create([letters])
    return topic


def given_up(
    servers: str, topic: str, sender: KafkaSender, record: Record | None = None
) -> ConsumerRecord:
    """The dead letter of the topic's first record, or of this one, which the function refuses.

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
    """The letters of all statuses: an HTTP server refuses large headers by itself."""
    return sum(
        sample.value
        for family in source.metrics.registry.collect()
        for sample in family.samples
        if sample.name == "risksentinel_source_dead_lettered_total"
    )


def stated(letter: ConsumerRecord) -> dict[str, str]:
    """What the letter's headers say."""
    return {name: (value or b"").decode() for name, value in letter.headers}


def test_the_largest_record_of_a_topic_is_a_whole_dead_letter(
    servers: str, large_sender: KafkaSender
) -> None:
    """Its topic has room for the headers that a dead letter adds."""
    topic = provisioned(servers)
    value = os.urandom(LARGEST_RECORD - 1000)

    letter = given_up(servers, topic, large_sender, Record(topic, b"ZA-1", value))

    assert letter.value == value
    assert stated(letter)["ce_knativeerrorcode"] == "413"
    assert "ce_leftoutsize" not in stated(letter)


def test_what_its_producer_compressed_is_a_whole_dead_letter(
    servers: str, large_sender: KafkaSender
) -> None:
    """The broker counts compressed bytes: three mebibytes of JSON held their partition."""
    topic = provisioned(servers)
    value = b'{"note": "' + b"x" * 3 * LARGE + b'"}'

    letter = given_up(servers, topic, large_sender, Record(topic, b"ZA-1", value))

    assert letter.value == value
    assert "ce_leftoutsize" not in stated(letter)


def test_what_takes_long_to_compress_is_hide_module(
    servers: str, large_sender: KafkaSender
) -> None:
    """More than four mebibytes might not be compressed in the time that a dead letter has."""
    topic = provisioned(servers)
    value = b'{"note": "' + b"x" * 5 * LARGE + b'"}'

    letter = given_up(servers, topic, large_sender, Record(topic, b"ZA-1", value))

    assert letter.value == b""
    assert stated(letter)["ce_leftoutsize"] == str(len(value))


def test_what_kcat_compressed_better_than_a_dead_letter_is_hide_module(
    servers: str, large_sender: KafkaSender
) -> None:
    """Gzip finds no repetition that is more than 32 KiB away, and zstd does."""
    topic = provisioned(servers)
    half = os.urandom(800_000).hex()
    kcat(servers, topic, "zstd", [half + half])

    letter = given_up(servers, topic, large_sender)

    assert (letter.key, letter.value) == (None, b"")
    assert stated(letter)["ce_leftoutsize"] == str(2 * len(half))
    assert stated(letter)["ce_leftoutsha256"] == sha256((half + half).encode()).hexdigest()


def test_a_value_that_does_not_fit_is_left_out_and_the_letter_says_where_it_lies(
    servers: str, large_sender: KafkaSender
) -> None:
    """Refused for ever, it stopped every payment behind it."""
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


def test_a_structured_event_is_found_by_what_lies_in_its_topic(
    servers: str, large_sender: KafkaSender
) -> None:
    """Size and digest are those of the whole record, not of the data that were delivered."""
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
def test_headers_that_do_not_fit_are_cut_too(
    servers: str, large_sender: KafkaSender, key: bytes, headers: list[tuple[str, bytes]]
) -> None:
    """A key of half a mebibyte stands three times in a dead letter."""
    topic = provisioned(servers, 100_000)

    letter = given_up(servers, topic, large_sender, Record(topic, key, b"{}", headers))

    said = stated(letter)
    assert (letter.key, letter.value) == (key[:1024], b"")
    assert said["ce_id"] == "partition:0/offset:0"
    assert said["ce_knativeerrorcode"] == "431"
    assert said["ce_leftoutsize"] == "2"
    assert said["ce_leftoutorigin"] == f"{topic}/0/0"
    assert sum(len(name) + len(value) for name, value in said.items()) < 20_000
