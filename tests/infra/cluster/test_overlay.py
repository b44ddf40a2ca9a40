from pathlib import Path
from typing import Any

from infra.cluster.overlay import SECRETS, Overlay, path_between
from infra.local.stack.topology import CONNECTIONS, FUNCTIONS

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
