"""LedgerEntry: an entry of the ledger as it is hashed; Head: the ledger up to one entry."""

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from risksentinel.domain.checked_value import checked_value
from risksentinel.domain.merkle import leaf_hash
from risksentinel.text.canonical_json import canonical, quoted
from risksentinel.text.rfc3339 import to_text

TREE: Final = "risksentinel ledger v1"


@checked_value
class LedgerEntry:
    """Who did what to which subject, when.

    `id` is the database's number of the entry. `details` is the stored JSON: new entries store its
    canonical form. `tag` is the tag of the process that wrote the entry.
    """

    id: int
    at: datetime
    actor: str
    action: str
    subject_kind: str
    subject_id: str
    details: str
    tag: bytes | None = None

    @property
    def canonical(self) -> bytes:
        """The bytes that the ledger hashes: the canonical JSON of `to_mapping`."""
        details = self.details if self.tag else canonical(json.loads(self.details))
        return (
            f'{{"action":{quoted(self.action)},"actor":{quoted(self.actor)},'
            f'"at":"{to_text(self.at)}","details":{details},"id":{self.id},'
            f'"subject_id":{quoted(self.subject_id)},"subject_kind":{quoted(self.subject_kind)}}}'
        ).encode()

    @property
    def leaf(self) -> bytes:
        """The entry's leaf hash."""
        return leaf_hash(self.canonical)

    def to_mapping(self) -> dict[str, Any]:
        """The members of the entry."""
        return {
            "id": self.id,
            "at": to_text(self.at),
            "actor": self.actor,
            "action": self.action,
            "subject_kind": self.subject_kind,
            "subject_id": self.subject_id,
            "details": json.loads(self.details),
        }


@dataclass(frozen=True, slots=True)
class Head:
    """The root of the first `size` entries, and the time at which it was signed."""

    size: int
    root: bytes
    at: datetime
    signature: bytes | None = None  # Ed25519, of `signed`; None without a key

    @property
    def signed(self) -> bytes:
        """The bytes that the signature covers."""
        members = {"tree": TREE, "size": self.size, "root": self.root.hex(), "at": to_text(self.at)}
        return canonical(members).encode()
