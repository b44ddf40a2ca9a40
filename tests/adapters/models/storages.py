"""A folder and the S3 servers, as tests see them: opened as in production, and tampered with."""

from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, Protocol

import boto3  # type: ignore[import-untyped]  # it has no types

from risksentinel.adapters.models.model_objects import Objects
from risksentinel.adapters.models.registries import open_registry
from risksentinel.adapters.models.stored_registry import StoredModelRegistry
from risksentinel.adapters.objects.folder import FolderObjects
from risksentinel.adapters.objects.s3 import S3Objects

BUCKET: Final = "models"
PREFIX: Final = "modelle/für Betrüger ☂"


class Storage(Protocol):
    """A storage of models; all tests share its registry and its objects."""

    @property
    def registry(self) -> StoredModelRegistry:
        """The registry that MODEL_URI opens."""

    @property
    def objects(self) -> Objects:
        """What the registry is built on."""

    @property
    def environment(self) -> Mapping[str, str]:
        """The variables with the credentials."""

    def open(self) -> StoredModelRegistry:
        """Another registry on the storage."""

    def write(self, key: str, body: bytes) -> None:
        """Overwrite a file behind the registry's back."""

    def remove(self, key: str) -> None:
        """Remove a file behind the registry's back."""


@dataclass(frozen=True)
class FolderStorage:
    """A folder."""

    root: Path
    registry: StoredModelRegistry
    objects: FolderObjects
    environment: Mapping[str, str] = field(default_factory=dict)

    def open(self) -> StoredModelRegistry:
        """Another registry on it."""
        return open_registry(str(self.root))

    def write(self, key: str, body: bytes) -> None:
        """Overwrite a file."""
        path = self.root / key
        path.parent.mkdir(parents=True, exist_ok=True)
        part = path.with_name(".part")  # a reader meets the old file or the new one, as on S3
        part.write_bytes(body)
        part.replace(path)

    def remove(self, key: str) -> None:
        """Remove a file."""
        (self.root / key).unlink()


@dataclass(frozen=True)
class S3Storage:
    """A bucket on a server."""

    settings: Mapping[str, str]
    client: Any
    registry: StoredModelRegistry
    objects: S3Objects

    @property
    def environment(self) -> Mapping[str, str]:
        """The server's keys."""
        return {name: self.settings[name] for name in _KEYS} | {
            "AWS_EC2_METADATA_DISABLED": "true"  # no request for other credentials
        }

    def open(self, uri: str = f"s3://{BUCKET}/{PREFIX}", endpoint: str = "") -> StoredModelRegistry:
        """Another registry on it, or elsewhere, or by another way."""
        endpoint = endpoint or self.settings["S3_ENDPOINT_URL"]
        return open_registry(uri, endpoint, self.settings["AWS_REGION"])

    def write(self, key: str, body: bytes) -> None:
        """Overwrite an object."""
        self.client.put_object(Bucket=BUCKET, Key=f"{PREFIX}/{key}", Body=body)

    def remove(self, key: str) -> None:
        """Remove an object."""
        self.client.delete_object(Bucket=BUCKET, Key=f"{PREFIX}/{key}")


_KEYS: Final = ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY")


def folder_storage(root: Path) -> FolderStorage:
    """A folder that is not there yet, and whose name is not ASCII."""
    root = root / PREFIX
    return FolderStorage(root, open_registry(str(root)), FolderObjects(root))


@contextmanager
def s3_storage(settings: Mapping[str, str]) -> Iterator[S3Storage]:
    """A bucket on this server, for as long as the block lasts."""
    endpoint, region = settings["S3_ENDPOINT_URL"], settings["AWS_REGION"]
    session = boto3.session.Session(*(settings[name] for name in _KEYS), region_name=region)
    with (
        closing(session.client("s3", endpoint_url=endpoint)) as client,
        closing(open_registry(f"s3://{BUCKET}/{PREFIX}", endpoint, region)) as registry,
        closing(S3Objects(BUCKET, PREFIX, endpoint, region)) as objects,
    ):
        if BUCKET not in [known["Name"] for known in client.list_buckets()["Buckets"]]:
            client.create_bucket(Bucket=BUCKET)
        yield S3Storage(settings, client, registry, objects)
