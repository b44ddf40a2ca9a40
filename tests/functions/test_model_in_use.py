"""Promoting a model while payments are scored over HTTP."""

from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Event
from time import monotonic, sleep
from typing import Any

import pytest
from click.testing import CliRunner
from werkzeug.test import Client

from functions.ingest.main import build
from risksentinel.adapters.models.cached_fraud_model import FeatureRow, ServedModel
from risksentinel.adapters.models.onnx_model import onnx_model
from risksentinel.adapters.models.registries import open_registry
from risksentinel.assembly import model as wiring
from risksentinel.assembly.container import Container
from risksentinel.cli.models import models
from risksentinel.domain.model_version import Manifest, ModelArtefact
from risksentinel.http.function_app import FunctionApp
from risksentinel.scoring.facts import Facts
from tests.adapters.models.forests import AMOUNT, artefact, publish, stump
from tests.functions.caller import NOW, PAYMENT, TRANSACTIONS, caller, said
from tests.logs import as_before

WITHIN = 30.0  # seconds, as documented


def load(of: ModelArtefact) -> ServedModel:
    """A release whose only feature is the amount."""
    return onnx_model(of, AMOUNT)


def amount_alone(batch: Sequence[Facts], _: Manifest) -> Sequence[FeatureRow]:
    """The feature of that release, in rand."""
    return [(float(each.transaction.amount.amount),) for each in batch]


@pytest.fixture(autouse=True)
def one_feature(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Use one feature: the tests check the promotion, not the features."""
    monkeypatch.setattr(wiring, "load_model", load)
    monkeypatch.setattr(wiring, "features_of", amount_alone)
    monkeypatch.setattr(wiring, "reasons", lambda _row: ())
    with as_before():
        yield


def command(home: Path, *arguments: str) -> None:
    """Run `risksentinel models`."""
    done = CliRunner().invoke(models, arguments, env={"RISKSENTINEL_HOME": str(home)})
    assert done.exit_code == 0, done.output


def judged(api: Client, number: int) -> tuple[int, dict[str, Any]]:
    """The status of a payment, and the signal of the model on it."""
    answer = api.post(TRANSACTIONS, json={**PAYMENT, "id": f"p-{number}"})
    explanation = said(api.get(f"{TRANSACTIONS}p-{number}/score"))
    return answer.status_code, explanation["signals"]["ml"]


def test_a_promotion_reaches_payments_within_30_seconds_and_fails_none(
    container: Container,
) -> None:
    """Promotion and rollback apply without a restart, and a payment uses one version only."""
    home = container.settings.risksentinel_home
    registry = open_registry(str(home))
    publish(registry, artefact())
    publish(registry, artefact(stump(low=1.0, high=0.0), version="v2"))
    api, over = caller(container), Event()
    seen: list[tuple[int, str, float]] = []

    def pay() -> None:
        number = 0
        while not over.is_set():
            status, signal = judged(api, number)
            version = signal["details"].get("model", {}).get("version", "")
            seen.append((status, version, signal["details"].get("rank", -1.0)))
            number += 1
            sleep(0.02)

    def until(version: str) -> float:
        began = monotonic()
        while not seen or seen[-1][1] != version:
            assert monotonic() < began + WITHIN, seen[-1:]
            assert payments.running(), payments.result()
            sleep(0.02)
        return monotonic() - began

    command(home, "promote", "v1")
    with ThreadPoolExecutor(1) as pool:
        payments = pool.submit(pay)
        try:
            until("v1")
            command(home, "promote", "v2")
            forth = until("v2")
            command(home, "rollback")
            back = until("v1")
        finally:
            over.set()
        payments.result()

    assert max(forth, back) < WITHIN
    assert {status for status, _, _ in seen} == {201}
    assert {(version, round(rank, 3)) for _, version, rank in seen} == {("v1", 0.333), ("v2", 1.0)}


def test_the_model_takes_its_share_of_the_score(container: Container) -> None:
    """The receipt names the model version, and the score is the sum of the contributions."""
    registry = open_registry(str(container.settings.risksentinel_home))
    of = artefact()
    publish(registry, of)
    registry.promote("payments", "v1")
    api = caller(container)

    api.post(TRANSACTIONS, json={**PAYMENT, "id": "p-1"})
    receipt = said(api.get(f"{TRANSACTIONS}p-1/score"))

    signals = receipt["signals"]
    lifts = sum(each["lift"] for each in receipt["escalations"])
    parts = sum(signal["contribution"] for signal in signals.values()) + lifts
    assert signals["ml"]["status"] == "ok"
    assert receipt["score"] == pytest.approx(parts, abs=1e-9)
    assert receipt["model"]["version"] == "v1"
    assert receipt["model"]["manifest_sha256"] == of.pointer.manifest_sha256


def test_readiness_includes_the_model(container: Container) -> None:
    """A missing model leaves the function ready; a broken model makes it degraded."""
    api = caller(container)
    function = Client(_ingest(container))
    registry = open_registry(str(container.settings.risksentinel_home))
    said(api.post(TRANSACTIONS, json=PAYMENT), 201)

    none = said(function.get("/health/readiness"))
    publish(registry, artefact(b"no model"))
    registry.promote("payments", "v1")
    degraded = _until_told(function, "degraded")

    assert (none["status"], none["checks"]["model"]) == ("ok", "none")
    assert degraded["status"] == "degraded"
    assert "model.onnx" in degraded["checks"]["model"]


def test_a_disabled_model_is_neither_loaded_nor_reported(
    container: Container, tmp_path: Path
) -> None:
    """ML_ENABLED=false must not access the object storage."""
    settings = type(container.settings)(risksentinel_home=tmp_path, ml_enabled=False)
    without = Container(settings, clock=lambda: NOW)
    api = caller(without)

    _, signal = judged(api, 1)
    ready = said(Client(_ingest(without)).get("/health/readiness"))
    without.close()

    assert signal["status"] == "silent"
    assert ready["checks"]["model"] == "unused"


def _ingest(container: Container) -> FunctionApp:
    return build(container)


def _until_told(function: Client, word: str) -> dict[str, Any]:
    began = monotonic()
    while True:
        told = said(function.get("/health/readiness"))
        if told["checks"]["model"].startswith(word):
            return told
        assert monotonic() < began + WITHIN, told
        sleep(0.1)
