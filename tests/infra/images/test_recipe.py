"""Checks infra/Dockerfile and the locks without building an image."""

import re
import tomllib
from pathlib import Path

import pytest

from infra.devstack.stack.topology import FUNCTIONS, Function

ROOT = Path(__file__).parents[3]
RECIPE = (ROOT / "infra" / "Dockerfile").read_text()
LOCKS = ROOT / "infra" / "locks"
IGNORED = (ROOT / "infra" / "Dockerfile.dockerignore").read_text().splitlines()
DECLARED = tomllib.loads((ROOT / "pyproject.toml").read_text())
PROJECT = DECLARED["project"]
WHEEL = DECLARED["tool"]["hatch"]["build"]["targets"]["wheel"]


def locked(name: str) -> set[str]:
    """Return the packages of a lock with their versions."""
    return set(
        re.findall(r"^[a-z0-9.-]+==[^ ]+", (LOCKS / f"{name}.lock").read_text(), re.MULTILINE)
    )


def test_the_base_is_pinned_and_the_only_image_that_is_pulled() -> None:
    """The base image is pinned, so that builds are reproducible."""
    stages = re.findall(r"^FROM (\S+) AS (\S+)$", RECIPE, re.MULTILINE)
    pulled = [image for image, _ in stages if image not in {name for _, name in stages}]

    assert len(pulled) == 1
    assert re.fullmatch(r"python:3\.11-slim-bookworm@sha256:[0-9a-f]{64}", pulled[0])


def test_an_image_has_its_version() -> None:
    """An image has labels with version and revision."""
    assert f"ARG VERSION={PROJECT['version']}\n" in RECIPE
    for name in ("title", "description", "version", "revision", "base.name"):
        assert f"org.opencontainers.image.{name}=" in RECIPE


def test_containers_do_not_run_as_root() -> None:
    """The final stages run as the user that the common stage sets."""
    (base,) = re.findall(r"^FROM with-pip AS base$.*?(?=^FROM)", RECIPE, re.MULTILINE | re.DOTALL)

    assert "USER 65532:65532" in base
    assert re.findall(r"^FROM base AS (\S+)$", RECIPE, re.MULTILINE) == ["engine", "function"]
    assert RECIPE.count("USER ") == 1


@pytest.mark.parametrize("function", FUNCTIONS, ids=str)
def test_all_locks_have_the_same_versions(function: Function) -> None:
    """All locks have the same versions, which were tested together."""
    assert function.name in PROJECT["optional-dependencies"]
    assert locked(function.target) <= locked("run")


@pytest.mark.parametrize("lock", sorted(LOCKS.glob("*.lock")), ids=lambda path: path.stem)
def test_a_lock_has_hashes_and_no_address(lock: Path) -> None:
    """A lock has hashes and no index, so that users can choose their index."""
    text = lock.read_text()

    assert text.count("==") <= text.count("--hash=sha256:")
    assert "://" not in text


@pytest.mark.parametrize("part", [*WHEEL["only-include"], *WHEEL["force-include"]])
def test_an_image_is_built_with_all_parts_of_the_wheel(part: str) -> None:
    """The wheel cannot be built without a part that the build's context lacks."""
    around = {part, *map(str, Path(part).parents)}

    assert around & {line.removeprefix("!") for line in IGNORED if line.startswith("!")}
    assert around & set(re.findall(r"^COPY (\S+) \S+$", RECIPE, re.MULTILINE))
