"""An overlay of knative/base for the test cluster: images, server addresses, lower requests."""

import os
import shutil
import subprocess
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final, Self

import yaml

from infra.cluster_tests.api import Api, Object
from infra.cluster_tests.tools import ClusterFailed
from infra.devstack.servers.programs import built

NAMESPACE: Final = "risksentinel"


def _same(*names: str) -> Mapping[str, str]:
    return {name: name for name in names}


OWNER: Final = "OWNER_DATABASE_URL"  # the variable with the URL of the tables' owner
# The variable of each key of each Secret.
SECRETS: Final[Mapping[str, Mapping[str, str]]] = MappingProxyType(
    {
        "database": _same("DATABASE_URL"),
        "database-owner": {"DATABASE_URL": OWNER},
        "scoring": _same("REDIS_URL", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"),
        "alert-channels": _same("WEBHOOK_URLS", "WEBHOOK_SECRET"),
    }
)
_SECRET: Final = frozenset(name for keys in SECRETS.values() for name in keys.values())

# A rollout has ten pods at the same time; Knative requests more than half a core of the node's two.
_ASK_LESS: Final = {
    "target": {"group": "serving.knative.dev", "kind": "Service"},
    "patch": yaml.safe_dump(
        [
            {
                "op": "replace",
                "path": "/spec/template/spec/containers/0/resources/requests/cpu",
                "value": "100m",
            }
        ]
    ),
}


@dataclass(frozen=True, slots=True)
class Overlay:
    """`variables` are settings and secrets of all functions, `own` those of a single function."""

    base: str  # knative/base, relative to the overlay's folder
    images: Mapping[str, str]
    variables: Mapping[str, str]
    own: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    components: Sequence[str] = ()  # of knative/components

    def with_settings(self, **settings: str) -> Self:
        """Return a copy with changed settings."""
        return replace(self, variables={**self.variables, **settings})

    def with_component(self, name: str) -> Self:
        """Return a copy with one more component."""
        return replace(self, components=[*self.components, name])

    def with_own(self, function: str, **variables: str) -> Self:
        """Return a copy with variables for this function only."""
        return replace(self, own={**self.own, function: variables})

    @property
    def kustomization(self) -> Mapping[str, Any]:
        """The content of kustomization.yaml."""
        common = {"namespace": NAMESPACE}
        settings = {name: value for name, value in self.variables.items() if name not in _SECRET}
        return {
            "apiVersion": "kustomize.config.k8s.io/v1beta1",
            "kind": "Kustomization",
            "resources": [self.base],
            "components": [f"{self.base}/../components/{each}" for each in self.components],
            "configMapGenerator": [
                {**common, "name": "settings", "behavior": "merge", "literals": _literals(settings)}
            ],
            "secretGenerator": [
                {
                    **common,
                    "name": secret,
                    "options": {"disableNameSuffixHash": True},
                    "literals": _literals(
                        {key: self.variables[name] for key, name in keys.items()}
                    ),
                }
                for secret, keys in SECRETS.items()
            ],
            "images": [
                {"name": f"risksentinel/{name}", "newName": newly, "newTag": tag}
                for name, (newly, _, tag) in self._tagged()
            ],
            "patches": [_ASK_LESS, *(_patch(name, own) for name, own in self.own.items())],
        }

    def _tagged(self) -> Iterator[tuple[str, tuple[str, str, str]]]:
        return ((name, image.rpartition(":")) for name, image in self.images.items())

    def build(self, folder: Path) -> list[Object]:
        """Write the kustomization, readable by its owner only, and return its objects."""
        text = yaml.safe_dump(dict(self.kustomization), sort_keys=False)
        file = folder / "kustomization.yaml"
        file.touch(mode=0o600)
        file.write_text(text)
        return built_of(folder)


@contextmanager
def private(folder: Path) -> Iterator[Path]:
    """Yield an empty folder that only its owner can read; it is removed at the end."""
    if folder.exists():
        shutil.rmtree(folder)  # left by a killed run
    folder.parent.mkdir(parents=True, exist_ok=True)
    folder.mkdir(mode=0o700)
    try:
        yield folder
    finally:
        shutil.rmtree(folder)


def built_of(folder: Path) -> list[Object]:
    """Return the objects that kustomize builds from a folder.

    Raises:
        ClusterFailed: kustomize reports an error.
    """
    command = [built("kustomize"), "build", str(folder)]
    made = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603
    if made.returncode:
        raise ClusterFailed(f"kustomize build {folder}: {made.stderr.strip()}")
    return [each for each in yaml.safe_load_all(made.stdout) if each]


def path_between(folder: Path, base: Path) -> str:
    """Return the relative path from an overlay to its base; kustomize rejects absolute paths."""
    return os.path.relpath(base, folder)


def known(objects: Iterable[Object], api: Api) -> tuple[list[Object], list[Object]]:
    """Split the objects into those whose kinds the cluster has, and the others."""
    here: list[Object] = []
    others: list[Object] = []
    served: dict[tuple[str, str], bool] = {}
    for each in objects:
        kind = (each["apiVersion"], each["kind"])
        if kind not in served:
            served[kind] = api.serves(*kind)
        (here if served[kind] else others).append(each)
    return here, others


def as_yaml(objects: Sequence[Object]) -> str:
    """Return the objects as one YAML text."""
    return yaml.safe_dump_all(objects, sort_keys=False)


def _literals(variables: Mapping[str, str]) -> list[str]:
    return [f"{name}={value}" for name, value in variables.items()]


def _patch(function: str, own: Mapping[str, str]) -> Mapping[str, Any]:
    added = [
        {
            "op": "add",
            "path": "/spec/template/spec/containers/0/env/-",
            "value": {"name": name, "value": value},
        }
        for name, value in own.items()
    ]
    target = {"group": "serving.knative.dev", "kind": "Service", "name": function}
    return {"target": target, "patch": yaml.safe_dump(added)}
