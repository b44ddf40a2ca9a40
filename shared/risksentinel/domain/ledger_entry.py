"""LedgerEntry: an entry of the ledger as it is hashed; Head: the ledger up to one entry."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from risksentinel.domain.merkle import leaf_hash
from risksentinel.text.canonical_json import canonical
from risksentinel.text.rfc3339 import to_text

TREE: Final = "risksentinel ledger v1"


@dataclass(frozen=True, slots=True)
class LedgerEntry:
    """Who did what to which subject, when; `id` is the database's number of the entry."""

    id: int
    at: datetime
    actor: str
    action: str
    subject_kind: str
    subject_id: str
    details: Mapping[str, Any]

    def to_mapping(self) -> dict[str, Any]:
        """The members of the entry: their canonical JSON is what the ledger hashes."""
        return {
            "id": self.id,
            "at": to_text(self.at),
            "actor": self.actor,
            "action": self.action,
            "subject_kind": self.subject_kind,
            "subject_id": self.subject_id,
            "details": self.details,
        }

    @property
    def leaf(self) -> bytes:
        """The entry's leaf hash."""
        return leaf_hash(canonical(self.to_mapping()))


@dataclass(frozen=True, slots=True)
class Head:
    """The root of the first `size` entries, and the time at which it was signed."""

    size: int
    root: bytes
    at: datetime
    signature: bytes | None = None  # Ed25519, of `signed`; None without a key

    @property
    def signed(self) -> bytes:
        """The bytes that the signature covers: canonical JSON."""
        return canonical(
            {"tree": TREE, "size": self.size, "root": self.root.hex(), "at": to_text(self.at)}
        )
