"""KafkaDeadLetters: `<topic>.dlq`, as the source and Knative's dead letter sinks write it.

A letter is the CloudEvent that could not be delivered, with the last answer as extensions. A single
record cannot be deleted from a topic, so a replay appends a marker to the same partition: an event
whose subject is the letter's id. A marker is newer than its letter, so it is stored longer. After
a crash between replay and marker the letter can be replayed again; that changes nothing, because
the event has the same id, and consumers ignore repeated ids.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from heapq import merge
from itertools import groupby, islice
from typing import Final

from risksentinel.adapters.kafka.brokers import Servers
from risksentinel.adapters.kafka.clients import partition_of
from risksentinel.adapters.kafka.cut_letters import whole_of
from risksentinel.adapters.kafka.letter_attributes import ADDED, ATTEMPTS, ERROR_CODE, REASON
from risksentinel.adapters.kafka.log import KafkaLog
from risksentinel.adapters.kafka.records import PREFIX, Record, event_of, record_of
from risksentinel.adapters.kafka.sender import KafkaSender
from risksentinel.adapters.kafka.types import ConsumerRecord, Partition
from risksentinel.errors import NotFound, Rejected, Unavailable, Violation
from risksentinel.events.event import Event
from risksentinel.events.registry import consumed_topics, dead_letter_topic, origin_of
from risksentinel.ports.publishing import DeadLetter, Outcome

MARKER_TYPE: Final = "za.risksentinel.deadletter.replayed.v1"
_SOURCE: Final = "/risksentinel/dlq"
_MIN_STEP: Final = 200
_LONGEST_NUMBER: Final = 18  # digits


@dataclass(frozen=True, slots=True)
class KafkaDeadLetters:
    """Meets `ports.DeadLetters`; a letter's id is `<topic>.dlq/<partition>/<offset>`."""

    servers: Servers
    sender: KafkaSender

    def list(self, topic: str | None, most: int) -> list[DeadLetter]:
        """Newest first."""
        with KafkaLog.opened(self.servers) as log:
            columns = [
                list(islice(_letters(log, partition, most), most))
                for name in consumed_topics()
                if topic in {None, name}
                for partition in log.partitions(dead_letter_topic(name))
            ]
        newest = merge(*columns, key=lambda letter: letter.died_at, reverse=True)
        return list(islice(newest, most))

    def show(self, letter_id: str) -> DeadLetter:
        """The letter. Raises NotFound, also where it was replayed."""
        with KafkaLog.opened(self.servers) as log:
            return _letter_of(_records(log, [letter_id])[0])

    def replay(self, letter_ids: Sequence[str], now: datetime) -> int:
        """Publish letters to their topics again, unchanged, in their old order, all or none.

        Raises:
            NotFound: a letter is unknown, was replayed, or its omitted value is gone.
            Rejected: the broker refuses a letter's event.
        """
        with KafkaLog.opened(self.servers) as log:
            records = _records(log, letter_ids)
            originals = [
                whole_of(log, record, origin_of(record.topic)) or _original(record)
                for record in records
            ]
        self._send(originals)
        self._send([_marker(record, now) for record in records])
        return len(records)

    def _send(self, records: Sequence[Record]) -> None:
        for record, delivery in zip(records, self.sender.send(records), strict=True):
            if delivery.outcome is Outcome.REFUSED:
                raise Rejected(f"an event of {record.topic} cannot be replayed: {delivery.reason}")
            if delivery.outcome is not Outcome.DELIVERED:
                raise Unavailable(f"the broker ({delivery.reason})")


def _letters(log: KafkaLog, partition: Partition, most: int) -> Iterator[DeadLetter]:
    replayed: set[str] = set()
    for record in log.backwards(partition, max(most, _MIN_STEP)):
        marked = replayed_by(record)
        if marked is not None:
            replayed.add(marked)
        elif id_of_letter(record) not in replayed:
            yield _letter_of(record)


