"""Known lists: beneficiaries or devices that an account knows, and when each was first.

A byte string of 8 bytes each, little-endian: a digest, the second of the first payment. The one
of the latest payment stands at the end, and the list is cut off at its front.
"""

from collections.abc import Sequence
from struct import Struct
from typing import Final

from risksentinel.domain.party_state import place_of, taken_out

KNOWN: Final = Struct("<II")
NO_DEVICE: Final = b"\0\0\0\0"  # no digest of a device that a payment states
_SECOND: Final = 4  # where an entry has it


def first_of(known: bytes, digest: bytes) -> int:
    """The second of the first payment; 0 where the digest is not known."""
    place = place_of(known, digest, KNOWN.size, 0)
    return 0 if place is None else _second(known, place)


def seen(known: bytes, digest: bytes, second: int, most: int) -> bytes:
    """The list after a payment of that second, with at most so many entries."""
    if digest == NO_DEVICE:
        return known
    place = place_of(known, digest, KNOWN.size, 0)
    if place is not None:
        second = min(second, _second(known, place))
        known = taken_out(known, place, KNOWN.size)
    return (known + digest + second.to_bytes(4, "little"))[-most * KNOWN.size :]


def first_again(known: bytes, digest: bytes, second: int, left: Sequence[int]) -> bytes:
    """The list without a payment of that second, where those of these seconds are left.

    If it was the first one, the first of those left takes its place; without any it goes.
    """
    place = place_of(known, digest, KNOWN.size, 0)
    if place is None or _second(known, place) != second:
        return known
    if not left:
        return taken_out(known, place, KNOWN.size)
    return known[: place + _SECOND] + min(left).to_bytes(4, "little") + known[place + KNOWN.size :]


def _second(known: bytes, place: int) -> int:
    return int.from_bytes(known[place + _SECOND : place + KNOWN.size], "little")
