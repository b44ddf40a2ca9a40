"""Objects in a folder: a file appears whole or not at all, and survives a power cut."""

import os
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from risksentinel.adapters.models.model_objects import Stored, too_large
from risksentinel.errors import Misconfigured, Unavailable

PATIENCE_SECONDS: Final = 5
_READABLE: Final = 0o644  # who trains and who serves may be two users

Put = Callable[[Path, Path], None]


class FolderObjects:
    """Meets `Objects`. A folder that is not there holds nothing; writing makes it."""

    def __init__(self, root: Path) -> None:
        self._root = root

    def read(self, key: str, most: int, known: Stored | None = None) -> Stored | None:
        """The object, `known` itself while it is unchanged, or None where there is none."""
        with _answered():
            try:
                with (self._root / key).open("rb") as file:
                    body = file.read(most + 1)
            except (FileNotFoundError, NotADirectoryError):
                return None
        if len(body) > most:
            raise too_large(key, most)
        return known if known is not None and known.body == body else Stored(body)

    def add(self, key: str, body: bytes) -> bool:
        """Keep an object for good; False where there is one already."""
        path = self._root / key
        with _answered(), _part_of(path, body) as part:
            try:
                os.link(part, path)  # unlike a rename, it is refused where the name is taken
            except FileExistsError:
                return False
            _keep_entries(path)
        return True

    def replace(self, key: str, body: bytes, known: Stored | None) -> bool:
        """Put it where `known` is, or nothing; False where somebody else was faster."""
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

    def close(self) -> None:
        """Nothing is open between two calls."""


@contextmanager
def _part_of(path: Path, body: bytes) -> Iterator[Path]:
    """Write the content to the disk, under a name beside the file's own."""
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
    """Keep other processes from replacing the file meanwhile."""
    from filelock import FileLock, Timeout

    try:
        with FileLock(path.with_name(f".{path.name}.lock"), timeout=PATIENCE_SECONDS):
            yield
    except Timeout as error:
        raise Unavailable("model folder", error) from error


def _content(path: Path) -> bytes | None:
    try:
        return path.read_bytes()
    except FileNotFoundError:
        return None


def _keep_entries(path: Path) -> None:
    """Put the lists of files that lead to this one on the disk; Windows does so by itself."""
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
        raise Misconfigured(f"MODEL_URI is a folder of no use: {error.strerror}") from error
    except OSError as error:
        raise Unavailable("model folder", error) from error
