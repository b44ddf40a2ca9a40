import subprocess
from pathlib import Path

_INSTALL = Path(__file__).parents[4] / "infra" / "devstack" / "install"


def test_a_complete_installation_is_unchanged_and_quiet() -> None:
    """The script is quiet and quick if everything is installed, because CI runs it each time."""
    done = subprocess.run([_INSTALL], capture_output=True, text=True, check=False)  # noqa: S603 - our own script

    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_an_unknown_part_is_rejected() -> None:
    """An unknown part is an error, not a missing server later."""
    done = subprocess.run([_INSTALL, "oracle"], capture_output=True, text=True, check=False)  # noqa: S603 - our own script

    assert done.returncode == 2
    assert done.stderr == "infra/devstack/install: there is no part oracle\n"
