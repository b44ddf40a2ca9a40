"""Events in JSON, one or a batch of them."""

import base64
import json
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from risksentinel.cloudevents.binding import (
    MAX_IN_A_BATCH,
    STRUCTURED,
    BrokenEvent,
    receive,
    receive_batch,
)
from risksentinel.cloudevents.received_event import ReceivedEvent
from risksentinel.errors import Malformed

ENVELOPE = {
    "id": "1.received",
    "source": "/risksentinel/ingest",
    "type": "za.risksentinel.transaction.received.v1",
    "specversion": "1.0",
}


@given(
    st.binary()
    | st.sampled_from(list(ENVELOPE)).map(lambda n: json.dumps({**ENVELOPE, n: 1}).encode())
)
def test_any_structured_body_is_an_event_or_refused(body: bytes) -> None:
    """No body of a sender causes an internal error, alone or in a batch."""
    with suppress(Malformed):
        assert isinstance(receive({"Content-Type": STRUCTURED}, body), ReceivedEvent)
    with suppress(Malformed):
        assert isinstance(receive_batch(body), list)


@pytest.mark.parametrize(
    ("members", "data"),
    [
        ({"data": {"amount": 1.5}}, b'{"amount":1.5}'),
        ({"data": None}, b"null"),
        ({"data": "text"}, b'"text"'),
        ({"data": "text", "datacontenttype": "text/plain"}, b"text"),
        ({"data": {"a": 1}, "datacontenttype": "text/plain"}, b'{"a":1}'),
        ({"data_base64": base64.b64encode(b"\x00\xff").decode()}, b"\x00\xff"),
        ({}, b""),
    ],
)
def test_structured_data_is_kept_as_bytes(members: dict[str, object], data: bytes) -> None:
    """A handler gets the same event in every mode."""
    body = json.dumps({**ENVELOPE, **members}).encode()

    event = receive({"Content-Type": f"{STRUCTURED}; charset=utf-8"}, body)

    assert event.data == data


def test_structured_attributes_may_be_numbers_and_null() -> None:
    """The specification allows integers and booleans, and null for absent attributes."""
    body = json.dumps({**ENVELOPE, "attempt": 3, "replayed": True, "subject": None}).encode()

    event = receive({"Content-Type": STRUCTURED}, body)

    assert event.extensions == {"attempt": "3", "replayed": "true"}
    assert event.subject is None


@pytest.mark.parametrize(
    "members",
    [
        {"subject": {"a": 1}},
        {"subject": 1.5},
        {"data": 1, "data_base64": ""},
        {"data_base64": "!"},
        {"data_base64": 7},
    ],
)
def test_a_wrong_envelope_is_refused(members: dict[str, object]) -> None:
    """An event with both kinds of data is ambiguous."""
    with pytest.raises(Malformed):
        receive({"Content-Type": STRUCTURED}, json.dumps({**ENVELOPE, **members}).encode())


@pytest.mark.parametrize(
    "content_type", ["application/cloudevents+avro", "application/cloudevents"]
)
def test_a_format_that_is_not_read_here_is_named(content_type: str) -> None:
    """The error names the media types that are accepted."""
    with pytest.raises(Malformed, match="must be application/cloudevents"):
        receive({"Content-Type": content_type}, b"")


def test_a_broken_event_does_not_fail_its_neighbours() -> None:
    """A batch is not read as one event."""
    body = json.dumps([ENVELOPE, {"id": "2"}, 3, {**ENVELOPE, "id": 4.5}]).encode()

    first, *broken = receive_batch(body)

    assert isinstance(first, ReceivedEvent)
    assert [event.id for event in broken] == ["2", None, None]
    assert all(isinstance(event, BrokenEvent) for event in broken)


@pytest.mark.parametrize(
    "body", [b"{}", b"", b"[", json.dumps([1] * (MAX_IN_A_BATCH + 1)).encode()]
)
def test_what_is_no_batch_or_too_long_is_refused(body: bytes) -> None:
    """The size of a batch is limited, so that it is handled within the timeout."""
    with pytest.raises(Malformed):
        receive_batch(body)
