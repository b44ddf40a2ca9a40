"""A test that asks for a storage runs on each of the three, one that asks for S3 on two."""

from collections.abc import Iterator
from uuid import uuid4

import pytest

from infra.devstack.servers.server_kinds import RunningServer
from risksentinel.adapters.models.model_objects import Objects
from risksentinel.adapters.models.stored_registry import StoredModelRegistry
from tests.adapters.models.storages import (
    FolderStorage,
    S3Storage,
    Storage,
    folder_storage,
    s3_storage,
)


@pytest.fixture(scope="session")
def folder(tmp_path_factory: pytest.TempPathFactory) -> FolderStorage:
    """A folder for all tests."""
    return folder_storage(tmp_path_factory.mktemp("models"))


@pytest.fixture(scope="session")
def minio(minio_server: RunningServer) -> Iterator[S3Storage]:
    """A bucket for all tests."""
    with s3_storage(minio_server.settings) as storage:
        yield storage


@pytest.fixture(scope="session")
def versitygw(versitygw_server: RunningServer) -> Iterator[S3Storage]:
    """A bucket on the other server, for all tests."""
    with s3_storage(versitygw_server.settings) as storage:
        yield storage


@pytest.fixture(params=["folder", "minio", "versitygw"])
def storage(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Storage:
    """Each storage of models; its credentials are in the environment."""
    storage: Storage = request.getfixturevalue(request.param)
    for name, value in storage.environment.items():
        monkeypatch.setenv(name, value)
    return storage


@pytest.fixture(params=["minio", "versitygw"])
def s3(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> S3Storage:
    """The same, on servers only."""
    storage: S3Storage = request.getfixturevalue(request.param)
    for name, value in storage.environment.items():
        monkeypatch.setenv(name, value)
    return storage


@pytest.fixture
def registry(storage: Storage) -> StoredModelRegistry:
    """The registry of the storage."""
    return storage.registry


@pytest.fixture
def objects(storage: Storage) -> Objects:
    """The objects of the storage, without a registry."""
    return storage.objects


@pytest.fixture
def name() -> str:
    """A model of the test's own, in a storage that all tests share."""
    return f"forest-{uuid4().hex[:12]}"
