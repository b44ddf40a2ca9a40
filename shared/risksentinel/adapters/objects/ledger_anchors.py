"""ObjectAnchors: signed heads of the ledger as objects, one for each size."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from risksentinel.adapters.models.model_objects import Objects
from risksentinel.domain.ledger_entry import TREE, Head
from risksentinel.errors import Malformed
from risksentinel.text import rfc3339
from risksentinel.text.canonical_json import canonical

FOLDER: Final = "ledger/heads"
_MAX_BYTES: Final = 10_000


@dataclass(frozen=True, slots=True)
class ObjectAnchors:
    """Meets `ports.Anchors` on a bucket or a folder."""

    objects: Objects

    def add(self, head: Head, public_key: bytes | None) -> bool:
        """Store the head; False where one of its size is stored."""
        members = {
            "tree": TREE,
            "size": head.size,
            "root": head.root.hex(),
            "at": rfc3339.to_text(head.at),
            "signature": head.signature and head.signature.hex(),
            "public_key": public_key and public_key.hex(),
        }
        key = f"{FOLDER}/{head.size}.json"
        return self.objects.add(key, canonical(members).encode(), for_good=True)

    def heads(self) -> Sequence[Head]:
        """All heads as they were stored first, the smallest first.

        Raises Malformed where an anchor is damaged.
        """
        found = self.objects.originals(FOLDER, _MAX_BYTES)
        heads = (_head(key, body) for key, body in found if key.endswith(".json"))
        return sorted(heads, key=lambda head: head.size)


def _head(key: str, body: bytes) -> Head:
    try:
        members = json.loads(body)
        signature = members["signature"]
        return Head(
            int(members["size"]),
            bytes.fromhex(members["root"]),
            rfc3339.parse(members["at"]),
            None if signature is None else bytes.fromhex(signature),
        )
    except (ValueError, KeyError, TypeError):
        raise Malformed(f"the anchor {key} is damaged") from None
