"""A policy that names a version of the model, over HTTP: shadow, live, rollback, verification."""

from collections.abc import Iterator
from pathlib import Path
from time import monotonic, sleep
from typing import Any

import pytest
from werkzeug.test import Client

from functions.score.main import build
from risksentinel.assembly import model as wiring
from risksentinel.assembly import named_models
from risksentinel.assembly.container import Container
from risksentinel.policy_files.policy_yaml import from_yaml, to_yaml
from risksentinel.settings import Settings
from tests.functions.caller import PAYMENT, POLICIES, TRANSACTIONS, caller, said, violations
from tests.functions.two_versions import with_two_versions
from tests.logs import as_before

WITHIN = 30.0  # seconds
ANY = {"If-Match": "*"}
Api = Client


@pytest.fixture
def home(migrated: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A home with two versions of a model whose only feature is the amount; none is promoted."""
    with_two_versions(migrated, tmp_path, monkeypatch)
    monkeypatch.setattr(named_models, "refuse_unserved", lambda _: None)
    with as_before():
        yield tmp_path


def started(home: Path, **settings: Any) -> Iterator[tuple[Container, Api]]:  # noqa: ANN401
    """An engine on the home, without a model in its own settings if `ml_enabled` is false."""
    container = Container(Settings(risksentinel_home=home, **settings))
    api = caller(container)
    api.post(TRANSACTIONS, json={**PAYMENT, "id": "first"})  # makes version 1
    yield container, api
    container.close()


@pytest.fixture
def engine(home: Path) -> Iterator[tuple[Container, Api]]:
    """An engine."""
    yield from started(home)


def draft(api: Api, model: str | None, **changes: Any) -> int:  # noqa: ANN401 - settings
    """A draft of the live version with this model; its number."""
    found = said(api.post(POLICIES, json={}), 201)
    settings = {**found["contents"]["settings"], **changes}
    contents = {**found["contents"], "settings": settings, "model": model}
    body = {"contents": contents}
    said(api.put(f"{POLICIES}{found['number']}", json=body, headers=ANY))
    return int(found["number"])


def scored(api: Api, number: int) -> dict[str, Any]:
    """The receipt of a new payment."""
    said(api.post(TRANSACTIONS, json={**PAYMENT, "id": f"p-{number}"}), 201)
    return said(api.get(f"{TRANSACTIONS}p-{number}/score"))


def until(api: Api, version: int) -> dict[str, Any]:
    """The receipt of the first payment that this version of the policy decides."""
    began, number = monotonic(), version * 1_000
    while True:
        receipt = scored(api, number)
        if receipt["policy_version"] == version:
            return receipt
        assert monotonic() < began + WITHIN, receipt["policy_version"]
        number += 1
        sleep(0.2)


def test_a_version_decides_from_shadow_to_live_and_after_a_rollback(
    engine: tuple[Container, Api],
) -> None:
    """Champion and challenger; the receipts name what decided, and nothing needs a restart."""
    _, api = engine
    first = draft(api, "v1")
    said(api.post(f"{POLICIES}{first}/promote"))
    receipt = until(api, first)
    assert receipt["model"]["version"] == "v1"
    assert receipt["policy_model"].startswith("v1@sha256:")

    challenger = draft(api, "v2")
    said(api.post(f"{POLICIES}{challenger}/shadow", headers=ANY))
    difference = said(api.get(f"{POLICIES}{challenger}/diff"))["model"]
    assert difference["before"].startswith("v1@")
    assert difference["after"].startswith("v2@")
    until_compared(api, challenger)
    said(api.post(f"{POLICIES}{challenger}/promote"))
    receipt = until(api, challenger)
    assert receipt["model"]["version"] == "v2"

    live = said(api.post(f"{POLICIES}rollback", json={"reason": "too many reviews"}))
    receipt = until(api, live["number"])
    assert receipt["model"]["version"] == "v1"
    assert live["contents"]["model"] == difference["before"]


def until_compared(api: Api, number: int) -> None:
    """Wait until the version in shadow has decided a payment."""
    began = monotonic()
    for place in range(10_000):
        scored(api, 900_000 + place)
        if said(api.get(f"{POLICIES}{number}/comparison"))["payments"]:
            return
        assert monotonic() < began + WITHIN
        sleep(0.2)


def test_an_exported_policy_names_its_model(engine: tuple[Container, Api]) -> None:
    """A file for review; another installation gets the same bytes of the model, or a refusal."""
    _, api = engine
    number = draft(api, "v2")
    contents = said(api.get(f"{POLICIES}{number}"))["contents"]

    again = from_yaml(to_yaml(contents).encode())

    assert again["model"] == contents["model"]
    said(api.post(POLICIES, json={"contents": again}), 201)


def test_a_version_that_is_not_published_is_a_violation(engine: tuple[Container, Api]) -> None:
    """The author corrects the draft."""
    _, api = engine
    contents = said(api.get(f"{POLICIES}live"))["contents"]

    found = violations(api.post(POLICIES, json={"contents": {**contents, "model": "v3"}}))

    assert "published versions of payments: v1, v2" in found["contents.model"]


def test_without_its_model_a_payment_is_decided_without_and_said(
    engine: tuple[Container, Api], home: Path
) -> None:
    """The storage lost the version, and a process starts."""
    _, api = engine
    number = draft(api, "v2")
    said(api.post(f"{POLICIES}{number}/promote"))
    until(api, number)
    for file in (home / "models" / "payments" / "v2").iterdir():
        file.unlink()

    for container, other in started(home):
        receipt = scored(other, 1)
        assert receipt["signals"]["ml"]["status"] == "missing"
        assert "model" in receipt["decided_without"]
        assert receipt["policy_model"].startswith("v2@")
        ready = said(Client(build(container)).get("/health/readiness"))
        assert ready["status"] == "degraded"
        assert "v2" in ready["checks"]["model"]


def test_the_live_policy_gives_weight_where_the_settings_do_not(home: Path) -> None:
    """Health and metrics follow what decides, not the environment of a process."""
    for container, api in started(home, ml_enabled=False):
        function = Client(build(container))
        assert said(function.get("/health/readiness"))["checks"]["model"] == "unused"

        number = draft(api, "v2", ml_weight=0.5)
        said(api.post(f"{POLICIES}{number}/promote"))
        receipt = until(api, number)

        assert receipt["model"]["version"] == "v2"
        assert said(function.get("/health/readiness"))["checks"]["model"] == "ok"
        assert wiring.model(container).is_in_use()
