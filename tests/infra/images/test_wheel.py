"""The wheel, installed without the repository."""

import os
import subprocess
import sys
from pathlib import Path
from zipfile import ZipFile

import pytest
from uv import find_uv_bin

from tests.infra.images.own_environment import wheel

OWN = {"risksentinel", "risksentinel_program"}


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel of the project."""
    return wheel(tmp_path_factory.mktemp("wheel"))


def run(*command: str, folder: Path, **environ: str) -> "subprocess.CompletedProcess[str]":
    """Run a command outside the project's folder."""
    inherited = {**os.environ, **environ}  # noqa: TID251  # a child's
    return subprocess.run(  # noqa: S603  # a program of this test's own environment
        command, cwd=folder, env=inherited, capture_output=True, text=True, check=False
    )


def test_the_wheel_puts_no_common_name_beside_other_packages(project: Path) -> None:
    """Top-level packages named `functions`, `infra` or `ml` would hide those of others."""
    with ZipFile(project) as archive:
        top = {name.partition("/")[0] for name in archive.namelist()}

    assert {name for name in top if not name.endswith(".dist-info")} == OWN


def test_the_command_runs_from_the_wheel_alone(project: Path, tmp_path: Path) -> None:
    """The command and its processes find their files in the installed wheel."""
    with ZipFile(project) as archive:
        archive.extractall(tmp_path / "site")
    find = "import risksentinel_program as p; p.find_folders(); import infra; print(infra.__file__)"
    path = str(tmp_path / "site")

    found = run(sys.executable, "-c", find, folder=tmp_path, PYTHONPATH=path)
    migrated = run(
        sys.executable,
        "-c",
        "import risksentinel_program as p; p.main()",
        "migrate",
        folder=tmp_path,
        PYTHONPATH=path,
        RISKSENTINEL_HOME=str(tmp_path / "home"),
    )

    assert found.stdout.startswith(path)
    assert migrated.returncode == 0, migrated.stderr
    assert (tmp_path / "home" / "risksentinel.db").exists()


def test_the_command_of_a_bare_wheel_names_the_extra_that_it_needs(
    project: Path, tmp_path: Path
) -> None:
    """Without the extra of the command line the error names it."""
    uv, venv = find_uv_bin(), tmp_path / "venv"
    run(uv, "venv", "--quiet", "--python", sys.executable, str(venv), folder=tmp_path)
    python = str(venv / "bin" / "python")
    install = (uv, "pip", "install", "--quiet", "--no-deps", "--python", python, str(project))
    installed = run(*install, folder=tmp_path)
    assert installed.returncode == 0, installed.stderr

    told = run(str(venv / "bin" / "risksentinel"), "serve", folder=tmp_path)

    assert told.returncode == 2
    assert "pip install 'risksentinel[engine]'" in told.stderr
    assert "Traceback" not in told.stderr
