"""Builds the images from infra/Dockerfile with the cluster's builder."""

import json
import tarfile
import tomllib
from pathlib import Path
from typing import Final

from rich.table import Table

from infra.cluster_tests.tools import ClusterFailed, Tools
from infra.devstack.stack.topology import FUNCTIONS

ENGINE: Final = "engine"
MEGABYTE: Final = 1_000_000
_REGISTRY: Final = "dev.local"  # images are loaded, not pulled
_RECIPE: Final = (
    *("--file", "infra/Dockerfile"),
    *("--ignorefile", "infra/Dockerfile.dockerignore"),
)
_LARGEST: Final = 4
_PACKAGES: Final = "site-packages/"


def build(tools: Tools) -> dict[str, str]:
    """Build and load all images; return the tag of each by its name in knative/base."""
    project = tomllib.loads(Path("pyproject.toml").read_text())["project"]
    tags = {}
    for name in (*(function.name for function in FUNCTIONS), ENGINE):
        tags[name] = f"{_REGISTRY}/{name}:{project['version']}"
        tools.build_image(".", tags[name], *_RECIPE, *_arguments(name))
    return tags


def sizes(tools: Tools, tags: dict[str, str]) -> Table:
    """Return a table of the unpacked size of each image and its largest packages."""
    shown = Table("image", "MB", "of which RiskSentinel and packages", "largest packages, MB")
    for name, tag in tags.items():
        whole, packages = _weighed(tools.archives / f"{tag.translate(_IN_A_FILE_NAME)}.tar")
        largest = sorted(packages.items(), key=lambda each: -each[1])[:_LARGEST]
        names = ", ".join(f"{package} {size / MEGABYTE:.1f}" for package, size in largest)
        own = sum(packages.values())
        shown.add_row(name, f"{whole / MEGABYTE:.0f}", f"{own / MEGABYTE:.0f}", names)
    return shown


def package_of(path: str) -> str | None:
    """Return the package that a file of an image belongs to; None for files of the base image."""
    if path.startswith("app/"):
        return "risksentinel"
    if not path.startswith("venv/"):
        return None
    _, within, rest = path.partition(_PACKAGES)
    return rest.partition("/")[0] if within else "venv"


_IN_A_FILE_NAME: Final = str.maketrans({"/": "_", ":": "_"})


def _arguments(name: str) -> list[str]:
    if name == ENGINE:
        return ["--target", ENGINE]
    target = name.replace("-", "_")
    return ["--target", "function", "--build-arg", f"FUNCTION={target}"]


def _weighed(archive: Path) -> tuple[int, dict[str, int]]:
    """Return the bytes of all files in all layers, and the bytes of each package."""
    whole, packages = 0, dict[str, int]()
    with tarfile.open(archive) as image:
        for layer in _layers(image):
            with tarfile.open(fileobj=image.extractfile(layer)) as files:
                for each in files:
                    whole += each.size
                    if package := package_of(each.name):
                        packages[package] = packages.get(package, 0) + each.size
    return whole, packages


def _layers(image: tarfile.TarFile) -> list[str]:
    found = image.extractfile("manifest.json")
    if found is None:
        raise ClusterFailed(f"{image.name!r} is not an image")
    layers: list[str] = json.load(found)[0]["Layers"]
    return layers
