"""The responses of the routes of the ledger."""

from typing import Any

from pydantic import Field

from risksentinel.domain.ledger_entry import TREE, Head, LedgerEntry
from risksentinel.http.response_model import Moment, ResponseModel
from risksentinel.ports.ledger_log import Proof
from risksentinel.text.rfc3339 import to_text

_HASH = r"^[0-9a-f]{64}$"


class LedgerEntryResponse(ResponseModel):
    """An entry of the ledger; the hash of its canonical JSON (RFC 8785) is a leaf of the tree."""

    id: int
    at: Moment
    actor: str
    action: str = Field(examples=["rule.patched"])
    subject_kind: str
    subject_id: str
    details: dict[str, Any]


class LedgerEntryPage(ResponseModel):
    """One page of entries."""

    items: list[LedgerEntryResponse]
    next_cursor: str | None = Field(description="The cursor of the next page; null on the last")


class HeadResponse(ResponseModel):
    """The root of the Merkle tree (RFC 6962) over the first `size` entries."""

    tree: str = Field(examples=[TREE])
    size: int
    root: str = Field(pattern=_HASH)
    at: Moment
    signature: str | None = Field(
        description="Ed25519, of the canonical JSON of the other four members; null without a key"
    )


class ProofResponse(ResponseModel):
    """An entry, its place in the tree, and the path from its leaf to the root of the head."""

    entry: LedgerEntryResponse
    sequence: int = Field(description="The number of the leaf, counted from 0")
    path: list[str] = Field(description="The hashes beside the path, the lowest first")
    head: HeadResponse


def entry_json(entry: LedgerEntry) -> dict[str, Any]:
    """The JSON of an entry, as it is hashed."""
    return entry.to_mapping()


def head_json(head: Head) -> dict[str, Any]:
    """The JSON of a head."""
    return {
        "tree": TREE,
        "size": head.size,
        "root": head.root.hex(),
        "at": to_text(head.at),
        "signature": None if head.signature is None else head.signature.hex(),
    }


def proof_json(proof: Proof) -> dict[str, Any]:
    """The JSON of a proof."""
    return {
        "entry": entry_json(proof.entry),
        "sequence": proof.leaf.sequence,
        "path": [each.hex() for each in proof.path],
        "head": head_json(proof.head),
    }
