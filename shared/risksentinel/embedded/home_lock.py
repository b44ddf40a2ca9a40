"""The folder where the embedded engine keeps its data, and who may use it."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from filelock import FileLock, Timeout

from risksentinel.errors import Misconfigured


@contextmanager
def locked_home(home: Path) -> Iterator[Path]:
    """Hold the folder for one engine: two would each miss what the other's memory has seen.

    Raises:
        Misconfigured: another engine holds it.
    """
    try:
        with FileLock(home / "engine.lock", timeout=0):
            yield home
    except PermissionError:
        raise Misconfigured(
            f"{home} cannot be written: mind the owner of RISKSENTINEL_HOME"
        ) from None
    except Timeout:
        raise Misconfigured(
            f"an engine is running on {home}: stop it, send to it by --url, "
            "or set RISKSENTINEL_HOME to another folder"
        ) from None
