"""A model is promoted, rolled back and broken while payments come in, on all the real servers."""

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any, Final

import boto3  # type: ignore[import-untyped]  # it has no types
import pytest
import urllib3

from infra.devstack.stack.topology import BUCKET, CONNECTIONS
from risksentinel.domain.model_version import ModelArtefact
from risksentinel.scoring.features.table import NAMES
from tests.adapters.models import versions
from tests.adapters.models.forests import artefact
from tests.flow.paying import paying
from tests.flow.promoting import WHOLE, command, done, good, publish, truncated
from tests.infra.devstack.stack.stack_process import StackProcess, stack, wait_until

SCORERS: Final = ("INGEST_URL", "SCORE_URL")


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[StackProcess]:
    """PostgreSQL, Redis, Kafka, MinIO and every function, as processes of their own."""
    settings = {**dict.fromkeys(CONNECTIONS, ""), "MODEL_REFRESH_SECONDS": "0.5"}
    with stack(tmp_path_factory.mktemp("models") / "home", settings) as whole:
        yield whole


BROKEN: Final = {
    "truncated": (
        truncated("truncated"),
        "model.onnx is cut off",
    ),
    "foreign": (
        artefact(b"\x80\x04a pickle", features=NAMES, version="foreign"),
        "model.onnx",
    ),
    "other-features": (
        artefact(version="other-features"),
        "are not those of this release: the model lacks",
    ),
    "untold": (
        artefact(WHOLE, features=NAMES, version="untold", measured_by=None),
        "measured_by: must say",
    ),
    "wrong-digest": (good("wrong-digest"), "has another SHA-256 than the manifest says"),
}


def test_a_promotion_and_its_way_back_fail_no_payment(
    running: StackProcess, tmp_path: Path
) -> None:
    """Two functions score, each for itself; both follow. How soon: tests/functions."""
    publish(running, good("v1"), tmp_path)
    publish(running, good("v2"), tmp_path)

    with paying(running, "promoted") as payments:
        for words, version in ((("promote", "v1"), "v1"), (("promote", "v2"), "v2")):
            done(running, *words)
            payments.scored_by(version)
        done(running, "rollback")
        payments.scored_by("v1")

    assert set(payments.statuses) == {201, 202}
    assert payments.statuses.total() == payments.sent.total()


def test_what_cannot_be_served_is_told_and_the_last_good_model_serves_on(
    running: StackProcess, tmp_path: Path
) -> None:
    """Readiness, metrics and log say which version and why; payments go on as before."""
    publish(running, good("good"), tmp_path)
    done(running, "promote", "good")

    with paying(running, "broken") as payments:
        payments.scored_by("good")
        for version, (of, why) in BROKEN.items():
            publish(running, of, tmp_path)
            _put_into_use(running, of)
            _are_told(running, f"version {version} cannot be used", why)
            payments.scored_by("good")
        done(running, "promote", "good")
        _are_well(running)

    assert set(payments.statuses) == {201, 202}
    log = running.home.with_suffix(".log").read_text()
    for version, (_, why) in BROKEN.items():
        kept = [line for line in log.splitlines() if f"version {version} cannot be used" in line]
        assert len({line.split()[0] for line in kept if "model.kept" in line}) == len(SCORERS)
        assert all(why in line for line in kept)


def _put_into_use(running: StackProcess, of: ModelArtefact) -> None:
    """Promote it; what the registry itself refuses is forced into the storage by hand."""
    if of.manifest.version != "wrong-digest":
        done(running, "promote", of.manifest.version, "--force")
        return
    environ = running.environment
    keys = {
        "aws_access_key_id": environ["AWS_ACCESS_KEY_ID"],
        "aws_secret_access_key": environ["AWS_SECRET_ACCESS_KEY"],
        "region_name": environ["AWS_REGION"],
    }
    endpoint = environ["S3_ENDPOINT_URL"]
    with closing(boto3.client("s3", endpoint_url=endpoint, **keys)) as storage:
        folder = f"models/payments/{of.manifest.version}"
        other = of.model[:-1] + b"\0"
        storage.put_object(Bucket=BUCKET, Key=f"{folder}/model.onnx", Body=other)
        refused = command(running, "promote", of.manifest.version)
        assert "another SHA-256" in str(refused.exception)
        pointer = versions.pointer_to(of.manifest)
        storage.put_object(Bucket=BUCKET, Key="models/payments/current.json", Body=pointer)


def _are_told(running: StackProcess, *words: str) -> None:
    for variable in SCORERS:

        def told(variable: str = variable) -> bool:
            model: str = _readiness(running, variable)["checks"]["model"]
            return model.startswith("degraded: ") and all(word in model for word in words)

        wait_until(told, f"{variable}: {words}")
        assert _readiness(running, variable)["status"] == "degraded"
        assert _faulty(running, variable) == 1


def _are_well(running: StackProcess) -> None:
    for variable in SCORERS:
        wait_until(
            lambda variable=variable: _readiness(running, variable)["checks"]["model"] == "ok",  # type: ignore[misc] # mypy knows no such lambda
            f"{variable} to be well",
        )
        assert _faulty(running, variable) == 0


def _readiness(running: StackProcess, variable: str) -> dict[str, Any]:
    address = f"{running.environment[variable]}/health/readiness"
    found: dict[str, Any] = urllib3.request("GET", address, timeout=30).json()
    return found


def _faulty(running: StackProcess, variable: str) -> float:
    scraped = urllib3.request("GET", f"{running.environment[variable]}/metrics", timeout=30).data
    (line,) = [
        line
        for line in scraped.decode().splitlines()
        if line.startswith("risksentinel_model_faulty{")
    ]
    return float(line.split()[-1])
