"""S3Objects: objects in a bucket of S3, or of a compatible server."""

from collections.abc import Callable, Iterator
from contextlib import closing, suppress
from datetime import datetime, timedelta
from functools import partial
from threading import Lock
from time import monotonic
from typing import Final, Protocol

from risksentinel.adapters.models.model_objects import Stored, too_large
from risksentinel.adapters.objects.s3_client import (
    PART,
    S3Client,
    S3Refusal,
    ask,
    connect,
    s3_errors_mapped,
)
from risksentinel.adapters.objects.signed_read import Address, Undecided, next_bytes, signed_read
from risksentinel.adapters.system_clock import now
from risksentinel.errors import Misconfigured, Unavailable

LOCK_TIME: Final = timedelta(days=5 * 366)  # records are kept for five years: FIC Act, section 23
DOWNLOAD_SECONDS: Final = 60  # for a whole object, however slowly its bytes arrive
KEYS_A_PAGE: Final = 1000
_CHUNK: Final = 256 * 1024


class S3Objects:
    """Meets `Objects`. It connects at its first use."""

    def __init__(self, bucket: str, prefix: str, endpoint_url: str = "", region: str = "") -> None:
        self._bucket = bucket
        self._prefix = f"{prefix}/" if prefix else ""
        self._endpoint_url = endpoint_url
        self._region = region
        self._lock = Lock()
        self._connected: S3Client | None = None

    def read(self, key: str, most: int, known: Stored | None = None) -> Stored | None:
        """The object; `known` itself while it is unchanged; None where it does not exist."""
        if self._connected is None:
            with suppress(Undecided):
                return self._signed_read(key, most, known)
        unless = {"IfNoneMatch": known.tag} if known is not None else {}
        answer = ask(self._client().get_object, **self._named(key), **unless)
        if isinstance(answer, S3Refusal):
            return known if answer is S3Refusal.UNCHANGED else None
        with closing(answer["Body"]) as body:
            return Stored(_content(partial(_read, body), key, most), answer["ETag"])

    def add(self, key: str, body: bytes, *, for_good: bool = False) -> bool:
        """Store an object permanently; False where the key exists.

        With `for_good` it is locked for LOCK_TIME, if the bucket has object lock.
        """
        locked: dict[str, str | datetime] = {
            "ObjectLockMode": "COMPLIANCE",
            "ObjectLockRetainUntilDate": now() + LOCK_TIME,
        }
        answer = self._put(key, body, IfNoneMatch="*", **(locked if for_good else {}))
        if for_good and answer is S3Refusal.NO_LOCK:
            answer = self._put(key, body, IfNoneMatch="*")
        if answer is S3Refusal.UNSUPPORTED:
            raise Misconfigured("the object storage has no conditional writes: use another one")
        return not isinstance(answer, S3Refusal)

    def replace(self, key: str, body: bytes, known: Stored | None) -> bool:
        """Replace `known`, or create where `known` is None; False after a concurrent change.

        On a storage without conditional replacement the last writer wins.
        """
        unless_changed = {"IfMatch": known.tag} if known is not None else {"IfNoneMatch": "*"}
        answer = self._put(key, body, **unless_changed)
        if answer is S3Refusal.UNSUPPORTED:
            answer = self._put(key, body)
        return not isinstance(answer, S3Refusal)

    def keys(self, under: str) -> list[str]:
        """The keys that begin with `under` and a slash."""
        request = {"Bucket": self._bucket, "Prefix": f"{self._prefix}{under}/"}
        found: list[str] = []
        while True:
            page = ask(self._client().list_objects_v2, **request, MaxKeys=KEYS_A_PAGE)
            if isinstance(page, S3Refusal):
                return found
            found += [item["Key"].removeprefix(self._prefix) for item in page.get("Contents", ())]
            if not page.get("IsTruncated"):
                return found
            request["ContinuationToken"] = page["NextContinuationToken"]

    def originals(self, under: str, most: int) -> Iterator[tuple[str, bytes]]:
        """The keys that begin with `under` and a slash, with the bytes that were stored first.

        On a bucket that keeps versions, later versions and deletions do not count.
        """
        for key, version in self._first_versions(under).items():
            answer = ask(self._client().get_object, **self._named(key), **version)
            if not isinstance(answer, S3Refusal):
                with closing(answer["Body"]) as body:
                    yield key, _content(partial(_read, body), key, most)

    def remove(self, key: str) -> None:
        """Delete an object; a bucket that keeps versions keeps its versions."""
        ask(self._client().delete_object, **self._named(key))

    def close(self) -> None:
        """Close the connections; the next use opens new ones."""
        with self._lock:
            client, self._connected = self._connected, None
        if client is not None:
            client.close()

    def _first_versions(self, under: str) -> dict[str, dict[str, str]]:
        request = {"Bucket": self._bucket, "Prefix": f"{self._prefix}{under}/"}
        first: dict[str, dict[str, str]] = {}
        while True:
            page = ask(self._client().list_object_versions, **request, MaxKeys=KEYS_A_PAGE)
            if isinstance(page, S3Refusal):  # the storage keeps no versions
                return {key: {} for key in self.keys(under)}
            for item in page.get("Versions", ()):  # of a key, the newest first
                key = item["Key"].removeprefix(self._prefix)
                # The newest is read without its id: a storage without versions refuses any id.
                first[key] = {} if item["IsLatest"] else {"VersionId": item["VersionId"]}
            if not page.get("IsTruncated"):
                return first
            request["KeyMarker"] = page["NextKeyMarker"]
            request["VersionIdMarker"] = page["NextVersionIdMarker"]

    def _signed_read(self, key: str, most: int, known: Stored | None) -> Stored | None:
        address = Address(self._endpoint_url, self._region, self._bucket)
        tag = "" if known is None else known.tag
        with signed_read(address, self._prefix + key, tag) as response:
            if response is None:
                return known
            content = _content(partial(next_bytes, response), key, most)
            return Stored(content, response.headers["ETag"])

    def _client(self) -> S3Client:
        with self._lock:
            if self._connected is None:
                self._connected = connect(self._endpoint_url, self._region)
            return self._connected

    def _named(self, key: str) -> dict[str, str]:
        return {"Bucket": self._bucket, "Key": self._prefix + key}

    def _put(self, key: str, body: bytes, **conditions: str | datetime) -> object:
        return ask(self._client().put_object, **self._named(key), Body=body, **conditions)


class _Body(Protocol):
    def read(self, amount: int, /) -> bytes: ...


def _content(read: Callable[[int], bytes], key: str, most: int) -> bytes:
    deadline = monotonic() + DOWNLOAD_SECONDS
    content = bytearray()
    while chunk := read(_CHUNK):
        content += chunk
        if len(content) > most:
            raise too_large(key, most)
        if monotonic() > deadline:
            raise Unavailable(PART, TimeoutError())
    return bytes(content)


def _read(body: _Body, amount: int) -> bytes:
    with s3_errors_mapped():
        return body.read(amount)
