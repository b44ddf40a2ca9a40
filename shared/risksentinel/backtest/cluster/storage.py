"""What a backtest keeps in object storage, and how driver and workers open it.

    risksentinel-backtest/run.json       the inputs, and the number of partitions
    risksentinel-backtest/export.json    which export is whole, and how many events it has
    risksentinel-backtest/ID/events/     the payments and labels, by account
    risksentinel-backtest/ID/SIDE/       what one policy decided

An export has a folder of its own, and the first one that is whole counts: two commands at once, or
one that was killed, never mix their files.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any, Final

from risksentinel.adapters.models.model_objects import Objects
from risksentinel.adapters.models.registries import open_objects
from risksentinel.adapters.objects.s3_client import NoBucket
from risksentinel.errors import Malformed, Misconfigured
from risksentinel.settings import Settings

OPTION: Final = "--storage"
ROOT: Final = "risksentinel-backtest"
RUN: Final = f"{ROOT}/run.json"
EXPORT: Final = f"{ROOT}/export.json"
_MAX_BYTES: Final = 16 * 1024 * 1024
_S3: Final = "s3://"
Document = Mapping[str, Any]


def opened(uri: str, settings: Settings) -> Objects:
    """The storage at `s3://bucket/prefix` or in a folder, by the settings of the models' storage.

    Raises:
        Misconfigured: the address cannot be used, or the bucket does not exist.
        Unavailable: the storage does not answer.
    """
    if not uri.startswith(_S3) and "://" not in uri:
        folder = Path(uri) / ROOT
        try:
            folder.mkdir(parents=True, exist_ok=True, mode=0o700)  # it has account numbers
        except OSError as fault:
            raise Misconfigured(f"{OPTION} {uri} cannot be written: {fault.strerror}") from None
    storage = open_objects(uri, settings.s3_endpoint_url, settings.aws_region, OPTION)
    try:
        storage.read(RUN, _MAX_BYTES)
    except NoBucket:
        raise Misconfigured(f"the bucket of {OPTION} {uri} does not exist: create it") from None
    return storage


def absolute(uri: str) -> str:
    """The same address for processes with another working directory."""
    return uri if "://" in uri or not uri else str(Path(uri).absolute())


@lru_cache(maxsize=1)
def worker_storage(uri: str) -> Objects:
    """The storage, once in each process of a worker."""
    return opened(uri, Settings.read())


@dataclass(frozen=True, slots=True)
class Export:
    """A whole export: `events` are payments and labels; a policy decides `asked` payments."""

    folder: str
    events: int
    payments: int
    asked: int

    @property
    def events_folder(self) -> str:
        """Where the payments and labels are."""
        return f"{ROOT}/{self.folder}/events"

    def side_folder(self, side: str) -> str:
        """Where the decisions of one policy are."""
        return f"{ROOT}/{self.folder}/{side}"


def stored_document(storage: Objects, key: str) -> Document | None:
    """A JSON document; None where it does not exist. Raises Malformed where it is damaged."""
    found = storage.read(key, _MAX_BYTES)
    if found is None:
        return None
    try:
        document: Document = json.loads(found.body)
    except ValueError as fault:
        raise Malformed(f"{key} in {OPTION} is damaged: delete all under {ROOT}") from fault
    return document


def store_document(storage: Objects, key: str, document: Document) -> Document:
    """Store a document; return it, or the one that another command stored first."""
    storage.add(key, json.dumps(dict(document)).encode())
    found = stored_document(storage, key)
    if found is None:
        raise Malformed(f"{key} in {OPTION} was deleted meanwhile: run the same command again")
    return found


def remove_all(storage: Objects) -> None:
    """Delete what a finished backtest kept: the documents first, so that no part is used again."""
    for key in (EXPORT, RUN):
        storage.remove(key)
    for key in storage.keys(ROOT):
        storage.remove(key)
