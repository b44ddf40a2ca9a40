from base64 import b64decode
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import make_url

from infra.devstack.stack.topology import CONNECTIONS
from risksentinel.settings import Settings
from tests.knative.kustomized import (
    KNATIVE,
    OVERLAYS,
    Manifest,
    container,
    containers,
    objects,
    of_kind,
    pods,
    read,
    services,
    settings,
    with_component,
)

SETTINGS = {name.upper() for name in Settings.model_fields}
KNOWN = SETTINGS | set(CONNECTIONS)
OF_THE_IMAGE = {"HOST", "RISKSENTINEL_HOME"}  # infra/Dockerfile says them
OF_KNATIVE = {"PORT"}  # it refuses a service that sets it
OF_A_FUNCTION = {"THREADS"}  # as its containerConcurrency is its own
OF_OTHER_PLACES = {"EVENT_SECRET"}  # Knative's sources cannot send one: they send tokens
LAPTOPS = ("database", "database-owner", "models", "scoring")
KNATIVES = "kafka-sources"  # a Secret with the keys that Knative's sources read
EXAMPLE = KNATIVE / "overlays" / "production" / "secrets.example.yaml"
SECRETS = {each["metadata"]["name"]: each for each in read(EXAMPLE.read_text())}


@pytest.mark.parametrize("overlay", OVERLAYS)
def test_every_setting_is_known_and_stated_once(overlay: str) -> None:
    """Each setting is known and stated once: a misspelt one would have no effect."""
    plain = set(settings(overlay)["data"])
    secret = {
        key for name, each in SECRETS.items() if name != KNATIVES for key in each["stringData"]
    }

    assert not plain & secret
    elsewhere = OF_THE_IMAGE | OF_KNATIVE | OF_A_FUNCTION | OF_OTHER_PLACES
    assert plain | secret == KNOWN - elsewhere


@pytest.mark.parametrize("overlay", OVERLAYS)
@pytest.mark.parametrize(
    "function", ["ingest", "score", "alert-dispatch", "rules-crud", "dashboard"]
)
def test_a_function_can_start_with_its_settings(overlay: str, function: str) -> None:
    """The settings are valid, or a rollout would fail."""
    given = container(services(overlay)[function])
    environ = {each["name"]: each["value"] for each in given["env"]}

    read_back = Settings.read(settings(overlay)["data"] | environ)

    assert set(environ) == OF_A_FUNCTION
    assert read_back.kafka_bootstrap_servers


@pytest.mark.parametrize("overlay", OVERLAYS)
def test_the_references_of_a_pod_exist(overlay: str) -> None:
    """Each reference exists, or the pod could not start."""
    name = settings(overlay)["metadata"]["name"]

    for pod, template in pods(objects(overlay)):
        for each in containers(template):
            for source in each.get("envFrom", []):
                assert source.get("secretRef", {"name": "database"})["name"] in SECRETS, pod
                assert source.get("configMapRef", {"name": name})["name"] == name, pod


@pytest.mark.parametrize("overlay", OVERLAYS)
def test_a_function_has_only_the_secrets_that_it_uses(overlay: str) -> None:
    """A function has only the secrets that it uses."""
    own = {
        name: _secrets(container(each)) - {"database", "kafka"}
        for name, each in services(overlay).items()
    }

    assert own == {
        "ingest": {"scoring"},
        "score": {"scoring"},
        "alert-dispatch": {"alert-channels"},
        "rules-crud": {"models"},
        "dashboard": {"sign-in"},
    }


@pytest.mark.parametrize("overlay", OVERLAYS)
def test_functions_log_in_to_the_database_as_another_user_than_the_jobs(overlay: str) -> None:
    """The owner of the tables can change the ledger; a function that is taken over must not."""
    for pod, template in pods(objects(overlay)):
        for each in containers(template):
            databases = {name for name in _secrets(each) if name.startswith("database")}
            assert databases <= {"database" if pod.startswith("Service ") else "database-owner"}, (
                pod
            )
    for name, service in services(overlay).items():
        databases = {each for each in _secrets(container(service)) if each.startswith("database")}
        assert databases == {"database"}, name


def test_a_laptop_s_functions_are_not_the_owner_of_its_tables() -> None:
    """The two Secrets of the laptop name two users of one database."""
    made = of_kind("Secret", objects("laptop"))
    urls = [
        make_url(b64decode(made[name]["data"]["DATABASE_URL"]).decode())
        for name in ("database", "database-owner")
    ]

    assert urls[0].username != urls[1].username
    assert (urls[0].host, urls[0].database) == (urls[1].host, urls[1].database)


def test_a_laptop_s_secrets_have_the_keys_of_the_example() -> None:
    """The laptop's Secrets have the keys of the example, except the alert channels."""
    made = {name: set(each["data"]) for name, each in of_kind("Secret", objects("laptop")).items()}

    made.pop("redis")  # a server's own
    assert made == {name: set(SECRETS[name]["stringData"]) for name in LAPTOPS}


def test_no_secret_is_part_of_production() -> None:
    """The production overlay contains no secret."""
    assert not of_kind("Secret", objects("production"))


def test_a_function_can_start_with_the_issuer_of_its_cluster(tmp_path: Path) -> None:
    """The file of EVENT_OIDC_CA_FILE is mounted where the setting says, in each that needs it."""
    made = tuple(read(with_component("cluster-issuer", tmp_path)))
    (stated,) = (
        each["data"]
        for name, each in of_kind("ConfigMap", made).items()
        if name.startswith("settings-")
    )
    mounted = {
        name
        for name, each in of_kind("Service", made, "serving.knative.dev/").items()
        for mount in container(each)["volumeMounts"]
        if stated["EVENT_OIDC_CA_FILE"].startswith(f"{mount['mountPath']}/")
    }

    assert mounted == {"ingest", "score", "alert-dispatch"}
    assert Settings.read(stated).event_auth == "oidc"


def _secrets(given: Manifest) -> set[Any]:
    return {each["secretRef"]["name"] for each in given.get("envFrom", []) if "secretRef" in each}