def _records(log: KafkaLog, letter_ids: Iterable[str]) -> list[ConsumerRecord]:
    """The letters' records in their old order. Raises NotFound, also for a replayed letter."""
    wanted = sorted({_place(letter_id) for letter_id in letter_ids})
    found: list[ConsumerRecord] = []
    for (topic, number), places in groupby(wanted, key=lambda place: place[:2]):
        waiting = _waiting(log, topic, number, offsets := [place[2] for place in places])
        missing = [offset for offset in offsets if offset not in waiting]
        if missing:
            raise _no_such(f"{topic}/{number}/{missing[0]}")
        found += [waiting[offset] for offset in offsets]
    return found


def _waiting(
    log: KafkaLog, topic: str, number: int, offsets: Sequence[int]
) -> dict[int, ConsumerRecord]:
    """The letters from the first offset on that were not replayed, by offset."""
    partition = partition_of(topic, number)
    if topic not in map(dead_letter_topic, consumed_topics()) or partition not in log.partitions(
        topic
    ):
        return {}
    first, following = log.ends(partition)
    if not first <= offsets[0] < following:
        return {}
    records = log.between(partition, offsets[0], following)
    replayed = {replayed_by(record) for record in records}
    return {
        record.offset: record
        for record in records
        if replayed_by(record) is None and id_of_letter(record) not in replayed
    }


def _place(letter_id: str) -> tuple[str, int, int]:
    parts = letter_id.split("/")
    numbers = [
        int(part)
        for part in parts[1:]
        if part.isascii() and part.isdigit() and len(part) <= _LONGEST_NUMBER
    ]
    if len(parts) != len(("topic", "partition", "offset")) or len(numbers) != len(parts) - 1:
        raise _no_such(letter_id)
    place = (parts[0], numbers[0], numbers[1])
    if "/".join(map(str, place)) != letter_id:  # 007 is not an id for 7
        raise _no_such(letter_id)
    return place


def _no_such(letter_id: str) -> NotFound:
    return NotFound([Violation("id", f"there is no dead letter {letter_id}")])


def id_of_letter(record: ConsumerRecord) -> str:
    """The letter id of this record."""
    return f"{record.topic}/{record.partition}/{record.offset}"


def replayed_by(record: ConsumerRecord) -> str | None:
    """The id of the replayed letter that this marker names; None for a letter."""
    headers = {name: value or b"" for name, value in record.headers}
    dead = any(f"{PREFIX}{name}" in headers for name in ADDED)  # a letter whose event has the type
    if dead or headers.get(f"{PREFIX}type") != MARKER_TYPE.encode():
        return None
    return headers.get(f"{PREFIX}subject", b"").decode(errors="replace")


def _letter_of(record: ConsumerRecord) -> DeadLetter:
    died_at = datetime.fromtimestamp(record.timestamp / 1000, UTC)
    origin = origin_of(record.topic)
    event = event_of(origin, _plain(record, origin), died_at)
    added = event.extensions
    return DeadLetter(
        id=id_of_letter(record),
        event=replace(event, extensions={n: v for n, v in added.items() if n not in ADDED}),
        reason=added.get(REASON, "no answer"),
        code=_number(added.get(ERROR_CODE, "")),
        attempts=_number(added.get(ATTEMPTS, "")) or 0,
        died_at=died_at,
    )


def _number(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdigit() else None


def _plain(record: ConsumerRecord, topic: str) -> Record:
    headers = [(name, value or b"") for name, value in record.headers]
    return Record(topic, record.key, record.value, headers)


def _original(record: ConsumerRecord) -> Record:
    whole = _plain(record, origin_of(record.topic))
    added = {f"{PREFIX}{name}" for name in ADDED}
    return replace(whole, headers=[h for h in whole.headers if h[0] not in added])


def _marker(record: ConsumerRecord, now: datetime) -> Record:
    letter_id = id_of_letter(record)
    event = Event(
        topic=record.topic,
        id=f"{letter_id}.replayed",
        type=MARKER_TYPE,
        source=_SOURCE,
        subject=letter_id,
        key=letter_id,
        time=now,
        data={"letter_id": letter_id},
    )
    return replace(record_of(event), partition=record.partition)
