import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml

from infra.devstack.servers.programs import cache_folder, digest_of, program
from tests.knative.kustomized import (
    COMPONENTS,
    KNATIVE,
    OVERLAYS,
    ROOT,
    Manifest,
    objects,
    read,
    text_of,
    with_component,
)
from tests.knative.schemas import WITHOUT_SCHEMA, conformity, write_schemas
from tests.knative.scored import lacks

# The others are part of production.
ADDED = [name for name in COMPONENTS if name not in {"tls", "pod-monitor", "event-policy"}]
OF_AN_OVERLAY = "container-image-tag"  # it names the tags of what a component brings
# A laptop has one node: when it is emptied, there is none to move to.
ONE_NODE = {"laptop": ["deployment-has-poddisruptionbudget"]}


@pytest.fixture(scope="module")
def schemas(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The schemas of all kinds."""
    folder = tmp_path_factory.mktemp("schemas")
    write_schemas(folder)
    return folder


@pytest.mark.parametrize("overlay", OVERLAYS)
def test_kubeconform_takes_every_object_of_an_overlay(overlay: str, schemas: Path) -> None:
    """The API server would reject an unknown field at the deployment."""
    found = conformity(text_of(KNATIVE / "overlays" / overlay), schemas)

    assert found == []


@pytest.mark.parametrize("component", ADDED)
def test_a_component_can_be_added_to_production(
    component: str, schemas: Path, tmp_path: Path
) -> None:
    """Each component passes the same checks as an overlay."""
    made = with_component(component, tmp_path)

    assert conformity(made, schemas) == []
    assert lacks(tuple(read(made)), OF_AN_OVERLAY) == []


@pytest.mark.parametrize("overlay", OVERLAYS)
def test_kube_score_has_no_finding(overlay: str) -> None:
    """Each pod has a policy, a budget and limits."""
    found = lacks(objects(overlay), *ONE_NODE.get(overlay, []))

    assert found == []


@pytest.mark.parametrize("field", ["scael", "timeoutSecond"])
def test_an_unknown_field_is_found(field: str, schemas: Path) -> None:
    """The check fails on an unknown field, so it does check something."""
    wrong = [
        {**each, "spec": {**each["spec"], field: 1}}
        for each in objects("production")
        if "spec" in each and f"{each['apiVersion']}/{each['kind']}" not in WITHOUT_SCHEMA
    ]

    found = conformity(yaml.safe_dump_all(wrong), schemas)

    assert len(found) == len(wrong)
    assert all(field in fault for fault in found)


@pytest.mark.parametrize(
    ("kind", "spec", "check"),
    [
        (
            "NetworkPolicy",
            {"podSelector": {"matchLabels": {"a": "b"}}},
            "networkpolicy-targets-pod",
        ),
        (
            "PodDisruptionBudget",
            {"selector": {"matchLabels": {"a": "b"}}},
            "deployment-has-poddisruptionbudget",
        ),
        ("StatefulSet", {"serviceName": "another"}, "statefulset-has-servicename"),
    ],
)
def test_kube_score_finds_what_selects_nothing(
    kind: str, spec: Mapping[str, Any], check: str
) -> None:
    """kube-score sees the pods of the functions, and finds selectors without pods."""
    overlay = "laptop" if kind == "StatefulSet" else "production"
    wrong = [_with(each, spec) if each["kind"] == kind else each for each in objects(overlay)]

    found = lacks(wrong)

    assert any(check in fault for fault in found)


def _with(manifest: Manifest, spec: Mapping[str, Any]) -> Manifest:
    return {**manifest, "spec": {**manifest["spec"], **spec}}


@pytest.mark.parametrize("overlay", OVERLAYS)
def test_knative_takes_every_service_without_a_warning(overlay: str) -> None:
    """Knative's webhook validates more than its schema does."""
    source = ROOT.parent / "shared" / "knative-validate"
    mark = digest_of(source / "main.go", source / "go.sum")
    folder = cache_folder() / f"knative-validate-{mark}"
    command = [program("knative-validate", "knative_validate", folder)]

    checked = subprocess.run(  # noqa: S603
        command,
        input=text_of(KNATIVE / "overlays" / overlay),
        capture_output=True,
        text=True,
        check=False,
    )

    assert checked.stdout.splitlines() == ["services 5, refused 0"], checked.stderr
