import importlib.util
import tomllib
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import click
import pytest
import yaml

from ml.train import main as train
from risksentinel.cli.main import risksentinel
from tests.knative.kustomized import (
    OVERLAYS,
    ROOT,
    container,
    containers,
    objects,
    of_kind,
    pods,
    read,
    services,
    with_component,
)
from tests.knative.scored import deployments

OURS = {"ingest", "score", "alert-dispatch", "rules-crud", "dashboard", "engine"}
RESOURCES = {"cpu", "memory", "ephemeral-storage"}
VERSION = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["version"]


@pytest.mark.parametrize("overlay", OVERLAYS)
def test_every_pod_meets_the_restricted_standard(overlay: str) -> None:
    """Pods meet the restricted standard, and their file systems are read-only."""
    for name, pod in pods(objects(overlay)):
        of_pod = pod["spec"].get("securityContext", {})
        for each in containers(pod):
            held = {**of_pod, **each["securityContext"]}
            assert held["runAsNonRoot"] is True, name
            assert held["runAsUser"] > 0, name
            assert held["readOnlyRootFilesystem"] is True, name
            assert held["allowPrivilegeEscalation"] is False, name
            assert held["capabilities"] == {"drop": ["ALL"]}, name
            assert held["seccompProfile"] == {"type": "RuntimeDefault"}, name


def test_the_namespace_enforces_it() -> None:
    """The namespace enforces the standard for pods that are added later."""
    (namespace,) = of_kind("Namespace", objects("production")).values()

    assert namespace["metadata"]["labels"]["pod-security.kubernetes.io/enforce"] == "restricted"


@pytest.mark.parametrize("overlay", OVERLAYS)
def test_every_container_has_bounds_and_a_pinned_image(overlay: str) -> None:
    """Containers have limits, to protect their node, and pinned images."""
    for name, pod in pods(objects(overlay)):
        for each in containers(pod):
            assert each["resources"]["requests"].keys() == RESOURCES, name
            assert each["resources"]["limits"].keys() == RESOURCES, name
            image, _, tag = each["image"].rpartition(":")
            ours = image.rpartition("/")[2] in OURS
            assert tag == VERSION if ours else tag not in {"", "latest"}, name


@pytest.mark.parametrize("overlay", OVERLAYS)
def test_a_pod_has_an_account_without_a_token(overlay: str) -> None:
    """Pods have an account without a token, because none uses the API server."""
    accounts = of_kind("ServiceAccount", objects(overlay))

    for name, pod in pods(objects(overlay)):
        account = pod["spec"].get("serviceAccountName")
        holder = accounts[account] if account else pod["spec"]
        assert holder["automountServiceAccountToken"] is False, name


@pytest.mark.parametrize("overlay", OVERLAYS)
def test_policies_and_budgets_select_existing_pods(overlay: str) -> None:
    """Each policy and budget selects an existing pod."""
    made = tuple(objects(overlay))
    labelled = [pod["metadata"]["labels"].items() for _, pod in pods([*made, *deployments(made)])]

    for kind, field in (("NetworkPolicy", "podSelector"), ("PodDisruptionBudget", "selector")):
        for name, each in of_kind(kind, made).items():
            wanted = each["spec"][field]["matchLabels"].items()
            assert any(wanted <= labels for labels in labelled), name
    for function in services(overlay).values():
        labels = function["spec"]["template"]["metadata"]["labels"]
        assert labels["app.kubernetes.io/component"] == "function"
        assert labels["app.kubernetes.io/part-of"] == "risksentinel"


@pytest.mark.parametrize("overlay", OVERLAYS)
def test_commands_exist(overlay: str) -> None:
    """The commands of all jobs exist, or a renamed one would fail at night."""
    commands = [
        each["command"]
        for _, pod in pods(objects(overlay))
        for each in containers(pod)
        if "command" in each
    ]

    assert commands
    _exist(commands)


def test_training_is_the_documented_pipeline(tmp_path: Path) -> None:
    """Training exports, trains and publishes, each step with the files of the previous one."""
    job = of_kind("CronJob", tuple(read(with_component("training", tmp_path))))["train"]
    pod = job["spec"]["jobTemplate"]["spec"]["template"]
    steps = {each["name"]: each for each in containers(pod)}

    assert set(steps) == {"export", "fetch", "train", "publish"}
    _exist([step["command"] for step in steps.values() if step["command"][0] != "sh"])
    assert steps["publish"]["command"][:2] == ["sh", "-c"]
    words = [*steps["train"]["args"], *steps["publish"]["command"]]
    for place in (steps["export"]["args"][-1], steps["fetch"]["args"][-1], "/trained/new"):
        assert any(place in word for word in words)
    parameters = {option for each in train.params for option in each.opts}
    assert {word.partition("=")[0] for word in steps["train"]["args"]} <= parameters


def _exist(commands: Sequence[Sequence[str]]) -> None:
    for program, *rest in commands:
        if program == "risksentinel":
            command: object = risksentinel
            for word in rest:
                assert isinstance(command, click.Group)
                command = command.commands[word]
        else:
            assert (program, rest[0]) == ("python", "-m")
            assert importlib.util.find_spec(rest[1])


@pytest.mark.parametrize("overlay", OVERLAYS)
def test_probes_use_the_health_routes(overlay: str) -> None:
    """Readiness checks the servers; liveness checks for a response only."""
    for name, service in services(overlay).items():
        asked = container(service)
        assert asked["readinessProbe"] == {"httpGet": {"path": "/health/readiness"}}, name
        assert asked["livenessProbe"]["httpGet"] == {"path": "/health/liveness"}, name
        assert asked["ports"] == [{"name": "http1", "containerPort": 8080}], name
        assert asked["image"].split("/")[-1] == f"{name}:{VERSION}"
        assert service["spec"]["template"]["spec"]["serviceAccountName"] == name


def test_a_laptop_has_the_servers_of_compose() -> None:
    """The overlay laptop has the server versions of Compose."""
    compose: dict[str, Any] = yaml.safe_load((ROOT / "docker-compose.yml").read_text())["services"]

    for name, server in of_kind("StatefulSet", objects("laptop")).items():
        (only,) = server["spec"]["template"]["spec"]["containers"]
        assert only["image"] == compose[name]["image"]
