"""The time and fresh ids, as the operating system gives them."""

from datetime import UTC, datetime

import uuid_utils


def now() -> datetime:
    """The time now, in UTC."""
    return datetime.now(UTC)  # noqa: TID251 - the only clock; other code gets it as an argument


def new_id() -> str:
    """A fresh UUIDv7: ids sort by the time of their making (RFC 9562)."""
    return str(uuid_utils.uuid7())
