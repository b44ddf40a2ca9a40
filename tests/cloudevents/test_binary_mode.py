"""Events in HTTP headers, and what is no event; an event of ours arrives in every mode."""

from collections.abc import Mapping
from datetime import UTC, datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from werkzeug.datastructures import Headers

from risksentinel.cloudevents.binding import (
    BATCH,
    STRUCTURED,
    is_batch,
    receive,
    receive_batch,
    to_batch,
    to_binary_http,
)
from risksentinel.cloudevents.received_event import ReceivedEvent, event_from
from risksentinel.errors import Malformed
from risksentinel.events.event import Event

TRACE = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"
BINARY = {
    "Ce-Id": "1.received",
    "Ce-Source": "/risksentinel/ingest",
    "Ce-Type": "za.risksentinel.transaction.received.v1",
    "Ce-Specversion": "1.0",
    "Content-Type": "application/json",
}
# Characters that WSGI passes in headers, and that the text of a CloudEvent can contain.
header_values = st.text(st.characters(max_codepoint=255, exclude_characters="\r\n"))
attribute_texts = st.text(
    st.characters(exclude_categories=["Cs", "Cc"], exclude_characters="\ufffe\uffff"), min_size=1
)


def paths(caught: pytest.ExceptionInfo[Malformed]) -> list[str]:
    """The paths of the violations."""
    return [violation.path for violation in caught.value.violations]


def test_binary_mode_is_read_whole() -> None:
    """Every attribute has its field; unknown attributes are extensions."""
    headers = {
        **BINARY,
        "Ce-Subject": "t%2D1",
        "Ce-Partitionkey": '"sender \\"1\\""',
        "Ce-Time": "2026-05-01T10:30:00.123456789+02:00",
        "Ce-Dataschema": "urn:x:1",
        "Ce-Traceparent": TRACE,
        "Ce-Knativekafkaoffset": "7",
        "Ce-Not_A-Name": "left out",
        "X-Other": "left out",
    }

    event = receive(headers, b'{"amount":1.10}')

    assert event == ReceivedEvent(
        id="1.received",
        source="/risksentinel/ingest",
        type="za.risksentinel.transaction.received.v1",
        subject="t-1",
        partitionkey='sender "1"',
        time=datetime(2026, 5, 1, 8, 30, 0, 123456, tzinfo=UTC),
        datacontenttype="application/json",
        dataschema="urn:x:1",
        traceparent=TRACE,
        extensions={"knativekafkaoffset": "7"},
        data=b'{"amount":1.10}',
    )
    assert event.payload() == {"amount": Decimal("1.10")}


def test_a_plain_kafka_record_is_read() -> None:
    """KafkaSource gives a plain record its own attributes and no content type."""
    headers = {
        "ce-id": "partition:1/offset:0",
        "ce-source": "/apis/v1/namespaces/ns/kafkasources/name#payments.submitted",
        "ce-type": "dev.knative.kafka.event",
        "ce-subject": "partition:1#0",
        "ce-specversion": "1.0",
        "ce-key": "s1",
        "ce-partitionkey": "s1",
    }

    event = receive(headers, b'{"a":1}')

    assert (event.id, event.partitionkey) == ("partition:1/offset:0", "s1")
    assert event.payload() == {"a": 1}


@pytest.mark.parametrize("content_type", ["text/plain", "application/avro"])
def test_data_of_another_type_is_no_payload(content_type: str) -> None:
    """Data of another type must not be read as JSON."""
    event = receive({**BINARY, "Content-Type": content_type}, b"{}")

    with pytest.raises(Malformed, match="datacontenttype"):
        event.payload()


@pytest.mark.parametrize("headers", [{}, {"Content-Type": "application/json"}, {"X-Ce-Id": "1"}])
def test_a_request_without_attributes_is_no_event(headers: Mapping[str, str]) -> None:
    """A client may post a payment to the route of events."""
    with pytest.raises(Malformed, match="not a CloudEvent"):
        receive(headers, b"{}")


def test_everything_that_is_missing_is_told_at_once() -> None:
    """A producer can correct every violation after one attempt."""
    with pytest.raises(Malformed) as binary:
        receive({"ce-subject": "1", "ce-time": "yesterday", "ce-specversion": "0.3"}, b"")
    with pytest.raises(Malformed) as structured:
        receive({"Content-Type": STRUCTURED}, b'{"specversion":"1.0","id":""}')

    assert paths(binary) == ["id", "source", "type", "specversion", "time"]
    assert paths(structured) == ["id", "source", "type"]


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("Ce-Id", "a%00b"),
        ("Ce-Id", "a%0Ab"),
        ("Ce-Subject", "%ff"),
        ("Ce-Subject", "\xff"),
        ("Ce-Source", "%ED%A0%80"),
        ("Ce-Anything", "x" * 3000),
        ("Ce-Time", "2026-02-30T00:00:00Z"),
        ("Ce-Time", "0001-01-01T00:00:00+23:00"),
        ("Ce-Time", "2026-05-01 10:00:00Z"),
        ("Ce-Time", "2026-05-01T10:00:00"),
    ],
)
def test_an_attribute_that_is_no_text_or_time_is_named(name: str, value: str) -> None:
    """PostgreSQL refuses NUL, and a line break forges a log line."""
    with pytest.raises(Malformed) as caught:
        receive({**BINARY, name: value}, b"{}")

    assert paths(caught) == [name.lower().removeprefix("ce-")]
    assert value not in str(caught.value)


@given(st.dictionaries(st.sampled_from([*BINARY, "Ce-Time", "Ce-Subject", "Ce-X"]), header_values))
def test_any_headers_are_an_event_or_refused(headers: dict[str, str]) -> None:
    """No header of a sender causes an internal error."""
    try:
        event = receive(Headers(headers), b"{}")
    except Malformed:
        return

    assert all((event.id, event.source, event.type))


@given(
    st.builds(
        Event,
        topic=st.just("alerts.raised"),
        id=attribute_texts,
        type=attribute_texts,
        source=attribute_texts,
        subject=attribute_texts,
        key=attribute_texts,
        time=st.datetimes(timezones=st.just(UTC)),
        data=st.dictionaries(st.text("ab"), st.integers() | st.decimals(0, 1, places=4)),
        traceparent=st.none() | st.just(TRACE),
        extensions=st.dictionaries(st.sampled_from(["one", "two"]), attribute_texts),
    )
)
def test_an_event_of_ours_arrives_as_it_was_sent(event: Event) -> None:
    """An event that one function publishes can be read by another, in every mode."""
    headers, body = to_binary_http(event)
    batch_headers, batch = to_batch([event])

    received = receive(headers, body)

    assert all(value.isascii() and value.isprintable() for value in headers.values())
    assert is_batch(batch_headers)
    assert batch_headers == {"Content-Type": BATCH}
    assert receive_batch(batch) == [received]
    assert received == event_from(event.attributes(), received.data)
    assert (received.id, received.partitionkey, received.time) == (event.id, event.key, event.time)
    assert received.payload() == event.data
