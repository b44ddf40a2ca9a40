"""`risksentinel backtest --cluster` on two workers of this machine: the report of one process."""

import signal
import subprocess
import time
from collections.abc import Iterator, Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any, Final

import pytest

from infra.devstack.servers.server_kinds import RunningServer
from risksentinel.adapters.sql.engine import open_engine
from risksentinel.domain.label import Finding, LabelSource
from risksentinel.text import rfc3339
from tests.adapters.models.storages import S3Storage, s3_storage
from tests.backtest.filled import Engined, moment
from tests.backtest.test_as_stored import paid
from tests.cli.backtest_command import COMMAND, arguments, environ, files, made_home, run

PAYMENTS: Final = 1_500


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a database, and a file of payments; the database has other payments."""
    folder = made_home(tmp_path_factory.mktemp("home"), PAYMENTS)
    filled = Engined(open_engine(f"sqlite:///{folder / 'risksentinel.db'}"))
    parties = ["A", "B", "shop", "mule"]
    for number in range(120):
        filled.now = moment(60, 7_200 * number)
        large = number % 11 == 0
        sender, receiver = parties[number % 4], parties[number // 4 % 4]
        payment = paid(number, sender, receiver, 7_200 * number, large)
        filled.pay([payment])
        if large:
            finding = Finding.FRAUD if number % 2 else Finding.GENUINE
            filled.label(payment.id, LabelSource.ANALYST, finding)
    filled.engine.dispose()
    return folder


@pytest.fixture(scope="module")
def minio(minio_server: RunningServer) -> Iterator[S3Storage]:
    """The bucket of the models."""
    with s3_storage(minio_server.settings) as storage:
        yield storage


def settings_of(storage: S3Storage) -> Mapping[str, str]:
    """The settings of the object storage."""
    return {**storage.settings, **storage.environment}


def started(home: Path, words: list[str], settings: Mapping[str, str]) -> subprocess.Popen[bytes]:
    """The command as a process."""
    return subprocess.Popen(  # noqa: S603 - our own command
        [COMMAND, *words],
        env=environ(home, settings),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )


def in_time(report: Mapping[str, Any]) -> Mapping[str, Any]:
    """A report without the time of its end, which is that of its command."""
    inner = {name: each for name, each in report["report.json"].items() if name != "until"}
    return {**report, "report.json": inner}


def test_a_cluster_that_is_killed_writes_the_report_of_one_process(
    home: Path, tmp_path: Path, minio: S3Storage
) -> None:
    """From Parquet in a bucket, to the last byte; nothing is left in the bucket."""
    single, out = tmp_path / "single", tmp_path / "cluster"
    done = run(home, *arguments(home, single))
    assert done.returncode == 0, done.stderr
    storage = ["--cluster", "--storage", "s3://models/past payments"]
    words = [*arguments(home, out), *storage]

    process = started(home, words, settings_of(minio))
    decided: list[str] = []
    deadline = time.monotonic() + 400
    while not decided:
        assert process.poll() is None, "it ended before it was killed"
        assert time.monotonic() < deadline
        time.sleep(0.1)
        listed = minio.client.list_objects_v2(Bucket="models", Prefix="past payments/")
        keys = [item["Key"] for item in listed.get("Contents", ())]
        decided = [key for key in keys if key.endswith("/decisions.parquet")]
    process.send_signal(signal.SIGKILL)
    process.wait(60)
    again = run(home, *words, more=settings_of(minio))

    assert again.returncode == 0, again.stderr
    assert files(out) == files(single)
    assert files(out)["report.json"]["payments"] == PAYMENTS
    left = minio.client.list_objects_v2(Bucket="models", Prefix="past payments/")
    assert left["KeyCount"] == 0


def test_a_cluster_reads_the_past_of_the_database(home: Path, tmp_path: Path) -> None:
    """From a folder: stored decisions before --since and to compare with, labels, devices."""
    since = rfc3339.to_text(moment(60) + timedelta(days=3))
    single, out = tmp_path / "single", tmp_path / "cluster"
    words = ["backtest", "--policy", str(home / "policy.yaml"), "--against", "stored"]
    arguments(home, single)  # writes the policy
    done = run(home, *words, "--since", since, "--out", str(single))
    assert done.returncode == 0, done.stderr

    again = run(
        home,
        *words,
        *("--since", since, "--out", str(out)),
        *("--cluster", "--storage", str(tmp_path / "past")),
    )

    assert again.returncode == 0, again.stderr
    assert in_time(files(out)) == in_time(files(single))
    report = files(out)["report.json"]
    assert 0 < report["payments"] < 120
    assert not list((tmp_path / "past").rglob("*.*"))
