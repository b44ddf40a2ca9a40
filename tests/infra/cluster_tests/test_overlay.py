import os
import stat
from base64 import b64decode
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from infra.cluster_tests.overlay import SECRETS, Overlay, path_between, private
from infra.cluster_tests.service_tokens import ISSUER, accounts, sender_settings
from infra.devstack.stack.topology import CONNECTIONS, FUNCTIONS

BASE = Path(__file__).parents[3] / "knative" / "base"
IMAGES = {name: f"dev.local/{name}:1" for name in (*(each.name for each in FUNCTIONS), "engine")}
DATABASES = ("database", "database-owner")
SECRET = {name for keys in SECRETS.values() for name in keys.values()}
VARIABLES = {name: f"of {name.lower()}" for name in (*CONNECTIONS, *SECRET)}


def made(overlay: Overlay, folder: Path, kind: str) -> dict[str, Any]:
    """Return the objects of a kind that kustomize builds from an overlay."""
    found = overlay.build(folder)
    return {each["metadata"]["name"]: each for each in found if each["kind"] == kind}


def overlay(folder: Path) -> Overlay:
    """Return an overlay in this folder."""
    return Overlay(path_between(folder, BASE), IMAGES, VARIABLES)


def test_addresses_reach_the_functions_and_no_password_is_in_the_settings(tmp_path: Path) -> None:
    """Passwords are in Secrets, because more accounts can read a ConfigMap."""
    (settings,) = made(overlay(tmp_path), tmp_path, "ConfigMap").values()
    secrets = made(overlay(tmp_path), tmp_path, "Secret")

    assert settings["data"]["KAFKA_BOOTSTRAP_SERVERS"] == "of kafka_bootstrap_servers"
    assert settings["data"]["RISK_SCORE_HIGH"] == "0.7"
    assert set(secrets) == set(SECRETS)
    assert not settings["data"].keys() & SECRET
    assert "of owner_database_url" not in str(settings)
    logins = {name: b64decode(secrets[name]["data"]["DATABASE_URL"]) for name in DATABASES}
    assert logins == {"database": b"of database_url", "database-owner": b"of owner_database_url"}


def test_a_component_of_knative_can_be_added(tmp_path: Path) -> None:
    """The check of senders adds the issuer of the cluster."""
    changed = overlay(tmp_path).with_component(ISSUER).with_settings(**sender_settings())

    (settings,) = made(changed, tmp_path, "ConfigMap").values()
    bindings = made(changed, tmp_path, "ClusterRoleBinding")

    assert settings["data"]["EVENT_OIDC_CA_FILE"] == "/etc/cluster/ca.crt"
    assert settings["data"]["EVENT_AUTH"] == "oidc"
    assert settings["data"]["EVENT_OIDC_SUBJECTS"]
    assert len(bindings) == 1


def test_each_function_has_a_source_with_an_account() -> None:
    """The check requests tokens of the accounts that the functions accept."""
    subjects = sender_settings()["EVENT_OIDC_SUBJECTS"].split()

    found = accounts()

    assert found.keys() == {"ingest", "score", "alert-dispatch"}
    assert all(f"system:serviceaccount:risksentinel:{each}" in subjects for each in found.values())


def test_no_image_is_pulled(tmp_path: Path) -> None:
    """All images are loaded: a pod with another image would never start."""
    text = str(overlay(tmp_path).build(tmp_path))

    assert "image': 'risksentinel/" not in text


def test_another_setting_is_another_config_map(tmp_path: Path) -> None:
    """A changed setting changes the ConfigMap's name, and so creates a revision."""
    first = made(overlay(tmp_path), tmp_path, "ConfigMap")
    second = made(overlay(tmp_path).with_settings(LOG_LEVEL="debug"), tmp_path, "ConfigMap")

    assert first.keys() != second.keys()


def test_a_variable_of_one_function_reaches_no_other(tmp_path: Path) -> None:
    """A fault of one function does not affect the others."""
    services = made(overlay(tmp_path).with_own("ingest", DATABASE_URL="x"), tmp_path, "Service")

    having = [
        name
        for name, each in services.items()
        if {"name": "DATABASE_URL", "value": "x"}
        in each["spec"]["template"]["spec"]["containers"][0]["env"]
    ]

    assert having == ["ingest"]


@pytest.fixture
def world_readable() -> Iterator[None]:
    """Set the usual umask, with which others can read new files."""
    before = os.umask(0o022)
    yield
    os.umask(before)


@pytest.mark.usefixtures("world_readable")
def test_secrets_are_private_and_deleted_at_the_end(tmp_path: Path) -> None:
    """The kustomization contains secrets: only its owner can read it, and it is deleted."""
    folder = tmp_path / "build" / "any"

    with private(folder):
        overlay(folder).build(folder)
        (file,) = folder.iterdir()
        modes = [stat.S_IMODE(each.stat().st_mode) for each in (folder, file)]
        text = file.read_text()

    assert modes == [0o700, 0o600]
    assert VARIABLES["WEBHOOK_SECRET"] in text
    assert not folder.exists()


@pytest.mark.usefixtures("world_readable")
def test_the_files_of_a_killed_run_are_deleted(tmp_path: Path) -> None:
    """A file that a killed run left may be readable by others."""
    folder = tmp_path / "any"
    folder.mkdir()
    (folder / "kustomization.yaml").touch()

    with private(folder):
        left = list(folder.iterdir())

    assert not left
