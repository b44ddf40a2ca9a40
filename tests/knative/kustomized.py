"""The objects that kustomize builds from an overlay."""

import os
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any, Final

import yaml

from infra.devstack.servers.programs import built

ROOT: Final = Path(__file__).parents[2]
KNATIVE: Final = ROOT / "knative"
OVERLAYS: Final = sorted(each.name for each in (KNATIVE / "overlays").iterdir())
COMPONENTS: Final = sorted(each.name for each in (KNATIVE / "components").iterdir())
Manifest = Mapping[str, Any]


@cache
def text_of(folder: Path) -> str:
    """Return the objects of a kustomization as YAML text."""
    command = [built("kustomize"), "build", str(folder)]
    made = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603
    assert made.returncode == 0, made.stderr
    assert not made.stderr, made.stderr  # a warning is a field that goes away
    return made.stdout


@cache
def objects(overlay: str) -> tuple[Manifest, ...]:
    """Return the objects of an overlay."""
    return tuple(read(text_of(KNATIVE / "overlays" / overlay)))


def with_component(component: str, scratch: Path) -> str:
    """Return production with one more component, as YAML text."""
    parts = {"resources": "overlays/production", "components": f"components/{component}"}
    lines = [f"{key}: [{os.path.relpath(KNATIVE / path, scratch)}]" for key, path in parts.items()]
    (scratch / "kustomization.yaml").write_text("\n".join(lines))
    return text_of(scratch)


def read(text: str) -> Iterator[Manifest]:
    """Return the objects of a file."""
    return (each for each in yaml.safe_load_all(text) if each)


def of_kind(kind: str, among: Sequence[Manifest], group: str = "") -> dict[str, Manifest]:
    """Return the objects of one kind by name."""
    return {
        each["metadata"]["name"]: each
        for each in among
        if each["kind"] == kind and each["apiVersion"].startswith(group)
    }


def services(overlay: str) -> dict[str, Manifest]:
    """Return the Knative Services by name."""
    return of_kind("Service", objects(overlay), "serving.knative.dev/")


def settings(overlay: str) -> Manifest:
    """Return the ConfigMap of settings, whose name ends in a hash."""
    maps = of_kind("ConfigMap", objects(overlay))
    (only,) = (each for name, each in maps.items() if name.startswith("settings-"))
    return only


def container(service: Manifest) -> Manifest:
    """Return the only container of a Knative Service."""
    (only,) = service["spec"]["template"]["spec"]["containers"]
    found: Manifest = only
    return found


def pods(among: Sequence[Manifest]) -> Iterator[tuple[str, Manifest]]:
    """Yield each pod template with the name of its object."""
    for each in among:
        spec = each.get("spec", {})
        template = spec.get("jobTemplate", {}).get("spec", spec).get("template", {})
        if "containers" in template.get("spec", {}):
            yield f"{each['kind']} {each['metadata']['name']}", template


def containers(pod: Manifest) -> Iterator[Manifest]:
    """Return all containers of a pod."""
    yield from pod["spec"].get("initContainers", [])
    yield from pod["spec"]["containers"]
