import pytest

from infra.kafka_source.incoming import Incoming
from tests.infra.kafka_source.records import ORIGIN, KafkaRecord, read

ENVELOPE = b'{"specversion":"1.0","id":"7","source":"/x","type":"t","mine":true,"data":{"a":1.10}}'


def given(**fields: object) -> Incoming:
    """Return a record with these fields as the function gets it."""
    return read(KafkaRecord(**fields))  # type: ignore[arg-type]  # of all types


def test_a_plain_record_is_wrapped_as_a_kafka_source_does() -> None:
    """A payment broker that knows no CloudEvents can send plain records."""
    event = given(headers=[("X-Trace Id", b"a b"), ("Source", b"/core")])

    assert event.attributes == {
        "specversion": "1.0",
        "id": "partition:1/offset:7",
        "type": "dev.knative.kafka.event",
        "source": f"{ORIGIN}#payments.submitted",
        "subject": "partition:1#7",
        "time": "2026-05-01T12:00:00Z",
        "key": "ZA-1",
        "partitionkey": "ZA-1",
        "kafkaheaderxtraceid": "a b",
        "kafkaheadersource": "/core",
        "knativekafkapartition": "1",
        "knativekafkaoffset": "7",
    }
    assert event.content_type is None
    assert event.value == b'{"amount": 1}'


def test_the_content_type_of_a_plain_record_is_the_events() -> None:
    """The content type of a plain record is the event's, in lower case, as with KafkaSource."""
    assert given(headers=[("Content-Type", b"Application/JSON")]).content_type == "application/json"


def test_a_record_without_a_key_has_none_as_an_event() -> None:
    """An empty key is no key, or all such payments would have the same sender."""
    for key in (None, b""):
        assert {"key", "partitionkey"}.isdisjoint(given(key=key).attributes)


def test_an_event_is_delivered_with_its_own_attributes() -> None:
    """The event keeps its id, which identifies duplicates; the record's key is not copied."""
    headers = [
        ("ce_specversion", b"1.0"),
        ("ce_id", b"abc"),
        ("ce_source", b"/x"),
        ("ce_type", b"t"),
        ("content-type", b"application/json"),
        ("other", b"dropped"),
    ]

    event = given(headers=headers)

    assert event.attributes == {
        "specversion": "1.0",
        "id": "abc",
        "source": "/x",
        "type": "t",
        "knativekafkapartition": "1",
        "knativekafkaoffset": "7",
    }
    assert event.content_type == "application/json"


def test_a_structured_event_is_delivered_in_binary_mode() -> None:
    """It is delivered in binary mode as by a KafkaSource, with every digit of its amounts."""
    event = given(value=ENVELOPE, headers=[("content-type", b"application/cloudevents+json")])

    assert event.attributes["id"] == "7"
    assert event.attributes["mine"] == "true"
    assert event.value == b'{"a":1.10}'


@pytest.mark.parametrize(
    "headers",
    [
        [("ce_specversion", b"1.0"), ("ce_id", b"abc"), ("ce_source", b"/x")],
        [("ce_specversion", b"9"), ("ce_id", b"a"), ("ce_source", b"/x"), ("ce_type", b"t")],
        [("ce_specversion", b"1.0"), ("ce_id", b"\xff"), ("ce_source", b"/"), ("ce_type", b"t")],
        [
            ("ce_specversion", b"1.0"),
            ("ce_id", b"a"),
            ("ce_source", b"/"),
            ("ce_type", b"t"),
            ("ce_bad\r\nname", b"x"),
        ],
        [("content-type", b"application/cloudevents+json")],
        [("ce_id", None)],
    ],
)
def test_an_invalid_event_is_delivered_as_a_plain_record(
    headers: list[tuple[str, bytes | None]],
) -> None:
    """An invalid event is delivered as a plain record; its consumer rejects it with a reason."""
    event = given(headers=headers)

    assert event.attributes["type"] == "dev.knative.kafka.event"
    assert all(name.isalnum() and name.islower() for name in event.attributes)


def test_a_tombstone_has_no_data() -> None:
    """A record without a value is delivered, because it may be a mistake."""
    assert given(value=None).value is None


@pytest.mark.parametrize("stated", [None, b"application/json", b"application/json; charset=utf-8"])
def test_a_structured_event_without_content_type_is_recognised(stated: bytes | None) -> None:
    """Structured events without their content type are recognised, because SDKs write them."""
    headers = [] if stated is None else [("content-type", stated)]

    event = given(value=ENVELOPE, headers=headers)

    assert event.attributes["id"] == "7"
    assert event.attributes["type"] == "t"
    assert event.value == b'{"a":1.10}'


@pytest.mark.parametrize(
    "value", [b'{"amount": 1}', b'{"note": "specversion"}', b'["specversion"]', b'{"specversion":']
)
def test_a_value_without_specversion_is_a_plain_record(value: bytes) -> None:
    """A payment is a plain record, whatever texts it contains."""
    assert given(value=value).attributes["type"] == "dev.knative.kafka.event"


def test_a_stated_content_type_is_respected() -> None:
    """A stated content type is respected."""
    headers = [("content-type", b"text/plain")]

    assert given(value=ENVELOPE, headers=headers).attributes["type"] == "dev.knative.kafka.event"


@pytest.mark.parametrize("value", [ENVELOPE, b'{"amount": 1}'])
def test_the_trace_in_a_record_header_continues(value: bytes) -> None:
    """The trace of an instrumented producer continues in the event."""
    trace = "00-" + "a" * 32 + "-" + "b" * 16 + "-01"

    event = given(value=value, headers=[("traceparent", trace.encode())])

    assert event.attributes["traceparent"] == trace


def test_the_trace_of_the_event_overrides_the_records() -> None:
    """The event's trace begins where the payment did; the record's may be a proxy's."""
    own, other = ("00-" + letter * 32 + "-" + "b" * 16 + "-01" for letter in "ac")
    stated = {"specversion": "1.0", "id": "1", "source": "/x", "type": "t", "traceparent": own}
    headers = [(f"ce_{name}", value.encode()) for name, value in stated.items()]

    event = given(headers=[*headers, ("traceparent", other.encode())])

    assert event.attributes["traceparent"] == own
