"""Where the programs of the servers are, and what to do when they are not there."""

import os
import shutil
from hashlib import sha256
from pathlib import Path
from typing import Final

from risksentinel.errors import Misconfigured

LOCAL: Final = Path(__file__).parent.parent
_GO_MODULES: Final = Path(__file__).with_name("go_modules.txt")


def program(name: str, part: str, *folders: Path) -> str:
    """The path of a program in one of these folders, or else on the PATH.

    Raises:
        Misconfigured: it is nowhere; the message says what installs it.
    """
    for folder in folders:
        if os.access(folder / name, os.X_OK):
            return str(folder / name)
    found = shutil.which(name)
    if found is None:
        raise Misconfigured(f"{name} is not installed: run `infra/devstack/install {part}`")
    return found


def cache_folder() -> Path:
    """Where infra/devstack/install keeps what Debian does not have."""
    known = os.environ.get("XDG_CACHE_HOME", "")  # noqa: TID251 - a folder of the system, no setting
    return (Path(known) if known else Path.home() / ".cache") / "risksentinel"


def built(name: str) -> str:
    """A program that infra/devstack/install builds from its Go module, in the version written down.

    Raises:
        Misconfigured: it was not built.
    """
    lines = map(str.split, _GO_MODULES.read_text().splitlines())
    version = next(version for known, _, version in lines if known == name)
    return program(name, name.replace("-", "_"), cache_folder() / f"{name}-{version}")


def promtool() -> str:
    """What tests the alert rules of Prometheus.

    Raises:
        Misconfigured: it is not installed.
    """
    return program("promtool", "promtool", cache_folder() / "promtool")


def digest_of(*files: Path) -> str:
    """The mark by which infra/devstack/install names what it made of these files."""
    return sha256(b"".join(file.read_bytes() for file in files)).hexdigest()[:12]
