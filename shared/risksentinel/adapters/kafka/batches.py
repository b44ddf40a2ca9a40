"""read_all_batches: an unreadable batch of records never stalls its partition.

kafka-python 3.0.12 raises an error at an unreadable batch, and again at each poll: the records
behind it are never read. With this module the batch becomes one record with the value
`UnreadableBytes`, and the consumer continues behind it. Where only one record of a readable batch
cannot be parsed, only that record becomes `UnreadableBytes`.
"""

import struct
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final, Self

from kafka.consumer.fetcher import Fetcher  # type: ignore[import-untyped]  # it has no types
from kafka.errors import KafkaError  # type: ignore[import-untyped]  # the same
from kafka.record.util import decode_varint  # type: ignore[import-untyped]  # the same
from typing_extensions import override

_NEWEST_FORMAT: Final = 2  # the magic number of all batches since Kafka 0.11
_HEAD: Final = struct.Struct(">qiibIhi")  # base offset, size, epoch, magic, checksum, bits, delta
_COUNT: Final = struct.Struct(">i")
_COUNT_AT: Final = 57


class UnreadableBytes(bytes):
    """The bytes of a topic in place of a record that cannot be read; `reason` says why."""

    reason: str

    def __new__(cls, raw: bytes, reason: str) -> Self:
        """Store the bytes unchanged."""
        made = super().__new__(cls, raw)
        made.reason = reason
        return made


def read_all_batches(fetcher: Any) -> None:  # noqa: ANN401  # kafka-python has no types
    """Make this fetcher return unreadable records as `UnreadableBytes`."""
    fetcher.PartitionRecords = _Records


class _Records(Fetcher.PartitionRecords):  # type: ignore[misc]  # kafka-python has no types
    @override
    def _unpack_records(self, tp: Any, records: Any, *deserializers: Any) -> Iterator[Any]:
        found: Iterator[Any] = super()._unpack_records(
            tp, _Batches(records, self.fetch_offset), *deserializers
        )
        return found


@dataclass(frozen=True, slots=True)
class _Raw:
    """A record in the form that the fetcher expects."""

    offset: int
    timestamp: int
    value: UnreadableBytes
    key: None = None
    headers: tuple[()] = ()
    timestamp_type: int = 0
    checksum: None = None

    @property
    def size_in_bytes(self) -> int:
        return len(self.value)

    def validate_crc(self) -> bool:
        return True


@dataclass(slots=True)
class _Batches:
    """The batches of one response of the broker."""

    records: Any
    first: int  # the requested offset; batches begin at or before it

    def next_batch(self) -> Any:  # noqa: ANN401
        raw = bytes(self.records._next_slice or b"")  # noqa: SLF001 - no public name has the bytes
        try:
            batch = self.records.next_batch()
            if batch is None:
                return None
            if not batch.validate_crc():
                return _Broken(raw, self.first)
        except (KafkaError, ValueError, IndexError, struct.error):
            return _Broken(raw, self.first)  # not in the form of a batch
        # kafka-python reads formats from before Kafka 0.11.
        return _Sound(batch, raw, self.first) if batch.magic == _NEWEST_FORMAT else batch


class _Sound:
    """A batch with a correct checksum; its records may still be unreadable."""

    def __init__(self, batch: Any, raw: bytes, first: int) -> None:  # noqa: ANN401
        self._batch, self._raw, self._first = batch, raw, first

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401
        return getattr(self._batch, name)

    def __next__(self) -> Any:  # noqa: ANN401
        return next(self._batch)

    def validate_crc(self) -> bool:
        return True

    def __iter__(self) -> Iterator[Any]:
        try:
            records = iter(self._batch)
        except Exception as error:  # noqa: BLE001  # each codec has its own errors
            yield self._as_bytes(error)
            return
        before = self._batch.base_offset - 1
        while before < self._batch.last_offset:
            try:
                record = next(records)
            except StopIteration:
                return
            except Exception as error:  # noqa: BLE001  # each malformed record has its own error
                record = self._skipped(error) or self._as_bytes(error)
            # With a wrong offset the source would skip other records as known ones.
            if not before < record.offset <= self._batch.last_offset:
                record = self._as_bytes(ValueError("offset"))
            before = record.offset
            yield record

    def _as_bytes(self, error: Exception) -> _Raw:
        last = max(self._batch.last_offset, self._first)
        value = _unreadable(self._raw, error, self._batch.base_offset, last)
        return _Raw(last, self._batch.first_timestamp, value)

    def _skipped(self, error: Exception) -> _Raw | None:
        """The one record that cannot be parsed, if its length leads to the next record."""
        batch = self._batch
        buffer, start = batch._buffer, batch._pos  # noqa: SLF001 - no public name has the bytes
        try:
            length, body = decode_varint(buffer, start)
            _, after = decode_varint(buffer, body)  # attributes
            _, after = decode_varint(buffer, after)  # time
            delta, after = decode_varint(buffer, after)
        except (ValueError, IndexError):
            return None
        end = body + length
        if not (after <= end <= len(buffer) and 0 <= delta <= batch.last_offset_delta):
            return None
        batch._pos = end  # noqa: SLF001 - the next record begins here
        batch._next_record_index += 1  # noqa: SLF001
        offset = batch.base_offset + delta
        value = _unreadable(bytes(buffer[start:end]), error, offset, offset)
        return _Raw(offset, batch.first_timestamp, value)


class _Broken:
    """A damaged batch: only its base offset is used."""

    magic: Final = _NEWEST_FORMAT
    leader_epoch: Final = -1
    is_control_batch: Final = False

    def __init__(self, raw: bytes, first: int) -> None:
        self._raw = raw
        self._base, *_, magic, _, _, delta = _HEAD.unpack_from(raw)
        count = _COUNT.unpack_from(raw, _COUNT_AT)[0] if len(raw) >= _COUNT_AT + 4 else 0
        # A batch that was never compacted states its length twice. Where the two differ, the next
        # offset is requested, and the broker answers with the records that follow.
        whole = magic == _NEWEST_FORMAT and 0 < count == delta + 1
        self.last_offset = max(first, self._base + (delta if whole else 0))
        self.next_offset = self.last_offset + 1

    def has_producer_id(self) -> bool:
        return False

    def validate_crc(self) -> bool:
        return True

    def __iter__(self) -> Iterator[_Raw]:
        value = _unreadable(self._raw, "the checksum is wrong", self._base, self.last_offset)
        yield _Raw(self.last_offset, 0, value)


def _unreadable(raw: bytes, why: Exception | str, first: int, last: int) -> UnreadableBytes:
    which = f"record {last}" if first >= last else f"records {first} to {last}"
    # Only the type of an error: its message may quote the record.
    why = why if isinstance(why, str) else type(why).__name__
    return UnreadableBytes(raw, f"{which} cannot be read: {why}")
