import os
from pathlib import Path

import pytest

from infra.cluster_tests.processes import of_pod
from infra.cluster_tests.tools import ClusterFailed, Tools
from risksentinel.errors import Misconfigured

SAYS = """#!/bin/sh
mkdir -p "$CLUSTER_HOME"
echo "${0##*/} $*" >>"$CLUSTER_HOME/asked"
[ "$1" != get ] || [ "$2" != --raw ] || [ ! -e "$CLUSTER_HOME/dead" ] || exit 1
echo "$CLUSTER_HOME $*"
[ "$1" != wrong ] || { echo "no such thing" >&2; exit 3; }
"""


@pytest.fixture
def scripts(tmp_path: Path) -> Path:
    """Scripts of a cluster that print their arguments, in a read-only folder."""
    folder = tmp_path / "scripts"
    folder.mkdir()
    for name in ("build", "up", "down", "kubectl"):
        (folder / name).write_text(SAYS)
        (folder / name).chmod(0o555)
    return folder


@pytest.fixture(autouse=True)
def root(monkeypatch: pytest.MonkeyPatch) -> None:
    """Pretend to run as root."""
    monkeypatch.setattr(os, "geteuid", lambda: 0)


def test_a_folder_without_scripts_is_misconfigured(tmp_path: Path) -> None:
    """A missing folder is an error that names CLUSTER_TOOLS."""
    with pytest.raises(Misconfigured, match="CLUSTER_TOOLS"):
        Tools(tmp_path, tmp_path / "home")


def test_without_root_nothing_is_built(
    scripts: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without root the error comes at once, not after a build of a quarter of an hour."""
    monkeypatch.setattr(os, "geteuid", lambda: 1000)

    with pytest.raises(Misconfigured, match="root"):
        Tools(scripts, tmp_path / "home")


def test_scripts_run_from_a_copy_with_their_home(scripts: Path, tmp_path: Path) -> None:
    """All scripts use the same CLUSTER_HOME."""
    tools = Tools(scripts, tmp_path / "home")

    with tools.running():
        said = tools.kubectl("get", "pods")

    assert said == f"{tmp_path / 'home'} get pods\n"
    assert tools.scripts.is_relative_to(tmp_path / "home")


@pytest.mark.parametrize("answers", [True, False])
def test_a_running_cluster_is_kept_and_another_is_stopped(
    scripts: Path, tmp_path: Path, *, answers: bool
) -> None:
    """A kubeconfig of a killed run is not a running cluster."""
    home = tmp_path / "home"
    tools = Tools(scripts, home)
    tools.kubeconfig.parent.mkdir(parents=True)
    tools.kubeconfig.touch()
    if not answers:
        (home / "dead").touch()

    with tools.running():
        pass

    asked = [line.split()[0] for line in (home / "asked").read_text().splitlines()]
    assert asked == ["build", "kubectl", "up", *([] if answers else ["down"])]


def test_the_output_of_a_failed_script_is_quoted(scripts: Path, tmp_path: Path) -> None:
    """The error quotes the output of the script."""
    tools = Tools(scripts, tmp_path / "home")

    with tools.running(), pytest.raises(ClusterFailed, match="no such thing"):
        tools.kubectl("wrong")


def test_only_processes_of_the_pod_are_found() -> None:
    """Only processes of the pod are found, because they are killed."""
    assert of_pod("0b1c2d3e-0000-4000-8000-000000000000", b"python") == []
