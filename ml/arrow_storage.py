"""ArrowStorage: past payments for the workers of a cluster, in S3 or in a folder, by pyarrow.

Training imports no adapters; endpoint, region and keys are those of the engine's settings.
"""

import os
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlencode, urlsplit
from uuid import uuid4

from risksentinel.errors import Malformed, Misconfigured, Unavailable

ROOT: Final = "risksentinel-training"  # of all keys
_S3: Final = "s3://"


@dataclass(frozen=True, slots=True)
class Read:
    """An object that was read."""

    body: bytes


@dataclass(frozen=True, slots=True)
class ArrowStorage:
    """Meets `event_files.Storage` at `s3://bucket/prefix`, or in a folder."""

    uri: str

    def read(self, key: str, most: int) -> Read | None:
        """The object; None where it does not exist. Raises Malformed where it is too large."""
        system, root = self._opened()
        try:
            with system.open_input_file(f"{root}/{key}") as file:
                body: bytes = file.read(most + 1)
        except FileNotFoundError:
            return None
        except OSError as fault:
            raise Unavailable("--storage", fault) from fault
        if len(body) > most:
            raise Malformed(f"{key} is larger than {most} bytes")
        return Read(body)

    def add(self, key: str, body: bytes) -> bool:
        """Store an object in a folder of this run; False where it exists."""
        system, root = self._opened()
        path = f"{root}/{key}"
        try:
            if self.read(key, len(body) + 1) is not None:
                return False
            if not self.uri.startswith(_S3):
                system.create_dir(path.rpartition("/")[0])
            with system.open_output_stream(path) as file:
                file.write(body)
        except OSError as fault:
            raise Unavailable("--storage", fault) from fault
        return True

    def keys(self, under: str) -> list[str]:
        """The keys that begin with `under` and a slash."""
        from pyarrow import fs  # type: ignore[import-untyped] # pyarrow ships no types

        system, root = self._opened()
        where = fs.FileSelector(f"{root}/{under}", allow_not_found=True, recursive=True)
        found = [each.path for each in system.get_file_info(where) if each.is_file]
        return [path.removeprefix(f"{root}/") for path in found]

    def remove(self, under: str) -> None:
        """Delete all keys that begin with `under` and a slash; without one it does nothing."""
        system, root = self._opened()
        with suppress(FileNotFoundError):  # nothing was written
            system.delete_dir(f"{root}/{under}")

    def _opened(self) -> tuple[Any, str]:
        from pyarrow import fs

        if self.uri.startswith(_S3):
            system, root = fs.FileSystem.from_uri(_with_endpoint(self.uri))
        else:
            system, root = fs.LocalFileSystem(), str(Path(self.uri).absolute())
        return system, root.rstrip("/")


def storage_at(uri: str) -> ArrowStorage:
    """The storage, if it can be used.

    Raises:
        Misconfigured: the address is neither, or the bucket or the folder cannot be written.
    """
    if not uri or ("://" in uri and not uri.startswith(_S3)):
        raise Misconfigured("--storage must be s3://bucket/prefix or a folder")
    found, probe = ArrowStorage(uri), f"{ROOT}/{uuid4().hex}"
    try:
        if not uri.startswith(_S3):
            Path(uri).mkdir(parents=True, exist_ok=True, mode=0o700)
        found.add(f"{probe}/probe", b"")
        found.remove(probe)
    except (OSError, ValueError, Unavailable) as fault:
        raise Misconfigured(f"--storage {uri} cannot be used: {fault}") from None
    return found


def _with_endpoint(uri: str) -> str:
    environ = os.environ  # noqa: TID251 - as boto3 reads its keys; training has no settings
    endpoint = urlsplit(environ.get("S3_ENDPOINT_URL", ""))
    options = {"region": environ.get("AWS_REGION", "")}
    if endpoint.netloc:
        options |= {"endpoint_override": endpoint.netloc, "scheme": endpoint.scheme}
    return f"{uri}?{urlencode({name: value for name, value in options.items() if value})}"
