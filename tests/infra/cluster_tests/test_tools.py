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
    """A cluster's scripts that only say what they were told; nobody may write to them."""
    folder = tmp_path / "scripts"
    folder.mkdir()
    for name in ("build", "up", "down", "kubectl"):
        (folder / name).write_text(SAYS)
        (folder / name).chmod(0o555)
    return folder


@pytest.fixture(autouse=True)
def root(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever runs the tests."""
    monkeypatch.setattr(os, "geteuid", lambda: 0)


def test_a_folder_without_a_cluster_is_told_of_by_its_setting(tmp_path: Path) -> None:
    """Whoever clones the project alone has no such folder."""
    with pytest.raises(Misconfigured, match="CLUSTER_TOOLS"):
        Tools(tmp_path, tmp_path / "home")


def test_who_is_not_root_is_told_so_before_anything_is_built(
    scripts: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The build takes a quarter of an hour, and needs no rights."""
    monkeypatch.setattr(os, "geteuid", lambda: 1000)

    with pytest.raises(Misconfigured, match="root"):
        Tools(scripts, tmp_path / "home")


def test_scripts_run_from_a_copy_with_their_home(scripts: Path, tmp_path: Path) -> None:
    """All of them must mean the same cluster."""
    tools = Tools(scripts, tmp_path / "home")

    with tools.running():
        said = tools.kubectl("get", "pods")

    assert said == f"{tmp_path / 'home'} get pods\n"
    assert tools.scripts.is_relative_to(tmp_path / "home")


@pytest.mark.parametrize("answers", [True, False])
def test_a_cluster_that_answers_runs_on_and_any_other_is_stopped(
    scripts: Path, tmp_path: Path, *, answers: bool
) -> None:
    """A run that was killed leaves its kubeconfig, which is no cluster."""
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


def test_what_a_script_refuses_is_quoted(scripts: Path, tmp_path: Path) -> None:
    """Without its words nobody could tell what to mend."""
    tools = Tools(scripts, tmp_path / "home")

    with tools.running(), pytest.raises(ClusterFailed, match="no such thing"):
        tools.kubectl("wrong")


def test_no_process_of_this_machine_is_taken_for_a_pod_s() -> None:
    """What is found is killed."""
    assert of_pod("0b1c2d3e-0000-4000-8000-000000000000", b"python") == []
