import base64

from infra.kafka_source.dead_letter_box import letter
from infra.kafka_source.incoming import Incoming
from infra.kafka_source.options import Batching
from infra.kafka_source.sink_responses import DeliveryResult, SinkResponse
from risksentinel.adapters.kafka.records import Record, record_of
from risksentinel.adapters.kafka.sender import KafkaSender
from risksentinel.adapters.kafka.topics import KafkaTopics, Topic
from tests.adapters.kafka.topics import event, make_topic, records_of
from tests.infra.kafka_source.function import Delivered, Reply, function
from tests.infra.kafka_source.producers import kcat
from tests.infra.kafka_source.sources import options, running, until

BROKEN = Reply(422, {"Kne-Reason": "amount is missing"}, b'{"detail":"amount is missing"}')


def poison(delivered: Delivered) -> Reply:
    """Reject the third event, and accept the others."""
    return BROKEN if delivered.id == "e2" else Reply()


def test_a_rejected_event_is_dead_lettered_at_once_with_its_reason(
    servers: str, sender: KafkaSender, topic: str
) -> None:
    """A rejected event is dead-lettered at once with its reason, and later ones are delivered."""
    with function(poison) as there:
        given = options(servers, topic, there.address)
        with running(given):
            sender.send([record_of(event(n, topic)) for n in range(5)])
            until(lambda: "e4" in there.ids, "the events behind the poison")

    (found,) = records_of(servers, f"{topic}.dlq")
    stated = {name: (value or b"").decode() for name, value in found.headers}
    assert there.ids == ["e0", "e1", "e2", "e3", "e4"]
    assert (found.key, found.value) == (b"ZA-1", b'{"n":2}')
    assert (
        stated.items()
        >= {
            "ce_id": "e2",
            "ce_subject": "s2",
            "ce_partitionkey": "ZA-1",
            "ce_knativekafkapartition": "0",
            "ce_knativekafkaoffset": "2",
            "ce_knativeerrorcode": "422",
            "ce_knativeerrordest": there.address,
            "ce_knativeerrordata": base64.b64encode(BROKEN.body).decode(),
            "ce_reason": "amount is missing",
            "ce_deliveryattempts": "1",
            "content-type": "application/json",
        }.items()
    )


def test_a_rejected_event_of_a_batch_does_not_affect_the_others(
    servers: str, sender: KafkaSender, topic: str
) -> None:
    """One rejected event of a batch does not affect the others."""
    sender.send([record_of(event(n, topic, f"key-{n}")) for n in range(20)])

    with function(poison) as there:
        with running(options(servers, topic, there.address, batching=Batching(50, 0.05))):
            until(lambda: len(records_of(servers, f"{topic}.dlq")) == 1, "the dead letter")
        requests = there.requests

    (found,) = records_of(servers, f"{topic}.dlq")
    assert dict(found.headers)["ce_id"] == b"e2"
    assert dict(found.headers)["ce_reason"] == b"as told"
    assert sorted(there.ids) == sorted(f"e{n}" for n in range(20))
    assert requests < 10


def test_a_function_without_batch_support_gets_single_events(
    servers: str, sender: KafkaSender, topic: str
) -> None:
    """If a function rejects batches, each event is delivered alone and none is lost."""
    sender.send([record_of(event(n, topic, f"key-{n}")) for n in range(10)])

    with function() as there:
        there.takes_batches = False
        with running(options(servers, topic, there.address, batching=Batching(10, 0.2))):
            until(lambda: len(there.ids) == 10, "all of them, singly")

    assert sorted(there.ids) == sorted(f"e{n}" for n in range(10))
    assert records_of(servers, f"{topic}.dlq") == []


def test_a_partition_waits_until_its_dead_letter_is_stored(
    servers: str, sender: KafkaSender
) -> None:
    """The offset is committed after the dead letter is stored, or the event would be lost."""
    topic = make_topic(servers)
    sender.send([record_of(event(n, topic)) for n in range(4)])

    with function(poison) as there, running(options(servers, topic, there.address)):
        until(lambda: "e2" in there.ids, "the poison")
        KafkaTopics(servers).create([Topic(f"{topic}.dlq", 1, 1, {})])
        before = there.ids
        until(lambda: "e3" in there.ids, "the event behind it")

    assert before == ["e0", "e1", "e2"]
    assert [dict(r.headers)["ce_id"] for r in records_of(servers, f"{topic}.dlq")] == [b"e2"]


def test_a_record_without_key_and_value_can_be_dead_lettered(
    servers: str, sender: KafkaSender, topic: str
) -> None:
    """A record without key and value (kcat `-Z -K:`) can be dead-lettered."""
    kcat(servers, topic, "none", [":"], "-Z", "-K:")
    sender.send([record_of(event(1, topic))])

    with (
        function(lambda seen: Reply(422 if seen.offset == 0 else 204)) as there,
        running(options(servers, topic, there.address)),
    ):
        until(lambda: "e1" in there.ids, "the event behind it")

    (found,) = records_of(servers, f"{topic}.dlq")
    assert (found.key, found.value) == (None, b"")
    assert dict(found.headers)["ce_id"] == b"partition:0/offset:0"
    assert "ce_leftoutsize" not in dict(found.headers)


def test_a_plain_record_arrives_as_from_a_kafka_source(
    servers: str, sender: KafkaSender, topic: str
) -> None:
    """A plain record arrives as from a KafkaSource, so functions work in a cluster too."""
    payment = b'{"amount_zar": "1.00"}'
    sender.send([Record(topic, "é 1".encode(), payment, [("X-Bank", b"a b")])])
    sender.send([Record(topic, b"k", None)])

    with function() as there, running(options(servers, topic, there.address)):
        until(lambda: len(there.ids) == 2, "both records")

    plain, tombstone = there.seen
    stated = {n: v for n, v in plain.headers.items() if n.startswith("ce-") and n != "ce-time"}
    assert stated == {
        "ce-specversion": "1.0",
        "ce-id": "partition:0/offset:0",
        "ce-type": "dev.knative.kafka.event",
        "ce-source": f"/apis/v1/namespaces/default/kafkasources/a-source#{topic}",
        "ce-subject": "partition:0#0",
        "ce-key": "%C3%A9%201",
        "ce-partitionkey": "%C3%A9%201",
        "ce-kafkaheaderxbank": "a%20b",
        "ce-knativekafkapartition": "0",
        "ce-knativekafkaoffset": "0",
    }
    assert "content-type" not in plain.headers
    assert (plain.body, tombstone.body) == (payment, b"")


def test_an_attribute_of_the_event_does_not_make_its_letter_a_cut_one() -> None:
    """A replay would search the topic for a record with the stated digest."""
    stated = {"id": "e1", "leftoutsha256": "00", "bank": "b"}
    event = Incoming("payments.submitted", 0, 7, b"k", stated, None, b"")
    refused = SinkResponse(DeliveryResult.REJECTED, 422, {"leftoutsize": "5"})

    names = {name for name, _ in letter(event, refused, "http://score/", 1).headers}

    assert {"ce_id", "ce_bank"} <= names
    assert not {name for name in names if name.startswith("ce_leftout")}
