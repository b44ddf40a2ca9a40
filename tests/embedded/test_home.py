"""The folder of the embedded data: who may read it, and what is said when it cannot be used."""

import os
import shutil
import signal
import socket
import sqlite3
import stat
import subprocess
from collections.abc import Callable, Mapping, Sequence
from contextlib import closing
from pathlib import Path

import pytest

from risksentinel.errors import Misconfigured
from risksentinel.settings import Settings
from risksentinel.settings.storage import DATABASE_FILE
from tests.flow.engine_process import BIN, serving
from tests.flow.private_disk import serve_read_only
from tests.functions.caller import PAYMENT, TRANSACTIONS


def _mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def _serve(
    settings: Mapping[str, str], command: Sequence[str] = (str(BIN / "risksentinel"), "serve")
) -> subprocess.CompletedProcess[str]:
    """Run `risksentinel serve` to its end."""
    return subprocess.run(  # noqa: S603 - our own command
        command,
        env={**os.environ, **settings},  # noqa: TID251 - of a child process
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def test_a_home_that_was_there_is_closed_to_others(tmp_path: Path) -> None:
    """Its database contains account numbers."""
    home = tmp_path / "home"
    home.mkdir(mode=0o755)
    for name in (DATABASE_FILE, f"{DATABASE_FILE}-wal"):
        (home / name).touch(0o644)

    Settings(risksentinel_home=home).make_home()

    assert _mode(home) == 0o700
    assert {_mode(file) for file in home.iterdir()} == {0o600}


def test_a_folder_of_all_users_stays_so(tmp_path: Path) -> None:
    """A home like /tmp must not be closed to the other programs of the machine."""
    home = tmp_path / "home"
    home.mkdir()
    home.chmod(0o1777)

    Settings(risksentinel_home=home).make_home()

    assert _mode(home) == 0o1777
    assert _mode(home / DATABASE_FILE) == 0o600


def test_what_a_running_engine_writes_is_its_owner_s(tmp_path: Path) -> None:
    """SQLite makes the files of its journal itself."""
    home = tmp_path / "home"
    home.mkdir(mode=0o755)

    with serving(home) as engine:
        modes = {file.name: _mode(file) for file in home.glob(f"{DATABASE_FILE}*")}
        assert engine.stop(signal.SIGTERM) == 0

    assert set(modes.values()) == {0o600}
    assert len(modes) == 3


def test_a_home_that_is_a_file_is_one_line(tmp_path: Path) -> None:
    """A traceback does not say what to change."""
    (tmp_path / "home").touch()

    with pytest.raises(Misconfigured, match="set it to a folder that you own"):
        Settings(risksentinel_home=tmp_path / "home").make_home()


@pytest.mark.parametrize(
    "damaged", [b"not a database" * 500, b"SQLite format 3\0" + b"\xff" * 9000]
)
def test_a_damaged_database_is_one_line_and_stays_as_it_is(tmp_path: Path, damaged: bytes) -> None:
    """A backup can replace it; a repair by the engine could lose payments."""
    database = tmp_path / DATABASE_FILE
    database.write_bytes(damaged)

    ended = _serve({"RISKSENTINEL_HOME": str(tmp_path), "PORT": _free()})

    assert ended.returncode == 1
    (line,) = ended.stderr.splitlines()
    assert "the SQLite file is damaged" in line
    assert "restore a backup" in line
    assert database.read_bytes() == damaged


@pytest.fixture(scope="module")
def crashed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The home of an engine that was killed after 40 payments."""
    home = tmp_path_factory.mktemp("crashed") / "home"
    with serving(home) as engine:
        for number in range(40):
            payment = {**PAYMENT, "id": f"p-{number}", "sender_id": f"acc-{number}"}
            assert engine.call("POST", TRANSACTIONS, payment).status == 201
        engine.stop(signal.SIGKILL)
    return home


def _merge(home: Path) -> Path:
    """Move the journal into the database, as a clean stop does; returns the database."""
    with closing(sqlite3.connect(home / DATABASE_FILE)) as database:
        database.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
    return home / DATABASE_FILE


def _header(home: Path) -> None:
    with _merge(home).open("r+b") as file:
        file.write(bytes(100))


def _pages(home: Path) -> None:
    database = _merge(home)
    size = database.stat().st_size
    with database.open("r+b") as file:
        file.seek(size // 2 // 4096 * 4096)
        file.write(b"\xa5" * (size // 4))


def _cut(home: Path) -> None:
    database = _merge(home)
    os.truncate(database, database.stat().st_size // 2 // 4096 * 4096)


def _journal(home: Path) -> None:
    journal = home / f"{DATABASE_FILE}-wal"
    with journal.open("r+b") as file:
        file.seek(journal.stat().st_size // 2)
        file.write(b"\x5a" * 500)


@pytest.mark.parametrize("damage", [_header, _pages, _cut, _journal])
def test_damage_on_the_disk_is_one_line_and_nothing_is_overwritten(
    crashed: Path, tmp_path: Path, damage: Callable[[Path], None]
) -> None:
    """The operator decides: an engine that starts on the rest would lose answered payments."""
    home = tmp_path / "home"
    shutil.copytree(crashed, home)
    damage(home)
    files = {file: file.read_bytes() for file in home.glob(f"{DATABASE_FILE}*")}
    kept = {file: content for file, content in files.items() if not file.name.endswith("-shm")}

    ended = _serve({"RISKSENTINEL_HOME": str(home), "PORT": _free()})

    assert ended.returncode == 1
    (line,) = ended.stderr.splitlines()
    assert "damaged" in line
    assert "restore a backup" in line
    assert {file: file.read_bytes() for file in kept} == kept


@pytest.mark.parametrize("used", [False, True])
def test_a_read_only_home_is_one_line(crashed: Path, tmp_path: Path, *, used: bool) -> None:
    """A disk that was mounted read-only after an error: no traceback, and what to set."""
    home = tmp_path / "home"
    shutil.copytree(crashed, home) if used else home.mkdir()

    ended = _serve({"RISKSENTINEL_HOME": str(home), "PORT": _free()}, serve_read_only())

    assert ended.returncode == 2
    (line,) = ended.stderr.splitlines()
    assert line.startswith("risksentinel: RISKSENTINEL_HOME cannot be used: Read-only file system")
    assert "may write to" in line


def test_a_port_that_is_in_use_leaves_the_home_alone(tmp_path: Path) -> None:
    """A second engine must not migrate the database of the first one's release."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        ended = _serve({"RISKSENTINEL_HOME": str(tmp_path / "home"), "PORT": port})

    assert ended.returncode == 2
    assert ended.stderr.startswith(f"risksentinel: cannot listen on 127.0.0.1 port {port}: ")
    assert not (tmp_path / "home").exists()


def _free() -> str:
    with socket.create_server(("127.0.0.1", 0)) as free:
        return str(free.getsockname()[1])
