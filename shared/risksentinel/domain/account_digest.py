"""account_digest: names a value in the ledger without stating it; its key can be destroyed."""

import hmac
from typing import Final

KEY_BYTES: Final = 32


def account_digest(key: bytes, folded: str) -> str:
    """The digest of a folded value; without its key nothing links the two."""
    return hmac.digest(key, folded.encode(), "sha256").hex()
