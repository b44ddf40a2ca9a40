"""Objects: what a model registry needs of a storage, be it a folder or S3."""

from dataclasses import dataclass
from typing import Protocol

from risksentinel.errors import Malformed


@dataclass(frozen=True, slots=True)
class Stored:
    """An object as it was read; the tag is the storage's own mark of this very content."""

    body: bytes
    tag: str = ""


class Objects(Protocol):
    """Bytes by key. A key is names joined by slashes, each of which was checked before.

    Each method raises Unavailable when the storage does not answer, and Misconfigured where it is
    not there or lets nobody in.
    """

    def read(self, key: str, most: int, known: Stored | None = None) -> Stored | None:
        """The object, `known` itself while it is unchanged, or None where there is none.

        Raises Malformed where it is larger than `most`.
        """

    def add(self, key: str, body: bytes) -> bool:
        """Keep an object for good, whole or not at all; False where there is one already."""

    def replace(self, key: str, body: bytes, known: Stored | None) -> bool:
        """Put it where `known` is, or nothing; False where somebody else was faster."""

    def keys(self, under: str) -> list[str]:
        """The keys that begin with `under` and a slash."""

    def close(self) -> None:
        """Give the storage's connections back."""


def too_large(key: str, most: int) -> Malformed:
    """What to raise for an object of more bytes than it may have."""
    return Malformed(f"{key} is larger than {most} bytes")
