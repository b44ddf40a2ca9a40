"""FolderObjects: files are written atomically, and survive a power cut."""

import os
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final

from risksentinel.adapters.models.model_objects import Stored, too_large
from risksentinel.errors import Misconfigured, Unavailable

LOCK_TIMEOUT_SECONDS: Final = 5
_READABLE: Final = 0o644  # training and serving may run as two users

Put = Callable[[Path, Path], None]


class FolderObjects:
    """Meets `Objects`. A missing folder is empty; the first write creates it."""

    def __init__(self, root: Path) -> None:
        self._root = root

    def read(self, key: str, most: int, known: Stored | None = None) -> Stored | None:
        """The object; `known` itself while it is unchanged; None where it does not exist."""
        with _answered():
            try:
                with (self._root / key).open("rb") as file:
                    body = file.read(most + 1)
            except (FileNotFoundError, NotADirectoryError):
                return None
        if len(body) > most:
            raise too_large(key, most)
        return known if known is not None and known.body == body else Stored(body)

    def add(self, key: str, body: bytes, *, for_good: bool = False) -> bool:  # noqa: ARG002 - no lock
        """Store an object permanently; False where the key exists. A folder has no object lock."""
        path = self._root / key
        with _answered(), _part_of(path, body) as part:
            try:
                os.link(part, path)  # unlike a rename, a link fails where the name exists
            except FileExistsError:
                return False
            _keep_entries(path)
        return True

    def replace(self, key: str, body: bytes, known: Stored | None) -> bool:
        """Replace `known`, or create where `known` is None; False after a concurrent change."""
        path = self._root / key
        with _answered(), _part_of(path, body) as part, _held(path):
            if _content(path) != (None if known is None else known.body):
                return False
            part.replace(path)
            _keep_entries(path)
        return True

    def keys(self, under: str) -> list[str]:
        """The keys that begin with `under` and a slash."""
        with _answered():
            files = (path for path in (self._root / under).rglob("*") if path.is_file())
            return [path.relative_to(self._root).as_posix() for path in files]

    def originals(self, under: str, most: int) -> Iterator[tuple[str, bytes]]:
        """The keys under `under` with their bytes: a folder has no versions."""
        for key in self.keys(under):
            found = self.read(key, most)
            if found is not None:
                yield key, found.body

    def remove(self, key: str) -> None:
        """Delete an object, and the folders that are empty without it."""
        path = self._root / key
        with _answered():
            path.unlink(missing_ok=True)
        for folder in path.parents:
            if folder == self._root or not folder.is_relative_to(self._root):
                return
            with suppress(OSError):  # it is not empty, or another process removed it
                folder.rmdir()

    def close(self) -> None:
        """Does nothing: no file is open between two calls."""


@contextmanager
def _part_of(path: Path, body: bytes) -> Iterator[Path]:
    """Write the content to the disk, in a temporary file beside the target."""
    path.parent.mkdir(parents=True, exist_ok=True)
    descriptor, name = tempfile.mkstemp(prefix=f".{path.name}.", suffix=".part", dir=path.parent)
    part = Path(name)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(body)
            file.flush()
            os.fsync(file.fileno())
        part.chmod(_READABLE)
        yield part
    finally:
        part.unlink(missing_ok=True)


@contextmanager
def _held(path: Path) -> Iterator[None]:
    """Lock the file against replacement by other processes."""
    from filelock import FileLock, Timeout

    try:
        with FileLock(path.with_name(f".{path.name}.lock"), timeout=LOCK_TIMEOUT_SECONDS):
            yield
    except Timeout as error:
        raise Unavailable("model folder", error) from error


def _content(path: Path) -> bytes | None:
    try:
        return path.read_bytes()
    except FileNotFoundError:
        return None


def _keep_entries(path: Path) -> None:
    """Flush the directories of the file to the disk; Windows does it by itself."""
    if os.name == "nt":
        return
    for folder in (path.parent, path.parent.parent):
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


@contextmanager
def _answered() -> Iterator[None]:
    try:
        yield
    except (PermissionError, FileExistsError, NotADirectoryError, FileNotFoundError) as error:
        raise Misconfigured(
            f"MODEL_URI, LEDGER_URI or --storage is a folder that cannot be used: {error.strerror}"
        ) from error
    except OSError as error:
        raise Unavailable("model folder", error) from error
