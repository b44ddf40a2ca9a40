"""The lock of the embedded engine's data folder: one engine at a time."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from filelock import FileLock, Timeout

from risksentinel.errors import Misconfigured

_FILE: Final = "engine.lock"


@contextmanager
def locked_home(home: Path) -> Iterator[Path]:
    """Lock the folder for one engine: each engine has a history in memory of its own payments.

    Raises:
        Misconfigured: another engine has the lock, or the folder is not writable.
    """
    lock = FileLock(home / _FILE, timeout=0)
    try:
        lock.acquire()
    except Timeout:
        raise Misconfigured(
            f"an engine is running on {home}: stop it, send to it by --url, "
            "or set RISKSENTINEL_HOME to another folder"
        ) from None
    except OSError as error:
        raise Misconfigured(
            f"{home} is not writable ({error.strerror}): check the owner of RISKSENTINEL_HOME"
        ) from None
    try:
        yield home
    finally:
        lock.release()


def is_locked(home: Path) -> bool:
    """Whether an engine is running on the folder."""
    if not (home / _FILE).exists():
        return False
    try:
        with FileLock(home / _FILE, timeout=0):
            return False
    except Timeout:
        return True
    except PermissionError:
        raise Misconfigured(
            f"{home} belongs to another user: run the command as that user"
        ) from None
