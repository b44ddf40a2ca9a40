from types import SimpleNamespace
from typing import Any

from hypothesis import example, given
from hypothesis import strategies as st
from kafka.record.default_records import (  # type: ignore[import-untyped]  # it has no types
    DefaultRecordBatchBuilder,
)
from kafka.record.memory_records import MemoryRecords  # type: ignore[import-untyped]  # the same
from kafka.record.util import calc_crc32c  # type: ignore[import-untyped]  # the same

from risksentinel.adapters.kafka.batches import UnreadableBytes, read_all_batches
from risksentinel.adapters.kafka.clients import partition_of

ATTRIBUTES, CHECKSUM, HEADER = 21, 17, 61  # where each begins in a batch, in bytes
EACH = 3  # records in a batch
KEY_OF_A_HEADER = b"ce_id"


def batch(first: int, codec: int = 0) -> bytearray:
    """A batch as a broker stores it."""
    builder = DefaultRecordBatchBuilder(2, codec, 0, -1, -1, -1, 100_000)
    for n in range(EACH):
        builder.append(n, 1000, b"k", b"v" * 40, [(KEY_OF_A_HEADER.decode(), b"e")])
    built = bytearray(builder.build())
    built[:8] = first.to_bytes(8, "big")
    return built


def sign(raw: bytearray) -> bytearray:
    """Make the checksum right again."""
    raw[CHECKSUM:ATTRIBUTES] = calc_crc32c(memoryview(raw)[ATTRIBUTES:]).to_bytes(4, "big")
    return raw


def read(raw: bytes, first: int = 0) -> tuple[list[Any], int]:
    """The records that are read, and the next offset."""
    fetcher = SimpleNamespace()
    read_all_batches(fetcher)
    records = fetcher.PartitionRecords(first, partition_of("t", 0), MemoryRecords(raw))
    return records.take(100), records.next_fetch_offset


@given(
    place=st.integers(0, 10_000),
    change=st.integers(1, 255),
    codec=st.sampled_from([0, 1, 2, 3, 4]),
    signed=st.booleans(),
)
@example(place=0, change=1, codec=0, signed=False)
def test_whatever_is_damaged_its_neighbours_are_read(
    place: int, change: int, codec: int, *, signed: bool
) -> None:
    """One damaged batch must never stall a partition."""
    broken = batch(EACH, codec)
    first = HEADER if signed else ATTRIBUTES  # the broker reads and checks the fields before
    broken[first + place % (len(broken) - first)] ^= change
    if signed:
        sign(broken)

    found, following = read(bytes(batch(0) + broken + batch(2 * EACH)))

    sound = [r.offset for r in found if not isinstance(r.value, UnreadableBytes)]
    offsets = [r.offset for r in found]
    assert {0, 1, 2, 6, 7, 8} <= set(sound)
    assert offsets == sorted(offsets)
    assert following == 3 * EACH


def test_a_batch_with_a_wrong_checksum_comes_out_as_its_bytes() -> None:
    """An operator must be able to inspect its content."""
    broken = batch(EACH)
    broken[-1] ^= 0xFF

    found, _ = read(bytes(batch(0) + broken))

    assert found[-1].value == bytes(broken)
    assert found[-1].value.reason == "records 3 to 5 cannot be read: the checksum is wrong"
    assert found[-1].offset == 5


def test_a_record_that_cannot_be_parsed_comes_out_alone() -> None:
    """A header name in Latin-1 must not make the neighbouring records unreadable."""
    raw = batch(0)
    second = raw.index(KEY_OF_A_HEADER, raw.index(KEY_OF_A_HEADER) + 1)
    raw[second] = 0xE9

    found, following = read(bytes(sign(raw)))

    assert [isinstance(r.value, UnreadableBytes) for r in found] == [False, True, False]
    assert found[1].value.reason.startswith("record 1 cannot be read")
    assert b"v" * 40 in found[1].value
    assert following == EACH


def test_what_was_read_of_a_damaged_batch_is_not_read_again() -> None:
    """After a restart the source begins in the middle of a batch."""
    raw = batch(0)
    raw[-1] ^= 0xFF

    found, following = read(bytes(raw), first=2)

    assert [r.offset for r in found] == [2]
    assert following == EACH
