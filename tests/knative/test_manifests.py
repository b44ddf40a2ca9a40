import subprocess
from pathlib import Path

import kubernetes_validate  # type: ignore[import-untyped]  # it publishes no types; used here only
import pytest

from infra.local.servers.programs import cache_folder, digest_of, program
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
from tests.knative.schemas import faults

KUBERNETES = "1.35"  # the version of ../shared/cluster
CORE = {"v1", "apps/v1", "batch/v1", "networking.k8s.io/v1", "policy/v1"}
# Their makers publish no schema as a Go module; test_flow.py holds every field of a topic.
WITHOUT_SCHEMA = {"kafka.strimzi.io/v1", "monitoring.coreos.com/v1"}


@pytest.mark.parametrize("overlay", OVERLAYS)
def test_every_object_of_an_overlay_is_what_its_schema_says(overlay: str) -> None:
    """An unknown field is refused by the API server, in front of whoever deploys."""
    for manifest in objects(overlay):
        _is_valid(manifest)


@pytest.mark.parametrize(
    "component", [name for name in COMPONENTS if name not in {"tls", "pod-monitor"}]
)
def test_a_component_can_be_added_to_production(component: str, tmp_path: Path) -> None:
    """Production has the two others already."""
    for manifest in read(with_component(component, tmp_path)):
        _is_valid(manifest)


@pytest.mark.parametrize("overlay", OVERLAYS)
def test_knative_takes_every_service_without_a_warning(overlay: str) -> None:
    """Its webhook checks more than its schema says."""
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


@pytest.mark.parametrize("field", ["scael", "timeoutSecond"])
def test_a_field_that_nobody_knows_is_found(field: str) -> None:
    """Of a check that takes everything nobody would notice."""
    for manifest in objects("production"):
        if manifest["apiVersion"] not in CORE | WITHOUT_SCHEMA:
            assert faults({**manifest, "spec": {**manifest["spec"], field: 1}})


def _is_valid(manifest: Manifest) -> None:
    if manifest["apiVersion"] in CORE:
        kubernetes_validate.validate(manifest, KUBERNETES, strict=True)
    elif manifest["apiVersion"] not in WITHOUT_SCHEMA:
        assert faults(manifest) == [], manifest["metadata"]["name"]
