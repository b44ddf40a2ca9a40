"""Basis: what a payment is decided with: the policy, the code, and every rule by its version."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from hashlib import sha256
from json import JSONEncoder
from typing import Any, Final

DIGEST_DIGITS: Final = 32  # hexadecimal: 128 bits of SHA-256
_CANONICAL: Final = JSONEncoder(sort_keys=True, separators=(",", ":"), ensure_ascii=True)


@dataclass(frozen=True, slots=True)
class Basis:
    """Receipts have the digest; the document is stored once, with the first such receipt."""

    digest: str
    document: Mapping[str, Any] = field(hash=False, compare=False, repr=False)

    @classmethod
    def of(cls, document: Mapping[str, Any]) -> "Basis":
        """Return the basis with this document."""
        return cls(digest_of_json(document), document)


def digest_of_json(value: object) -> str:
    """Return the digest of a JSON value, whatever the order of its keys."""
    return sha256(_CANONICAL.encode(value).encode()).hexdigest()[:DIGEST_DIGITS]
