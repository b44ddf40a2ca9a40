from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from risksentinel.adapters.kafka.dead_letters import MARKER_TYPE, KafkaDeadLetters
from risksentinel.adapters.kafka.records import Record, record_of
from risksentinel.adapters.kafka.sender import KafkaSender
from risksentinel.adapters.kafka.topics import KafkaTopics, needed_topics
from risksentinel.errors import NotFound
from tests.adapters.kafka.topics import event, events_of, records_of

TOPIC = "transactions.received"
NOW = datetime(2026, 5, 2, tzinfo=UTC)


@pytest.fixture(scope="module")
def letters(own_servers: str) -> Iterator[KafkaDeadLetters]:
    """Dead letters on a broker with the topics of the functions."""
    topics = KafkaTopics(own_servers)
    topics.create([t for t in needed_topics(8, 1) if t.name in topics.missing(needed_topics(8, 1))])
    with closing(KafkaSender(own_servers, budget=10.0)) as sender:
        yield KafkaDeadLetters(own_servers, sender)


def bury(letters: KafkaDeadLetters, *numbers: int, topic: str = TOPIC, **added: str) -> list[str]:
    """Write letters as a dispatcher does; answers their ids."""
    before = {letter.id for letter in letters.list(topic, 1000)}
    for number in numbers:
        record = record_of(event(number, topic))
        extensions = [(f"ce_{name}", value.encode()) for name, value in added.items()]
        letters.sender.send(
            [Record(f"{topic}.dlq", record.key, record.value, [*record.headers, *extensions])]
        )
    return [each.id for each in reversed(letters.list(topic, 1000)) if each.id not in before]


def test_letters_are_listed_newest_first(letters: KafkaDeadLetters) -> None:
    """An operator starts with the newest letter."""
    first, second = bury(letters, 1, 2)
    (alert,) = bury(letters, 3, topic="alerts.raised")

    assert [each.id for each in letters.list(None, 3)] == [alert, second, first]
    assert [each.id for each in letters.list(TOPIC, 1)] == [second]
    assert [each.event.id for each in letters.list("alerts.raised", 1)] == ["e3"]


def test_a_letter_says_what_was_answered(letters: KafkaDeadLetters) -> None:
    """The reason shows what must be corrected before a replay."""
    (letter_id,) = bury(
        letters,
        4,
        knativeerrorcode="422",
        knativeerrordest="http://score/",
        reason="amount is missing",
        deliveryattempts="1",
        knativekafkaoffset="7",
    )

    letter = letters.show(letter_id)

    assert (letter.code, letter.reason, letter.attempts) == (422, "amount is missing", 1)
    assert letter.event == event(4, TOPIC)
    assert letter_id.startswith("transactions.received.dlq/0/")


def test_a_replay_publishes_the_same_event_and_lists_the_letter_no_more(
    letters: KafkaDeadLetters,
) -> None:
    """Consumers identify the event by its id, and the operator must see which letters remain."""
    first, second, third = bury(letters, 5, 6, 7, knativeerrorcode="500", reason="a bug")

    replayed = letters.replay([second, first, second], NOW)

    found = [e for e in events_of(letters.servers, TOPIC) if e.id in {"e5", "e6", "e7"}]
    listed = {each.id for each in letters.list(TOPIC, 1000)}
    assert replayed == 2
    assert found == [event(5, TOPIC), event(6, TOPIC)]
    assert listed.isdisjoint({first, second})
    assert third in listed


def test_a_letter_is_replayed_byte_for_byte(letters: KafkaDeadLetters) -> None:
    """Data that is not JSON is often the reason of a dead letter."""
    broken = b'{"amount": 1.10, "amount": '
    letters.sender.send(
        [Record(f"{TOPIC}.dlq", b"K", broken, [("x-own", b"\xff"), ("ce_id", b"b")])]
    )
    letter = letters.list(TOPIC, 1)[0]

    letters.replay([letter.id], NOW)

    (found,) = [r for r in records_of(letters.servers, TOPIC) if r.key == b"K"]
    assert (found.value, dict(found.headers)) == (broken, {"x-own": b"\xff", "ce_id": b"b"})


def test_a_replay_of_one_that_is_gone_replays_none(letters: KafkaDeadLetters) -> None:
    """Half a replay would have to be sorted out by hand."""
    gone, there = bury(letters, 8, 9)
    letters.replay([gone], NOW)

    with pytest.raises(NotFound):
        letters.replay([there, gone], NOW)
    with pytest.raises(NotFound):
        letters.show(gone)
    with pytest.raises(NotFound):
        letters.replay([there, f"{TOPIC}.dlq/0/999999"], NOW)

    assert there in {each.id for each in letters.list(TOPIC, 1000)}
    assert "e9" not in {e.id for e in events_of(letters.servers, TOPIC)}


def test_a_letter_whose_event_has_the_type_of_a_marker_hides_no_other(
    letters: KafkaDeadLetters,
) -> None:
    """A sender chooses the type and the subject of its events."""
    (hidden,) = bury(letters, 30)
    (letter_id,) = bury(letters, 31, type=MARKER_TYPE, subject=hidden, knativeerrorcode="422")

    assert [each.id for each in letters.list(TOPIC, 2)] == [letter_id, hidden]


def test_an_old_letter_is_found_behind_many_markers(letters: KafkaDeadLetters) -> None:
    """The list is read from its end, and most letters there may be replayed."""
    (old,) = bury(letters, 10, topic="alerts.raised")
    done = bury(letters, *range(100, 350), topic="alerts.raised")
    letters.replay(done, NOW)

    listed = [each.id for each in letters.list("alerts.raised", 2)]

    assert old in listed


@settings(deadline=None, max_examples=50)
@given(st.text() | st.sampled_from(["alerts.raised/0/0", f"{TOPIC}.dlq/9/0", f"{TOPIC}.dlq/00/0"]))
def test_no_id_that_was_never_given_is_found(letters: KafkaDeadLetters, letter_id: str) -> None:
    """An id comes from a person's clipboard."""
    with pytest.raises(NotFound):
        letters.show(letter_id)
