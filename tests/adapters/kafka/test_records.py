from datetime import UTC, datetime

from hypothesis import given, settings
from hypothesis import strategies as st

from risksentinel.adapters.kafka.records import Record, event_of, record_of
from risksentinel.events.event import Event
from tests.strategies import moments

text = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
names = st.from_regex(r"ext[a-z0-9]{1,9}", fullmatch=True)
values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | text,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(text, inner, max_size=3),
    max_leaves=8,
)
events = st.builds(
    Event,
    topic=st.just("a.topic"),
    id=text,
    type=text,
    source=text,
    subject=text,
    key=text,
    time=moments,
    data=st.dictionaries(text, values, max_size=4),
    dataschema=st.none() | text,
    traceparent=st.none() | text,
    extensions=st.dictionaries(names, text, max_size=3),
)


@settings(deadline=None)
@given(events)
def test_a_record_decodes_to_the_event_it_was_made_of(event: Event) -> None:
    """A consumer must get the event that was published."""
    record = record_of(event)

    assert event_of("a.topic", record) == event


@settings(deadline=None)
@given(
    st.lists(st.tuples(st.sampled_from(["ce_id", "ce_time", "content-type", "x"]), st.binary())),
    st.none() | st.binary(),
    st.none() | st.binary(),
)
def test_any_record_can_be_shown(
    headers: list[tuple[str, bytes]], key: bytes | None, value: bytes | None
) -> None:
    """One broken dead letter must not hide the others."""
    shown = event_of(
        "a.topic", Record("a.topic", key, value, headers), datetime(2026, 5, 1, tzinfo=UTC)
    )

    assert isinstance(shown, Event)
    assert isinstance(shown.data, dict)


def test_the_headers_are_those_of_the_cloudevents_binding() -> None:
    """A KafkaSource of a cluster reads them, not only we do."""
    event = Event(
        topic="t",
        id="é",
        type="a.type",
        source="/s",
        subject="x",
        key="ZA-1",
        time=datetime(2026, 5, 1, tzinfo=UTC),
        data={"amount": "1.00"},
    )

    record = record_of(event)

    assert dict(record.headers) == {
        "ce_specversion": b"1.0",
        "ce_id": "é".encode(),
        "ce_type": b"a.type",
        "ce_source": b"/s",
        "ce_subject": b"x",
        "ce_partitionkey": b"ZA-1",
        "ce_time": b"2026-05-01T00:00:00Z",
        "content-type": b"application/json",
    }
    assert (record.key, record.value) == (b"ZA-1", b'{"amount":"1.00"}')
