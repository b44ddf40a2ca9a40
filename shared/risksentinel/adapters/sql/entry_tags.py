"""EntryTags: the tag of an entry shows that a process with the ledger's key wrote the entry.

Without tags, a row that was inserted into the audit log by hand would be chained like any other.
"""

import hmac
import os
from collections.abc import Sequence
from datetime import datetime
from hashlib import sha256
from typing import Final

from sqlalchemy import Engine

TAGS: Final = "risksentinel_entry_tags"  # the option of an engine whose entries get tags
_NONCE_BYTES: Final = 8  # equal entries of the same moment have different tags
_DIGEST_BYTES: Final = 24


class EntryTags:
    """Makes and checks the tags of entries, with a key derived from the ledger's."""

    def __init__(self, seed: bytes) -> None:
        self._key = sha256(b"risksentinel entry tags\0" + seed).digest()

    def tag(self, at: datetime, texts: Sequence[str]) -> bytes:
        """A new tag of an entry; the texts are its other columns, the details as stored."""
        return self._tag(os.urandom(_NONCE_BYTES), at, texts)

    def is_valid(self, tag: bytes, at: datetime, texts: Sequence[str]) -> bool:
        """Whether this key made the tag for this entry."""
        return hmac.compare_digest(tag, self._tag(tag[:_NONCE_BYTES], at, texts))

    def _tag(self, nonce: bytes, at: datetime, texts: Sequence[str]) -> bytes:
        entry = "\0".join((at.isoformat(), *texts)).encode()
        return nonce + hmac.digest(self._key, nonce + entry, "sha256")[:_DIGEST_BYTES]


def tags_of(engine: Engine) -> EntryTags | None:
    """The tags that the engine's entries get; None without a key."""
    tags: EntryTags | None = engine.get_execution_options().get(TAGS)
    return tags


def with_tags(engine: Engine, seed: bytes | None) -> Engine:
    """The engine, whose entries get tags from now on; unchanged without a key."""
    if seed is not None:
        engine.update_execution_options(**{TAGS: EntryTags(seed)})
    return engine
