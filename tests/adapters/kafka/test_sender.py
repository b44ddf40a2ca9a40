import os
from collections.abc import Sequence
from contextlib import closing
from unittest.mock import patch
from uuid import uuid4

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from kafka import errors  # type: ignore[import-untyped]  # it has no types

from risksentinel.adapters.kafka import sender
from risksentinel.adapters.kafka.records import Record
from risksentinel.adapters.kafka.sender import DELIVERED, KafkaSender
from risksentinel.adapters.kafka.topics import KafkaTopics, Topic
from risksentinel.errors import Unavailable
from risksentinel.ports.publishing import Delivery, Outcome
from tests.adapters.kafka.topics import records_of

FATES = (
    None,
    errors.KafkaTimeoutError("too late"),
    errors.NotEnoughReplicasError(),
    errors.MessageSizeTooLargeError(),
    errors.TopicAuthorizationFailedError(),
    errors.UnknownTopicOrPartitionError(),
    errors.IllegalStateError("closed by another thread"),
)
REFUSAL = errors.MessageSizeTooLargeError()


class ScriptedProducer:
    """Lets each record meet its fate; the value of a record is its place among the fates."""

    def __init__(self, fates: Sequence[Exception | None]) -> None:
        self._fates = fates
        self.sent: list[bytes] = []

    def send(self, topic: str, value: bytes, *_: object) -> "ScriptedSent":
        """The deliveries of the sender for records with these results."""
        assert topic
        self.sent.append(value)
        return ScriptedSent(self._fates[int(value)])

    def close(self, timeout: float) -> None:
        """Nothing is on its way."""
        assert timeout > 0


class ScriptedSent:
    """A record whose fate is known."""

    def __init__(self, fate: Exception | None) -> None:
        self._fate = fate

    def get(self, timeout: float) -> None:
        """The result of the record."""
        assert timeout > 0
        if self._fate is not None:
            raise self._fate


def send(records: Sequence[Record], fates: Sequence[Exception | None]) -> list[Delivery]:
    """What the sender says of records with such fates."""
    with (
        patch.object(sender, "open_producer", lambda *_: ScriptedProducer(fates)),
        patch.object(sender, "abandon"),
    ):
        return KafkaSender("nowhere").send(records)


records_with_fates = st.lists(
    st.tuples(st.sampled_from("AB"), st.sampled_from([b"x", b"y", None]), st.sampled_from(FATES)),
    min_size=1,
    max_size=12,
)


@settings(deadline=None)
@given(records_with_fates)
def test_no_record_of_a_key_is_delivered_before_an_earlier_one(
    drawn: list[tuple[str, bytes | None, Exception | None]],
) -> None:
    """The outbox would remove the later event, and the earlier one would follow after it."""
    records = [Record(topic, key, b"%d" % n) for n, (topic, key, _) in enumerate(drawn)]

    try:
        deliveries = send(records, [fate for *_, fate in drawn])
    except Unavailable:
        return

    for lane in {(r.topic, r.key) for r in records if r.key is not None}:
        mine = [d for r, d in zip(records, deliveries, strict=True) if (r.topic, r.key) == lane]
        waits = [d.outcome in {Outcome.FAILED, Outcome.HELD} for d in mine]
        after = mine[waits.index(True) :] if True in waits else []
        assert Outcome.DELIVERED not in {d.outcome for d in after}


@settings(deadline=None)
@given(records_with_fates)
def test_only_a_broker_that_took_none_is_unavailable(
    drawn: list[tuple[str, bytes | None, Exception | None]],
) -> None:
    """An outage counts no attempt, and a refusal must not be taken for one."""
    away = (errors.KafkaTimeoutError, errors.NotEnoughReplicasError, errors.IllegalStateError)
    all_away = all(isinstance(fate, away) for *_, fate in drawn)
    records = [Record(topic, key, b"%d" % n) for n, (topic, key, _) in enumerate(drawn)]

    try:
        send(records, [fate for *_, fate in drawn])
    except Unavailable:
        assert all_away
    else:
        assert not all_away


def test_a_record_that_the_broker_refuses_fails_no_other(servers: str) -> None:
    """kafka-python fails all records in flight, and all later ones, with its error."""
    topic = f"test-{uuid4()}"
    KafkaTopics(servers).create([Topic(topic, 1, 1, {"max.message.bytes": "5000"})])
    values = [b"1", os.urandom(20_000), b"3", os.urandom(20_000), b"5"]

    with closing(KafkaSender(servers, budget=10.0)) as sender:
        together = sender.send([Record(topic, None, value) for value in values])
        after = sender.send([Record(topic, None, b"6")])

    refused = Delivery(Outcome.REFUSED, "it is larger than the broker takes")
    assert together == [DELIVERED, refused, DELIVERED, refused, DELIVERED]
    assert after == [DELIVERED]
    assert {record.value for record in records_of(servers, topic)} == {b"1", b"3", b"5", b"6"}


def test_a_record_that_failed_with_the_error_of_another_thread_s_is_sent_again() -> None:
    """A source writes the dead letters of all its partitions through one producer."""
    shared, own = ScriptedProducer([errors.MessageSizeTooLargeError()]), ScriptedProducer([None])
    made = iter([shared, own])

    with (
        patch.object(sender, "open_producer", lambda *_: next(made)),
        patch.object(sender, "abandon") as abandon,
    ):
        deliveries = KafkaSender("nowhere").send([Record("A", b"x", b"0")])

    assert deliveries == [DELIVERED]
    abandon.assert_called_once_with(shared)


@pytest.mark.parametrize(
    ("fates", "own_fates", "sent_alone"),
    [
        ([errors.KafkaTimeoutError(), REFUSAL], [], []),
        ([REFUSAL, REFUSAL], [errors.TopicAuthorizationFailedError(), None], [b"0"]),
    ],
    ids=["it failed together with others", "it failed alone"],
)
def test_a_record_is_not_sent_alone_behind_a_failed_one_of_its_key(
    fates: Sequence[Exception], own_fates: Sequence[Exception | None], sent_alone: list[bytes]
) -> None:
    """The caller retries the failed record: its topic would have the later one first."""
    shared, own = ScriptedProducer(fates), ScriptedProducer(own_fates)
    made = iter([shared, own])

    with (
        patch.object(sender, "open_producer", lambda *_: next(made)),
        patch.object(sender, "abandon"),
    ):
        deliveries = KafkaSender("nowhere").send([Record("A", b"x", b"0"), Record("A", b"x", b"1")])

    assert own.sent == sent_alone
    assert deliveries[1].outcome is Outcome.HELD
