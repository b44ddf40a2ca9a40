"""Dead letters that their topic refuses as too large: without the value, with its origin.

Topics of dead letters accept larger records than those of events, so this is rare: a value that its
producer compressed better than the dead letter, or that takes too long to compress, a key of half a
mebibyte, or a topic with another setting. A replay reads the record from its original topic.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Final

from typing_extensions import override

from risksentinel.adapters.kafka.clients import partition_of
from risksentinel.adapters.kafka.letter_attributes import (
    LEFT_OUT_ORIGIN,
    LEFT_OUT_SHA256,
    LEFT_OUT_SIZE,
    OFFSET,
    PARTITION,
    REASON,
)
from risksentinel.adapters.kafka.log import KafkaLog
from risksentinel.adapters.kafka.records import PREFIX, Record
from risksentinel.adapters.kafka.types import ConsumerRecord
from risksentinel.errors import NotFound, Violation

MAX_ATTRIBUTES: Final = 64
LONGEST_ATTRIBUTE: Final = 1024  # characters
LONGEST_KEY: Final = 1024  # bytes


@dataclass(frozen=True, slots=True)
class Origin:
    """The place of a record, and its value there."""

    topic: str
    partition: int
    offset: int
    value: bytes | None

    @override
    def __str__(self) -> str:
        return f"{self.topic}/{self.partition}/{self.offset}"


def cut_attributes(attributes: Mapping[str, str], origin: Origin, refusal: str) -> dict[str, str]:
    """The first attributes, each shortened; and the origin and the reason of the omitted value."""
    kept = {
        name: value[:LONGEST_ATTRIBUTE]
        for name, value in list(attributes.items())[:MAX_ATTRIBUTES]
        if len(name) <= LONGEST_ATTRIBUTE
    }
    size = len(origin.value or b"")
    reason = (
        f"{kept.get(REASON, 'no answer')}; the dead letter was refused as a whole ({refusal}): "
        f"its value of {size} bytes is left out, and is in {origin}"
    )
    return {
        **kept,
        REASON: reason,
        LEFT_OUT_ORIGIN: str(origin),
        LEFT_OUT_SIZE: str(size),
        LEFT_OUT_SHA256: digest_of(origin.value),
    }


def whole_of(log: KafkaLog, letter: ConsumerRecord, topic: str) -> Record | None:
    """The original record of a cut letter; None where the letter has its value.

    Raises:
        NotFound: the topic does not have the record any more.
    """
    stated = {name: (value or b"").decode(errors="replace") for name, value in letter.headers}
    digest = stated.get(f"{PREFIX}{LEFT_OUT_SHA256}")
    if letter.value or digest is None:
        return None
    place = [stated.get(f"{PREFIX}{name}", "unknown") for name in (PARTITION, OFFSET)]
    for record in _at(log, topic, *place):
        if digest_of(record.value) == digest:
            headers = [(name, value or b"") for name, value in record.headers]
            return Record(topic, record.key, record.value, headers)
    gone = f"its value is left out, and {'/'.join([topic, *place])} does not have it any more"
    raise NotFound([Violation("id", f"{letter.topic}/{letter.partition}/{letter.offset}: {gone}")])


def _at(log: KafkaLog, topic: str, number: str, at: str) -> Sequence[ConsumerRecord]:
    try:
        partition, offset = partition_of(topic, int(number)), int(at)
    except ValueError:  # Knative's letters have the attributes that their sender wrote
        return ()
    if partition not in log.partitions(topic):
        return ()
    first, following = log.ends(partition)
    return log.between(partition, offset, offset + 1) if first <= offset < following else ()


def digest_of(value: bytes | None) -> str:
    """The SHA-256 of a value, in hexadecimal digits."""
    return sha256(value or b"").hexdigest()
