from collections.abc import Sequence
from unittest.mock import patch

from hypothesis import given, settings
from hypothesis import strategies as st
from kafka import errors  # type: ignore[import-untyped]  # it has no types

from risksentinel.adapters import kafka_sender
from risksentinel.adapters.kafka_records import Record
from risksentinel.adapters.kafka_sender import KafkaSender
from risksentinel.errors import Unavailable
from risksentinel.ports.announcements import Delivery, Outcome

FATES = (
    None,
    errors.KafkaTimeoutError("too late"),
    errors.NotEnoughReplicasError(),
    errors.MessageSizeTooLargeError(),
    errors.TopicAuthorizationFailedError(),
    errors.UnknownTopicOrPartitionError(),
    errors.IllegalStateError("closed by another thread"),
)


class ScriptedProducer:
    """Lets each record meet its fate."""

    def __init__(self, fates: Sequence[Exception | None]) -> None:
        self._fates = iter(fates)

    def send(self, *_: object) -> "ScriptedSent":
        """The next record."""
        return ScriptedSent(next(self._fates))


class ScriptedSent:
    """A record whose fate is known."""

    def __init__(self, fate: Exception | None) -> None:
        self._fate = fate

    def get(self, timeout: float) -> None:
        """Meet it."""
        assert timeout > 0
        if self._fate is not None:
            raise self._fate


def send(records: Sequence[Record], fates: Sequence[Exception | None]) -> list[Delivery]:
    """What the sender says of records with such fates."""
    with (
        patch.object(kafka_sender, "open_producer", lambda *_: ScriptedProducer(fates)),
        patch.object(kafka_sender, "abandon"),
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
    """The outbox would forget the later one, and the earlier one would come behind it."""
    records = [Record(topic, key, b"") for topic, key, _ in drawn]

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

    try:
        send([Record(topic, key, b"") for topic, key, _ in drawn], [fate for *_, fate in drawn])
    except Unavailable:
        assert all_away
    else:
        assert not all_away
