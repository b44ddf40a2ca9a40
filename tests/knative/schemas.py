"""The schemas of the kinds that are not Kubernetes' own, made strict."""

import os
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any, Final

import yaml
from jsonschema import Draft202012Validator

from infra.local.servers.programs import LOCAL, cache_folder, digest_of
from tests.knative.kustomized import ROOT, Manifest

_MODULES: Final = LOCAL / "servers" / "crd_modules.txt"
_OBJECT: Final = {"apiVersion": {}, "kind": {}, "metadata": {"type": "object"}}


def faults(manifest: Manifest) -> list[str]:
    """What the API server would say of it, which refuses unknown fields too."""
    known = validators()
    kind = (manifest["apiVersion"], manifest["kind"])
    assert kind in known, f"{kind} has no schema: set KNATIVE_CRDS, run `infra/local/install crds`"
    found = known[kind].iter_errors(manifest)
    return [f"{each.json_path}: {each.message}" for each in found]


@cache
def validators() -> Mapping[tuple[str, str], Draft202012Validator]:
    """A validator a kind, by apiVersion and kind."""
    return {
        (f"{crd['spec']['group']}/{version['name']}", crd["spec"]["names"]["kind"]): _validator(
            version["schema"]["openAPIV3Schema"]
        )
        for crd in _definitions()
        for version in crd["spec"]["versions"]
        if version["served"]
    }


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


def _validator(schema: Mapping[str, Any]) -> Draft202012Validator:
    strict = _strict(schema)
    strict["properties"] = {**strict.get("properties", {}), **_OBJECT}
    return Draft202012Validator(strict)


def _strict(schema: Mapping[str, Any]) -> dict[str, Any]:
    """The schema, with every field refused that it does not name, as Kubernetes prunes."""
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
