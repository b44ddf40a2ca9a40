"""Schemas for kubeconform: those of Kubernetes, and those of the CRDs."""

import json
import os
import subprocess
from collections.abc import Iterator, Mapping
from importlib.resources import files
from pathlib import Path
from typing import Any, Final

import yaml

from infra.devstack.servers.programs import LOCAL, built, cache_folder, digest_of
from tests.knative.kustomized import ROOT

KUBERNETES: Final = "1.35.0"  # the version of ../shared/cluster
# Their makers publish no schema as a Go module; test_flow.py holds every field of a topic.
WITHOUT_SCHEMA: Final = (
    "keda.sh/v1alpha1/TriggerAuthentication",
    "kafka.strimzi.io/v1/Kafka",
    "kafka.strimzi.io/v1/KafkaNodePool",
    "kafka.strimzi.io/v1/KafkaTopic",
    "monitoring.coreos.com/v1/PodMonitor",
)
_MODULES: Final = LOCAL / "servers" / "crd_modules.txt"
_OBJECT: Final = {"apiVersion": {}, "kind": {}, "metadata": {"type": "object"}}
_OF_KUBERNETES: Final = "{{.ResourceKind}}{{.KindSuffix}}.json"
_OF_A_CRD: Final = "{{.Group}}-{{.ResourceKind}}-{{.ResourceAPIVersion}}.json"


def write_schemas(folder: Path) -> None:
    """Write a strict schema file for each kind, so that kubeconform fetches none."""
    for file in _packaged().glob("*.json"):
        text = file.read_text().replace('"/api/_definitions.json#', '"_definitions.json#')
        schema = json.loads(text)
        schema.pop("$id", None)
        (folder / file.name).write_text(json.dumps(schema))
    for crd in _definitions():
        group, kind = crd["spec"]["group"], crd["spec"]["names"]["kind"].lower()
        for version in crd["spec"]["versions"]:
            name = f"{group}-{kind}-{version['name']}.json"
            schema = _validated(version["schema"]["openAPIV3Schema"])
            (folder / name).write_text(json.dumps(schema))


def conformity(text: str, schemas: Path) -> list[str]:
    """Return kubeconform's errors on these objects; none if the API server accepts all.

    A kind without a schema is a fault, as long as WITHOUT_SCHEMA does not name it.
    """
    command = [built("kubeconform"), "-strict", "-output=json", "-kubernetes-version", KUBERNETES]
    command += ["-skip", ",".join(WITHOUT_SCHEMA)]
    for name in (_OF_KUBERNETES, _OF_A_CRD):
        command += ["-schema-location", str(schemas / name)]
    made = subprocess.run(command, input=text, capture_output=True, text=True, check=False)  # noqa: S603
    assert made.stdout, made.stderr
    found = json.loads(made.stdout)["resources"] or []
    return [f"{each['kind']} {each['name']}: {each['msg']}" for each in found]


def _packaged() -> Path:
    """Return the folder of the Python package with the schemas of Kubernetes."""
    package = Path(str(files("kubernetes_validate")))
    return package / "kubernetes-json-schema" / f"v{KUBERNETES}-local-strict"


def _definitions() -> Iterator[Mapping[str, Any]]:
    knative = os.environ.get("KNATIVE_CRDS", "")  # noqa: TID251 - where files lie beside the project
    folders = (
        Path(knative) if knative else ROOT.parent / "shared" / "knative-crds",
        cache_folder() / f"crds-{digest_of(_MODULES)}",
    )
    for folder in folders:
        for file in sorted(folder.glob("*.yaml")):
            for each in yaml.safe_load_all(file.read_text()):
                if each and each["kind"] == "CustomResourceDefinition":
                    yield each


def _validated(schema: Mapping[str, Any]) -> dict[str, Any]:
    strict = _strict(schema)
    strict["properties"] = {**strict.get("properties", {}), **_OBJECT}
    return strict


def _strict(schema: Mapping[str, Any]) -> dict[str, Any]:
    """Return the schema with all unknown fields rejected, as Kubernetes prunes them."""
    made = dict(schema)
    if made.get("x-kubernetes-int-or-string"):
        made.pop("type", None)
        made["anyOf"] = [{"type": "integer"}, {"type": "string"}]
    if "properties" in made:
        made["properties"] = {name: _strict(part) for name, part in made["properties"].items()}
        if not (made.get("x-kubernetes-preserve-unknown-fields") or "additionalProperties" in made):
            made["additionalProperties"] = False
    if isinstance(made.get("additionalProperties"), Mapping):
        made["additionalProperties"] = _strict(made["additionalProperties"])
    if "items" in made:
        made["items"] = _strict(made["items"])
    return made
