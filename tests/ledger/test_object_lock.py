"""Anchors in a bucket with object lock: who can write to the bucket cannot take them back."""

from collections.abc import Iterator
from contextlib import closing
from datetime import timedelta
from pathlib import Path
from secrets import token_hex
from typing import Any, Final

import boto3  # type: ignore[import-untyped]  # it has no types
import pytest
from botocore.exceptions import ClientError  # type: ignore[import-untyped]  # the same
from sqlalchemy import text

from infra.devstack.servers.server_kinds import RunningServer
from risksentinel.adapters.objects.ledger_anchors import FOLDER
from risksentinel.adapters.objects.s3 import LOCK_TIME
from risksentinel.adapters.signing.key_file import make_key
from risksentinel.adapters.system_clock import now
from risksentinel.assembly.container import Container
from risksentinel.assembly.ledger_log import anchors
from risksentinel.migrations.migrate import migrate
from risksentinel.settings import Settings
from tests.functions.caller import NOW
from tests.ledger.kept import anchored, chained, commit, faults, tampering

_KEYS: Final = ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY")
_PREFIX: Final = "audit"
S3 = Any  # boto3 has no types


@pytest.fixture
def client(minio_server: RunningServer, monkeypatch: pytest.MonkeyPatch) -> Iterator[S3]:
    """The administrator of the server; the engine gets the same keys."""
    settings = minio_server.settings
    for name in _KEYS:
        monkeypatch.setenv(name, settings[name])
    session = boto3.session.Session(
        *(settings[name] for name in _KEYS), region_name=settings["AWS_REGION"]
    )
    with closing(session.client("s3", endpoint_url=settings["S3_ENDPOINT_URL"])) as client:
        yield client


@pytest.fixture(params=["locked", "plain"])
def bucket(request: pytest.FixtureRequest, client: S3) -> str:
    """A bucket with object lock, and one without."""
    name = f"ledger-{token_hex(4)}"
    client.create_bucket(Bucket=name, ObjectLockEnabledForBucket=request.param == "locked")
    return name


@pytest.fixture
def container(minio_server: RunningServer, bucket: str, tmp_path: Path) -> Iterator[Container]:
    """A ledger of two entries, whose head is anchored in the bucket."""
    make_key(tmp_path / "key.pem")
    url = f"sqlite:///{tmp_path / 'risk.db'}"
    migrate(url)
    settings = Settings(
        database_url=url,
        risksentinel_home=tmp_path,
        ledger_signing_key_file=str(tmp_path / "key.pem"),
        ledger_uri=f"s3://{bucket}/{_PREFIX}",
        s3_endpoint_url=minio_server.settings["S3_ENDPOINT_URL"],
        aws_region=minio_server.settings["AWS_REGION"],
    )
    container = Container(settings, clock=lambda: NOW)
    commit(container.engine, 1, 2)
    chained(container)
    anchored(container)
    yield container
    container.close()


def anchor_of(bucket: str) -> dict[str, str]:
    """The anchor of two entries."""
    return {"Bucket": bucket, "Key": f"{_PREFIX}/{FOLDER}/2.json"}


def cut(container: Container) -> None:
    """Write another history over the two entries, as the owner of the database and of the key."""
    with tampering(container) as connection:
        for table in ("audit_log", "ledger_leaves", "ledger_tiles", "ledger_heads"):
            connection.execute(text(f"DELETE FROM {table}"))  # noqa: S608 - names of ours
        state = "size = 0, last_commit = NULL, last_entry = 0, frontier = zeroblob(0)"
        connection.execute(text(f"UPDATE ledger_state SET {state}"))  # noqa: S608 - ours
    commit(container.engine, 3, 4, 5)
    chained(container)


@pytest.mark.parametrize("bucket", ["locked"], indirect=True)
def test_an_anchor_is_locked_for_five_years(container: Container, bucket: str, client: S3) -> None:
    """FIC Act, section 23: records are kept for five years; COMPLIANCE has no exception."""
    assert len(anchors(container).heads()) == 1

    retention = client.get_object_retention(**anchor_of(bucket))["Retention"]

    assert retention["Mode"] == "COMPLIANCE"
    assert abs(now() + LOCK_TIME - retention["RetainUntilDate"]) < timedelta(minutes=5)
    assert timedelta(days=5 * 365) <= LOCK_TIME


@pytest.mark.parametrize("bucket", ["locked"], indirect=True)
def test_a_locked_anchor_cannot_be_deleted_or_unlocked(
    container: Container, bucket: str, client: S3
) -> None:
    """Not even by the administrator of the server."""
    named = {**anchor_of(bucket), "VersionId": client.head_object(**anchor_of(bucket))["VersionId"]}
    earlier = {"Mode": "COMPLIANCE", "RetainUntilDate": now() + timedelta(days=1)}
    governed = {"Mode": "GOVERNANCE", "RetainUntilDate": now() + timedelta(days=1)}

    for ask, more in (
        (client.delete_object, {}),
        (client.delete_object, {"BypassGovernanceRetention": True}),
        (client.put_object_retention, {"Retention": earlier}),
        (client.put_object_retention, {"Retention": governed, "BypassGovernanceRetention": True}),
    ):
        with pytest.raises(ClientError):
            ask(**named, **more)
    assert [head.size for head in anchors(container).heads()] == [2]


@pytest.mark.parametrize("bucket", ["locked"], indirect=True)
@pytest.mark.parametrize("hides", ["delete", "overwrite"])
def test_an_anchor_that_is_hidden_by_a_later_version_counts(
    container: Container, bucket: str, client: S3, hides: str
) -> None:
    """A bucket with object lock still takes delete markers and newer versions."""
    before = faults(container)
    if hides == "delete":
        client.delete_object(**anchor_of(bucket))
    else:
        forged = client.get_object(**anchor_of(bucket))["Body"].read().replace(b"2026", b"2027")
        client.put_object(**anchor_of(bucket), Body=forged)

    still = faults(container)
    cut(container)
    found = faults(container)

    assert (before, still) == ([], [])
    assert "the anchor" in found[0].what


def test_a_head_of_the_same_size_does_not_replace_an_anchor(
    container: Container, bucket: str, client: S3
) -> None:
    """Also where the bucket has no object lock."""
    stored = client.get_object(**anchor_of(bucket))["Body"].read()
    (head,) = anchors(container).heads()

    added = anchors(container).add(head, b"another key")

    assert not added
    assert client.get_object(**anchor_of(bucket))["Body"].read() == stored


@pytest.mark.parametrize("bucket", ["plain"], indirect=True)
def test_a_bucket_without_object_lock_takes_anchors(
    container: Container, bucket: str, client: S3
) -> None:
    """Object lock is recommended, not required: the bucket of the models has none."""
    cut(container)

    assert "the anchor" in faults(container)[0].what
    assert "ObjectLockMode" not in client.head_object(**anchor_of(bucket))
