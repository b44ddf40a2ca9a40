"""The command `risksentinel` of an installed wheel.

A wheel keeps the folders `functions`, `infra` and `ml` in this package, so that names as common as
these are not put beside other projects' packages. In a working copy they lie at its top, and this
package holds nothing but the command.
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
    """Run the command line, or say what must be installed for it."""
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
    """Let this process and the processes that it starts import the folders of a wheel."""
    here = Path(__file__).parent
    if not (here / "infra").is_dir():
        return  # a working copy, or an image that has them at the top of its own folder
    sys.path.insert(0, str(here))
    inherited = os.environ.get("PYTHONPATH")  # noqa: TID251  # the interpreter's own, no setting
    path = os.pathsep.join([str(here), *([inherited] if inherited else [])])
    os.environ["PYTHONPATH"] = path  # noqa: TID251  # what the processes that it starts inherit
