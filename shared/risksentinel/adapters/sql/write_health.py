"""Whether the database takes writes: the last one, and the room on the disk of an SQLite file."""

import shutil
from time import monotonic
from typing import Final
from weakref import WeakKeyDictionary

from sqlalchemy import Engine

from risksentinel.errors import Misconfigured

MIB: Final = 1024 * 1024
MIN_FREE_BYTES: Final = 32 * MIB  # SQLite's journal grows to 16 MiB before it is merged
# Without traffic no write succeeds, and without readiness there is no traffic.
REMEMBERED_SECONDS: Final = 30.0
_failures: Final[WeakKeyDictionary[Engine, float]] = WeakKeyDictionary()


def write_failed(engine: Engine) -> None:
    """Remember when a write failed."""
    _failures[engine] = monotonic()


def write_succeeded(engine: Engine) -> None:
    """Forget the failure before."""
    if engine in _failures:
        _failures.pop(engine, None)


def writes_work(engine: Engine) -> None:
    """Return if the last write succeeded and the next one has room.

    Raises:
        Misconfigured: the last write failed within REMEMBERED_SECONDS, or the disk is almost full.
    """
    failed_at = _failures.get(engine)
    if failed_at is not None and monotonic() - failed_at < REMEMBERED_SECONDS:
        raise Misconfigured("the last write failed: the log has the reason")
    file = engine.url.database
    if engine.dialect.name == "sqlite" and file:
        free = shutil.disk_usage(file).free
        if free < MIN_FREE_BYTES:
            raise Misconfigured(
                f"{free // MIB} MiB are free on the disk of the database: make room, "
                f"{MIN_FREE_BYTES // MIB} MiB are needed"
            )
