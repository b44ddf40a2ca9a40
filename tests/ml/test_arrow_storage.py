"""Training's storage of past payments: a folder, and a bucket of a real server."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from infra.devstack.servers.server_kinds import RunningServer
from ml.arrow_storage import ArrowStorage, storage_at
from risksentinel.errors import Malformed, Misconfigured
from tests.adapters.models.storages import BUCKET, s3_storage


@pytest.fixture
def folder(tmp_path: Path) -> ArrowStorage:
    """In a folder that does not exist yet."""
    return storage_at(str(tmp_path / "past"))


@pytest.fixture
def minio(minio_server: RunningServer, monkeypatch: pytest.MonkeyPatch) -> Iterator[ArrowStorage]:
    """In a bucket, by the variables of the engine's settings."""
    with s3_storage(minio_server.settings) as storage:
        for name, value in {**storage.settings, **storage.environment}.items():
            monkeypatch.setenv(name, value)
        yield storage_at(f"s3://{BUCKET}/past")


@pytest.fixture(params=["folder", "minio"])
def storage(request: pytest.FixtureRequest) -> ArrowStorage:
    """Both."""
    found: ArrowStorage = request.getfixturevalue(request.param)
    return found


def test_what_is_added_is_read_once_whole_and_removed(storage: ArrowStorage) -> None:
    """A second writer of the same key changes nothing."""
    assert storage.add("run/a/1.parquet", b"first")
    assert not storage.add("run/a/1.parquet", b"second")
    assert storage.add("run/b/2.parquet", b"")
    assert storage.add("other/3.parquet", b"3")

    assert sorted(storage.keys("run")) == ["run/a/1.parquet", "run/b/2.parquet"]
    found = storage.read("run/a/1.parquet", 5)
    assert found is not None
    assert found.body == b"first"
    with pytest.raises(Malformed, match="larger than 4 bytes"):
        storage.read("run/a/1.parquet", 4)

    storage.remove("run")
    assert storage.read("run/a/1.parquet", 5) is None
    assert storage.keys("run") == []
    assert storage.keys("other") == ["other/3.parquet"]


def test_removing_what_was_never_written_is_no_error(storage: ArrowStorage) -> None:
    """The error that stopped the run must be the one that is shown."""
    storage.remove("run-that-failed")


def test_a_bucket_that_does_not_exist_is_named(minio: ArrowStorage) -> None:
    """Before a cluster is started."""
    assert minio.uri.startswith("s3://")
    with pytest.raises(Misconfigured, match="--storage s3://no-such-bucket/past cannot be used"):
        storage_at("s3://no-such-bucket/past")
