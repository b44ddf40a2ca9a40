import os
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from infra.cluster_tests.overlay import SECRETS, Overlay, path_between, private
from infra.devstack.stack.topology import CONNECTIONS, FUNCTIONS

BASE = Path(__file__).parents[3] / "knative" / "base"
IMAGES = {name: f"dev.local/{name}:1" for name in (*(each.name for each in FUNCTIONS), "engine")}
VARIABLES = {name: f"of {name.lower()}" for name in (*CONNECTIONS, *SECRETS["alert-channels"])}


def made(overlay: Overlay, folder: Path, kind: str) -> dict[str, Any]:
    """The objects of a kind that kustomize makes of an overlay."""
    found = overlay.build(folder)
    return {each["metadata"]["name"]: each for each in found if each["kind"] == kind}


def overlay(folder: Path) -> Overlay:
    """One in this folder."""
    return Overlay(path_between(folder, BASE), IMAGES, VARIABLES)


def test_addresses_reach_the_functions_and_no_password_is_in_the_settings(tmp_path: Path) -> None:
    """A ConfigMap is read by more people than a Secret."""
    (settings,) = made(overlay(tmp_path), tmp_path, "ConfigMap").values()
    secrets = made(overlay(tmp_path), tmp_path, "Secret")

    assert settings["data"]["KAFKA_BOOTSTRAP_SERVERS"] == "of kafka_bootstrap_servers"
    assert settings["data"]["RISK_SCORE_HIGH"] == "0.7"
    assert set(secrets) == set(SECRETS)
    assert not settings["data"].keys() & {name for names in SECRETS.values() for name in names}


def test_no_image_is_left_to_a_registry(tmp_path: Path) -> None:
    """Nothing is pulled: a pod with another image would never start."""
    text = str(overlay(tmp_path).build(tmp_path))

    assert "image': 'risksentinel/" not in text


def test_another_setting_is_another_config_map(tmp_path: Path) -> None:
    """Its name is what makes a new revision."""
    first = made(overlay(tmp_path), tmp_path, "ConfigMap")
    second = made(overlay(tmp_path).with_settings(LOG_LEVEL="debug"), tmp_path, "ConfigMap")

    assert first.keys() != second.keys()


def test_a_variable_of_one_function_is_no_other_s(tmp_path: Path) -> None:
    """A fault that is tried on one leaves the others at work."""
    services = made(overlay(tmp_path).with_own("ingest", DATABASE_URL="x"), tmp_path, "Service")

    having = [
        name
        for name, each in services.items()
        if {"name": "DATABASE_URL", "value": "x"}
        in each["spec"]["template"]["spec"]["containers"][0]["env"]
    ]

    assert having == ["ingest"]


@pytest.fixture
def anybody_may_read() -> Iterator[None]:
    """As on most machines."""
    before = os.umask(0o022)
    yield
    os.umask(before)


@pytest.mark.usefixtures("anybody_may_read")
def test_secrets_are_read_by_nobody_else_and_are_gone_in_the_end(tmp_path: Path) -> None:
    """The keys of the storage and the webhook's secret are among what kustomize is told."""
    folder = tmp_path / "build" / "any"

    with private(folder):
        overlay(folder).build(folder)
        (file,) = folder.iterdir()
        modes = [stat.S_IMODE(each.stat().st_mode) for each in (folder, file)]
        text = file.read_text()

    assert modes == [0o700, 0o600]
    assert VARIABLES["WEBHOOK_SECRET"] in text
    assert not folder.exists()


@pytest.mark.usefixtures("anybody_may_read")
def test_what_a_killed_run_left_is_gone_too(tmp_path: Path) -> None:
    """Its file may be open to everybody, and would stay so."""
    folder = tmp_path / "any"
    folder.mkdir()
    (folder / "kustomization.yaml").touch()

    with private(folder):
        left = list(folder.iterdir())

    assert not left
