"""Finds the programs of the servers; an error says how to install a missing one."""

import os
import shutil
from hashlib import sha256
from pathlib import Path
from typing import Final

from risksentinel.errors import Misconfigured

LOCAL: Final = Path(__file__).parent.parent
_GO_MODULES: Final = Path(__file__).with_name("go_modules.txt")


def program(name: str, part: str, *folders: Path) -> str:
    """Return the path of a program in one of these folders, or on the PATH.

    Raises:
        Misconfigured: the program is missing; the message has the command that installs it.
    """
    for folder in folders:
        if os.access(folder / name, os.X_OK):
            return str(folder / name)
    found = shutil.which(name)
    if found is None:
        raise Misconfigured(f"{name} is not installed: run `infra/devstack/install {part}`")
    return found


def cache_folder() -> Path:
    """Return the folder where infra/devstack/install puts what Debian does not have."""
    known = os.environ.get("XDG_CACHE_HOME", "")  # noqa: TID251 - a folder of the system, no setting
    return (Path(known) if known else Path.home() / ".cache") / "risksentinel"


def built(name: str) -> str:
    """Return the path of a program that infra/devstack/install builds from a Go module.

    Raises:
        Misconfigured: the version in go_modules.txt was not built.
    """
    lines = map(str.split, _GO_MODULES.read_text().splitlines())
    version = next(version for known, _, version in lines if known == name)
    return program(name, name.replace("-", "_"), cache_folder() / f"{name}-{version}")


def promtool() -> str:
    """Return the path of promtool, which tests the alert rules.

    Raises:
        Misconfigured: promtool is not installed.
    """
    return program("promtool", "promtool", cache_folder() / "promtool")


def digest_of(*files: Path) -> str:
    """Return the digest in the names of what infra/devstack/install builds from these files."""
    return sha256(b"".join(file.read_bytes() for file in files)).hexdigest()[:12]
