import subprocess
from pathlib import Path

_INSTALL = Path(__file__).parents[4] / "infra" / "devstack" / "install"


def test_changes_nothing_and_says_nothing_when_all_is_there() -> None:
    """The script is quiet and quick if everything is installed, because CI runs it each time."""
    done = subprocess.run([_INSTALL], capture_output=True, text=True, check=False)  # noqa: S603 - our own script

    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_refuses_a_part_that_it_does_not_know() -> None:
    """An unknown part is an error, not a missing server later."""
    done = subprocess.run([_INSTALL, "oracle"], capture_output=True, text=True, check=False)  # noqa: S603 - our own script

    assert done.returncode == 2
    assert done.stderr == "infra/devstack/install: there is no part oracle\n"
