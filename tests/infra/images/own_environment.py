"""A virtual environment with the dependencies and the code of one function's image."""

import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Final
from zipfile import ZipFile

from uv import find_uv_bin

ROOT: Final = Path(__file__).parents[3]


@dataclass(frozen=True, slots=True)
class OwnEnvironment:
    """The dependencies and the code of one function."""

    venv: Path
    app: Path

    @property
    def packages(self) -> set[str]:
        """Return the installed distributions."""
        folders = (self.venv / "lib").glob("python*/site-packages/*.dist-info")
        return {each.name.split("-")[0].lower().replace("_", "-") for each in folders}

    @property
    def gunicorn(self) -> list[str]:
        """Return the command of the image."""
        config = str(self.app / "infra" / "gunicorn.conf.py")
        return [str(self.venv / "bin" / "gunicorn"), "--config", config]


def wheel(folder: Path) -> Path:
    """Build the wheel of the project as the images do."""
    _run(
        sys.executable, "-m", "hatchling", "build", "--target", "wheel", "--directory", str(folder)
    )
    (built,) = folder.glob("*.whl")
    return built


def own_environment(function: str, project: Path, folder: Path) -> OwnEnvironment:
    """Install the lock of a function, and unpack the project without the other functions."""
    made = OwnEnvironment(folder / "venv", folder / "app")
    _run(find_uv_bin(), "venv", "--quiet", "--python", sys.executable, str(made.venv))
    lock = ROOT / "infra" / "locks" / f"{function}.lock"
    python = ["--python", str(made.venv / "bin" / "python")]
    install = ("pip", "install", "--quiet", "--no-deps", "--require-hashes", "-r", str(lock))
    _run(find_uv_bin(), *install, *python)
    with ZipFile(project) as archive:
        program = "risksentinel_program"
        parts = (f"functions/{function}/", "functions/__init__.py", "infra/gunicorn")
        mine = (*(f"{program}/{each}" for each in parts), "risksentinel/", "risksentinel-")
        archive.extractall(made.app, [name for name in archive.namelist() if name.startswith(mine)])
    for part in (made.app / program).iterdir():  # as the recipe of the images moves them
        part.rename(made.app / part.name)
    return made


def _run(*command: str) -> None:
    ran = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)  # noqa: S603
    assert ran.returncode == 0, ran.stderr
