"""KafkaSender: sends records to the broker, with an answer for each within a budget."""

import time
from collections.abc import Callable, Sequence
from contextlib import closing
from threading import Lock
from typing import Final

import structlog

from risksentinel.adapters.kafka.brokers import Servers
from risksentinel.adapters.kafka.clients import (
    TOO_LARGE,
    GivenUp,
    KafkaError,
    NoSuchTopic,
    NotAccepted,
    Retriable,
    TimedOut,
    abandon,
    learned_since,
    open_producer,
)
from risksentinel.adapters.kafka.deliveries import in_flight_until, in_order
from risksentinel.adapters.kafka.records import Record
from risksentinel.adapters.kafka.types import Producer, SendFuture
from risksentinel.errors import Unavailable
from risksentinel.ports.publishing import Delivery, Outcome

BUDGET: Final = 2.0  # seconds: for the connection, and for the records of one call
PAUSE: Final = 1.0  # seconds without an attempt, after the broker did not answer
AT_ONCE: Final = 500
LARGEST: Final = 1_048_576
# Limits of dead letters and replays before compression: the broker counts compressed bytes, so a
# record that a producer compressed to a mebibyte must not be refused here for its full size.
# gzip takes up to a second of a core for four mebibytes, and a letter must be sent in its budget.
LETTER_BUDGET: Final = 5.0
LARGEST_UNCOMPRESSED_LETTER: Final = 4_194_304
REPLAY_BUDGET: Final = 30.0
LARGEST_UNCOMPRESSED_REPLAY: Final = 67_108_864
DELIVERED: Final = Delivery(Outcome.DELIVERED)
UNAVAILABLE: Final = Delivery(Outcome.HELD, "the broker does not answer")
_log = structlog.get_logger(__name__)


class KafkaSender:
    """Thread-safe. Connects at its first use, and again after a failure.

    A producer whose records failed is closed with everything that it still holds: records that it
    sent later would overtake the ones that its caller retries.
    """

    def __init__(
        self,
        servers: Servers,
        *,
        budget: float = BUDGET,
        largest: int = LARGEST,
        seconds: Callable[[], float] = time.monotonic,
    ) -> None:
        self._servers, self._budget, self._largest = servers, budget, largest
        self._seconds = seconds
        self._lock = Lock()
        self._producer: Producer | None = None
        self._not_before = 0.0
        self._refused = ""

    def send(self, records: Sequence[Record]) -> list[Delivery]:
        """Send in order; one delivery for each record. None overtakes a failed one of its key.

        Raises:
            Unavailable: the broker does not answer, and took no record.
        """
        answers: list[Delivery] = []
        for start in range(0, len(records), AT_ONCE):
            if UNAVAILABLE in answers:
                answers += [UNAVAILABLE] * len(records[start:])
                break
            answers += self._send_some(records[start : start + AT_ONCE])
        if answers and all(answer == UNAVAILABLE for answer in answers):
            raise Unavailable("broker")
        return in_order(records, answers)

    def close(self) -> None:
        """Wait for records in flight, and close the connection to the broker."""
        with self._lock:
            producer, self._producer = self._producer, None
        if producer is not None:
            try:
                producer.close(timeout=self._budget)
            except TimedOut:
                abandon(producer)

    def _send_some(self, records: Sequence[Record], *, again: bool = True) -> list[Delivery]:
        try:
            producer = self._connected()
        except Unavailable:
            return [UNAVAILABLE] * len(records)
        start = self._seconds()
        started = _Started(producer, start)
        sent = [started.send(record) for record in records]
        deadline = start + 2 * self._budget  # more than the producer's own timeouts
        answers = [
            one if isinstance(one, Delivery) else _answer(one, deadline - self._seconds())
            for one in sent
        ]
        refused = in_flight_until(Outcome.REFUSED, sent, answers)
        failed = in_flight_until(Outcome.FAILED, sent, answers)
        if refused or failed or UNAVAILABLE in answers:
            self._give_up(producer, rest=all(answer == UNAVAILABLE for answer in answers))
        if refused and again:
            # kafka-python 3.0.12 fails all records in flight, and all later ones, with the error of
            # one record: only for a record that was sent alone the error is certain. A record
            # behind a failed one of its key is HELD: it must not overtake that record.
            behind_none = in_flight_until(Outcome.REFUSED, sent, in_order(records, answers))
            alone = self._send_alone([records[place] for place in behind_none])
            for place, answer in zip(behind_none, alone, strict=True):
                answers[place] = answer
        return answers

    def _send_alone(self, records: Sequence[Record]) -> list[Delivery]:
        """Send each record alone, up to a failure, through a producer that no other thread uses."""
        answers: list[Delivery] = []
        failed = False
        own = KafkaSender(
            self._servers, budget=self._budget, largest=self._largest, seconds=self._seconds
        )
        with closing(own):
            for record in records:
                answers += [UNAVAILABLE] if failed else own._send_some([record], again=False)
                failed = answers[-1].outcome in {Outcome.FAILED, Outcome.HELD}
        return answers

    def _connected(self) -> Producer:
        with self._lock:
            if self._producer is None:
                if self._seconds() < self._not_before:
                    raise Unavailable("broker")
                try:
                    self._producer = open_producer(self._servers, self._budget, self._largest)
                except Unavailable as error:
                    self._not_before = self._seconds() + PAUSE
                    self._log_once(str(error))
                    raise
                self._refused = ""
            return self._producer

    def _log_once(self, reason: str) -> None:
        """Log why the broker cannot be used, where it is another reason than before."""
        if reason != self._refused:
            self._refused = reason
            _log.warning("broker.unavailable", reason=reason)

    def _give_up(self, producer: Producer, *, rest: bool) -> None:
        with self._lock:
            if self._producer is producer:
                self._producer = None
                self._not_before = self._seconds() + PAUSE if rest else 0.0
        abandon(producer)


class _Started:
    """One round of records; waits for an unreachable topic only once."""

    def __init__(self, producer: Producer, start: float) -> None:
        self._producer, self._start = producer, start
        self._unreachable: dict[str, Delivery] = {}

    def send(self, record: Record) -> SendFuture | Delivery:
        if record.topic in self._unreachable:
            return self._unreachable[record.topic]
        try:
            return self._producer.send(
                record.topic, record.value, record.key, list(record.headers), record.partition
            )
        except TimedOut:
            self._unreachable[record.topic] = self._silence(record.topic)
            return self._unreachable[record.topic]
        except (KafkaError, ValueError) as error:
            return _failure(error)

    def _silence(self, topic: str) -> Delivery:
        if learned_since(self._producer, self._start):
            return _missing(topic)
        return UNAVAILABLE


def _answer(sent: SendFuture, seconds: float) -> Delivery:
    try:
        sent.get(timeout=max(seconds, 0.001))
    except KafkaError as error:
        return _failure(error)
    return DELIVERED


def _failure(error: Exception) -> Delivery:
    if isinstance(error, TOO_LARGE):
        return Delivery(Outcome.REFUSED, "it is larger than the broker takes")
    if isinstance(error, (*NotAccepted, ValueError)):
        return Delivery(Outcome.REFUSED, f"the broker refuses it: {type(error).__name__}")
    if isinstance(error, NoSuchTopic):
        return _missing("its topic")
    if isinstance(error, (Retriable, GivenUp)):
        return UNAVAILABLE
    _log.error("broker.failed", reason=type(error).__name__)
    return Delivery(Outcome.FAILED, f"the broker failed: {type(error).__name__}")


def _missing(topic: str) -> Delivery:
    return Delivery(Outcome.FAILED, f"{topic} does not exist: run `risksentinel topics`")
