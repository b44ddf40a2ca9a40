"""Objects: what a model registry needs of a storage, a folder or S3."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Protocol

from risksentinel.errors import Malformed


@dataclass(frozen=True, slots=True)
class Stored:
    """An object that was read; the tag is the storage's identifier of its content."""

    body: bytes
    tag: str = ""


class Objects(Protocol):
    """Bytes by key. A key is a path of names that were validated before.

    Each method raises Unavailable when the storage does not answer, and Misconfigured where it
    does not exist or denies access.
    """

    def read(self, key: str, most: int, known: Stored | None = None) -> Stored | None:
        """The object; `known` itself while it is unchanged; None where it does not exist.

        Raises Malformed where it is larger than `most`.
        """

    def add(self, key: str, body: bytes, *, for_good: bool = False) -> bool:
        """Store an object permanently and atomically; False where the key exists.

        With `for_good` the storage refuses deletion for five years, if it has object lock.
        """

    def replace(self, key: str, body: bytes, known: Stored | None) -> bool:
        """Replace `known`, or create where `known` is None; False after a concurrent change."""

    def keys(self, under: str) -> list[str]:
        """The keys that begin with `under` and a slash."""

    def originals(self, under: str, most: int) -> Iterator[tuple[str, bytes]]:
        """The keys that begin with `under` and a slash, with the bytes that were stored first.

        On a storage that keeps versions, later versions and deletions do not count. Raises
        Malformed where an object is larger than `most`.
        """

    def remove(self, key: str) -> None:
        """Delete an object; one that does not exist stays away."""

    def close(self) -> None:
        """Close the connections to the storage."""


def too_large(key: str, most: int) -> Malformed:
    """The error for an object that is larger than allowed."""
    return Malformed(f"{key} is larger than {most} bytes")
