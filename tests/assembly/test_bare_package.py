"""A package whose own code runs at its first use."""

import subprocess
import sys
from pathlib import Path

import pytest

from risksentinel.assembly.bare_package import bare_package

_CONNECTS = """
import sys
import risksentinel.assembly.redis_history
assert "redis.connection" in sys.modules
assert "redis.client" not in sys.modules
import redis
assert redis.Redis.__module__ == "redis.client"
assert redis.connection.Connection is sys.modules["redis.connection"].Connection
"""


@pytest.fixture
def package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """A package with a module `part` and code of its own, importable during the test."""
    folder = tmp_path / "sample_of_a_package"
    folder.mkdir()
    (folder / "__init__.py").write_text("from sample_of_a_package.part import one\nran = True\n")
    (folder / "part.py").write_text("one = 1\n")
    monkeypatch.syspath_prepend(tmp_path)
    for name in (folder.name, f"{folder.name}.part"):
        monkeypatch.setitem(sys.modules, name, sys)
        monkeypatch.delitem(sys.modules, name)
    return folder.name


def test_the_package_runs_when_it_is_used(package: str) -> None:
    """Code that uses the whole package must find it whole."""
    with bare_package(package):
        part = __import__(f"{package}.part", fromlist=["one"])
    before = object.__getattribute__(sys.modules[package], "__dict__").get("ran")

    assert before is None
    assert sys.modules[package].ran
    assert sys.modules[package].part is part
    assert sys.modules[package].one == 1


def test_a_failed_import_leaves_no_package(package: str) -> None:
    """The next attempt must run the package's code, and report its error."""
    with pytest.raises(ModuleNotFoundError), bare_package(package):
        __import__(f"{package}.absent")

    assert package not in sys.modules


def test_an_imported_package_stays(package: str) -> None:
    """It has run already."""
    whole = __import__(package)

    with bare_package(package):
        assert sys.modules[package] is whole


def test_the_history_imports_the_connections_of_redis_alone() -> None:
    """If redis-py itself no longer imports its clients, delete bare_package."""
    ran = subprocess.run(  # noqa: S603 - this very Python, with a program written above
        [sys.executable, "-c", _CONNECTS], capture_output=True, text=True, check=False
    )

    assert ran.returncode == 0, ran.stderr
