"""Known lists: the beneficiaries or devices of an account, with the time of the first payment.

A byte string of 8 bytes each, little-endian: a digest, the second of the first payment. The entry
of the latest payment is at the end; the oldest entries are removed at the front.
"""

from collections.abc import Sequence
from struct import Struct
from typing import Final

from risksentinel.domain.party_state import place_of, taken_out

KNOWN: Final = Struct("<II")
NO_DEVICE: Final = b"\0\0\0\0"  # not the digest of any device that a payment states
_SECOND: Final = 4  # offset in an entry


def first_of(known: bytes, digest: bytes) -> int:
    """Return the second of the first payment; 0 if the digest is not in the list."""
    place = place_of(known, digest, KNOWN.size, 0)
    return 0 if place is None else _second(known, place)


def seen(known: bytes, digest: bytes, second: int, most: int) -> bytes:
    """Return the list after a payment at that second, limited to `most` entries."""
    if digest == NO_DEVICE:
        return known
    place = place_of(known, digest, KNOWN.size, 0)
    if place is not None:
        second = min(second, _second(known, place))
        known = taken_out(known, place, KNOWN.size)
    return (known + digest + second.to_bytes(4, "little"))[-most * KNOWN.size :]


def without_first(known: bytes, digest: bytes, second: int, left: Sequence[int]) -> bytes:
    """Return the list without a payment at that second, if payments at `left` remain.

    If it was the first payment, the first remaining one takes its place; without one, the entry is
    removed.
    """
    place = place_of(known, digest, KNOWN.size, 0)
    if place is None or _second(known, place) != second:
        return known
    if not left:
        return taken_out(known, place, KNOWN.size)
    return known[: place + _SECOND] + min(left).to_bytes(4, "little") + known[place + KNOWN.size :]


def _second(known: bytes, place: int) -> int:
    return int.from_bytes(known[place + _SECOND : place + KNOWN.size], "little")
