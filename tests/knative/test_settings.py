from typing import Any

import pytest

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
)

SETTINGS = {name.upper() for name in Settings.model_fields}
KNOWN = SETTINGS | set(CONNECTIONS)
OF_THE_IMAGE = {"HOST", "RISKSENTINEL_HOME"}  # infra/Dockerfile says them
OF_KNATIVE = {"PORT"}  # it refuses a service that sets it
OF_A_FUNCTION = {"THREADS"}  # as its containerConcurrency is its own
OF_OTHER_PLACES = {"EVENT_SECRET"}  # Knative's sources cannot send one: they send tokens
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
        "rules-crud": set(),
        "dashboard": {"sign-in"},
    }


def test_a_laptop_s_secrets_have_the_keys_of_the_example() -> None:
    """The laptop's Secrets have the keys of the example, except the alert channels."""
    made = {name: set(each["data"]) for name, each in of_kind("Secret", objects("laptop")).items()}

    made.pop("redis")  # a server's own
    assert made == {name: set(SECRETS[name]["stringData"]) for name in ("database", "scoring")}


def test_no_secret_is_part_of_production() -> None:
    """The production overlay contains no secret."""
    assert not of_kind("Secret", objects("production"))


def _secrets(given: Manifest) -> set[Any]:
    return {each["secretRef"]["name"] for each in given["envFrom"] if "secretRef" in each}
