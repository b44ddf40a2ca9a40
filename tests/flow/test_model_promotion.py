"""Promotion, rollback and failure of a model during a load of payments, on real servers."""

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any, Final

import boto3  # type: ignore[import-untyped]  # without types
import pytest
import urllib3

from infra.devstack.stack.topology import BUCKET, CONNECTIONS
from risksentinel.domain.model_version import ModelArtefact
from risksentinel.scoring.features.table import NAMES
from tests.adapters.models import versions
from tests.adapters.models.forests import artefact
from tests.flow.paying import paying
from tests.flow.promoting import WHOLE, command, good, publish, run, truncated
from tests.infra.devstack.stack.stack_process import StackProcess, stack, wait_until

SCORERS: Final = ("INGEST_URL", "SCORE_URL")


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[StackProcess]:
    """A stack: PostgreSQL, Redis, Kafka, MinIO and every function as a process."""
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
    "unmeasured": (
        artefact(WHOLE, features=NAMES, version="unmeasured", measured_by=None),
        "measured_by: must state",
    ),
    "wrong-digest": (good("wrong-digest"), "has another SHA-256 than the manifest says"),
}


def test_a_promotion_and_a_rollback_fail_no_payment(running: StackProcess, tmp_path: Path) -> None:
    """Both scoring functions must switch; tests/functions checks how soon."""
    publish(running, good("v1"), tmp_path)
    publish(running, good("v2"), tmp_path)

    with paying(running, "promoted") as payments:
        for words, version in ((("promote", "v1"), "v1"), (("promote", "v2"), "v2")):
            run(running, *words)
            payments.scored_by(version)
        run(running, "rollback")
        payments.scored_by("v1")

    assert set(payments.statuses) == {201, 202}
    assert payments.statuses.total() == payments.sent.total()


def test_an_unusable_version_is_reported_and_the_last_good_version_stays_in_use(
    running: StackProcess, tmp_path: Path
) -> None:
    """Readiness, metrics and log name the version and the reason; payments are scored as before."""
    publish(running, good("good"), tmp_path)
    run(running, "promote", "good")

    with paying(running, "broken") as payments:
        payments.scored_by("good")
        for version, (of, why) in BROKEN.items():
            publish(running, of, tmp_path)
            _put_into_use(running, of)
            _report_degraded(running, f"version {version} cannot be used", why)
            payments.scored_by("good")
        run(running, "promote", "good")
        _report_ok(running)

    assert set(payments.statuses) == {201, 202}
    log = running.home.with_suffix(".log").read_text()
    for version, (_, why) in BROKEN.items():
        kept = [line for line in log.splitlines() if f"version {version} cannot be used" in line]
        assert len({line.split()[0] for line in kept if "model.kept" in line}) == len(SCORERS)
        assert all(why in line for line in kept)


def _put_into_use(running: StackProcess, of: ModelArtefact) -> None:
    """Promote a version; write the pointer directly if the registry refuses the version."""
    if of.manifest.version != "wrong-digest":
        run(running, "promote", of.manifest.version, "--force")
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


def _report_degraded(running: StackProcess, *words: str) -> None:
    for variable in SCORERS:

        def reported(variable: str = variable) -> bool:
            model: str = _readiness(running, variable)["checks"]["model"]
            return model.startswith("degraded: ") and all(word in model for word in words)

        wait_until(reported, f"{variable}: {words}")
        assert _readiness(running, variable)["status"] == "degraded"
        assert _faulty(running, variable) == 1


def _report_ok(running: StackProcess) -> None:
    for variable in SCORERS:
        wait_until(
            lambda variable=variable: _readiness(running, variable)["checks"]["model"] == "ok",  # type: ignore[misc] # mypy cannot type such a lambda
            f"{variable} to be ready",
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
