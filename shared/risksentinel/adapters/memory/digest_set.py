"""DigestSet: up to a million 64-bit digests in 8 bytes each."""

from array import array
from bisect import bisect_left
from collections.abc import Iterable
from itertools import chain
from typing import Final

MAX_LATER: Final = 4096  # digests outside the array, of about 90 bytes each


class DigestSet:
    """A sorted array, and a small set of later digests. It is immutable: `with_more` copies.

    Copies share the array until there are more than MAX_LATER later digests.
    """

    __slots__ = ("_array", "_later")

    def __init__(self, digests: Iterable[int] = ()) -> None:
        self._array = array("q", sorted(digests))
        self._later: frozenset[int] = frozenset()

    def __contains__(self, digest: int) -> bool:
        place = bisect_left(self._array, digest)
        if place < len(self._array) and self._array[place] == digest:
            return True
        return digest in self._later

    def __len__(self) -> int:
        return len(self._array) + len(self._later)

    def with_more(self, digests: Iterable[int]) -> "DigestSet":
        """The set with these digests too."""
        new = {digest for digest in digests if digest not in self}
        later = self._later | new
        if len(later) > MAX_LATER:
            return DigestSet(chain(self._array, later))
        copy = DigestSet()
        copy._array, copy._later = self._array, later
        return copy
