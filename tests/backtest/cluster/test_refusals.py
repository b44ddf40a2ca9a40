"""What a backtest on a cluster cannot use is named in seconds, with the option to change."""

import sys
from pathlib import Path

import pytest

from infra.devstack.servers.server_kinds import RunningServer
from risksentinel.backtest.cluster.storage import opened
from risksentinel.errors import Misconfigured, Unavailable
from risksentinel.partitioned.ray_cluster import LOCAL, cluster
from risksentinel.settings import Settings


@pytest.mark.parametrize("uri", ["gs://past", "s3://Past", "", "s3://past/../models"])
def test_another_address_than_a_bucket_or_a_folder_is_refused(uri: str) -> None:
    """The message has the option, and not the setting of the models."""
    with pytest.raises(Misconfigured, match="--storage must be"):
        opened(uri, Settings())


def test_a_bucket_that_does_not_exist_is_refused(
    minio_server: RunningServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Before hours of export."""
    for name, value in minio_server.settings.items():
        monkeypatch.setenv(name, value)
    with pytest.raises(Misconfigured, match="s3://no-such-bucket/past does not exist: create it"):
        opened("s3://no-such-bucket/past", Settings.read())


def test_a_storage_that_does_not_answer_is_unavailable(
    minio_server: RunningServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The same command may succeed later."""
    for name, value in {**minio_server.settings, "S3_ENDPOINT_URL": "http://127.0.0.1:1"}.items():
        monkeypatch.setenv(name, value)
    with pytest.raises(Unavailable, match="object storage does not answer"):
        opened("s3://models/past", Settings.read())


def test_a_folder_that_cannot_be_written_is_refused(tmp_path: Path) -> None:
    """A file is in its place."""
    (tmp_path / "file").touch()
    with pytest.raises(Misconfigured, match=r"--storage .*/file cannot be written"):
        opened(str(tmp_path / "file"), Settings())


@pytest.mark.parametrize("address", ["127.0.0.1:1", "ray://127.0.0.1:1", "[::1]:1"])
def test_a_cluster_that_does_not_answer_is_refused(address: str) -> None:
    """Ray itself tries for minutes."""
    with pytest.raises(Misconfigured, match="no Ray cluster answers at"), cluster(address, 2):
        pytest.fail("it was used")


def test_without_ray_the_extra_to_install_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    """Ray is large, so that it is an extra."""
    monkeypatch.setitem(sys.modules, "ray", None)
    with (
        pytest.raises(Misconfigured, match=r"pip install 'risksentinel\[cluster\]'"),
        cluster(LOCAL, 2),
    ):
        pytest.fail("it was used")
