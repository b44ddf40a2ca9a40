"""The command `risksentinel` of an installed wheel.

A wheel contains the folders `functions`, `infra` and `ml` inside this package, because such common
names would collide with packages of other projects. A working copy has these folders at its top
level, and this package contains the command only.
"""

import os
import sys
from importlib import import_module
from pathlib import Path
from typing import Final

FOLDERS: Final = ("functions", "infra", "ml")
_OWN: Final = {*FOLDERS, "risksentinel", "risksentinel_program"}
_WRONG_INSTALLATION: Final = 2


def main() -> None:
    """Run the command line, or print which extra must be installed."""
    find_folders()
    try:
        import_module("infra.program").main()
    except ModuleNotFoundError as error:
        package = (error.name or "").partition(".")[0]
        if package in _OWN:
            raise
        sys.stderr.write(
            f"risksentinel: the package {package} is not installed. The command needs the extra "
            "`engine`: pip install 'risksentinel[engine]'\n"
        )
        sys.exit(_WRONG_INSTALLATION)


def find_folders() -> None:
    """Make the folders of a wheel importable for this process and its child processes."""
    here = Path(__file__).parent
    if not (here / "infra").is_dir():
        return  # a working copy, or an image with these folders at its top level
    sys.path.insert(0, str(here))
    inherited = os.environ.get("PYTHONPATH")  # noqa: TID251  # read by the interpreter, not a setting
    path = os.pathsep.join([str(here), *([inherited] if inherited else [])])
    os.environ["PYTHONPATH"] = path  # noqa: TID251  # inherited by child processes
