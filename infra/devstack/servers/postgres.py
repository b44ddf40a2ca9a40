"""PostgreSQL from Debian, with its default durability."""

import shutil
import signal
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import ClassVar, Final

import psycopg
from psycopg import sql
from typing_extensions import override

from infra.devstack.servers.password import password_of
from infra.devstack.servers.programs import program
from infra.devstack.servers.server import LOOPBACK, Server

_DATABASE: Final = "risksentinel"
DEBIAN: Final = Path("/usr/lib/postgresql")  # a folder for each version
_CLUSTER: Final = "10.0.0.0/8"  # nodes and pods of a cluster on this machine
_TRUST: Final = "trust"
_SCRAM: Final = "scram-sha-256"
_OPTIONS: Final = (
    "unix_socket_directories=",  # the path of a socket can be too long
    "max_connections=200",
    "log_min_messages=warning",
)


class Postgres(Server):
    """An empty database named risksentinel."""

    name: ClassVar[str] = "postgres"
    user: ClassVar[str | None] = "postgres"  # PostgreSQL refuses to run as root
    stop_signal: ClassVar[signal.Signals] = signal.SIGINT  # SIGTERM waits for clients to leave

    @property
    @override
    def settings(self) -> Mapping[str, str]:
        return {"DATABASE_URL": f"postgresql+psycopg://{self._address(_DATABASE)}"}

    @property
    @override
    def command(self) -> Sequence[str]:
        options = [
            part
            for option in (
                f"listen_addresses={self.host}",
                f"hba_file={self._hba_file}",
                *_OPTIONS,
            )
            for part in ("-c", option)
        ]
        return [_program("postgres"), "-D", str(self._data), "-p", str(self.port), *options]

    @override
    def prepare(self) -> None:
        # Before its first password a database trusts this machine, until `provision` sets one.
        self._accept(_SCRAM if self._secured.exists() else _TRUST)
        if (self._data / "PG_VERSION").exists():
            return
        with_ = ("--auth=trust", "--no-sync", "--encoding=UTF8", "--locale=C.UTF-8")
        fresh = self.folder / "data.new"  # an interrupted initdb leaves no incomplete database
        shutil.rmtree(fresh, ignore_errors=True)
        command = [_program("initdb"), f"--username={_DATABASE}", *with_, "-D", str(fresh)]
        self.run_step(command)
        fresh.rename(self._data)

    def _accept(self, method: str) -> None:
        # Outside the data and written at each start: the address can change.
        networks = [f"{LOOPBACK}/32"]
        if self.host != LOOPBACK:
            networks.append(_CLUSTER if method == _SCRAM else f"{self.host}/32")
        self._hba_file.write_text("".join(f"host all all {each} {method}\n" for each in networks))
        self._hba_file.chmod(0o644)  # PostgreSQL may run as another user

    @override
    def probe(self) -> None:
        with self._connect("postgres") as connection:
            connection.execute("SELECT 1")

    @override
    def provision(self) -> None:
        with self._connect("postgres") as connection:
            if not self._secured.exists():
                self._set_password(connection)
            known = connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [_DATABASE])
            if known.fetchone() is None:
                connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(_DATABASE)))

    def _set_password(self, connection: psycopg.Connection) -> None:
        statement = sql.SQL("ALTER ROLE {} PASSWORD {}")
        role, password = sql.Identifier(_DATABASE), sql.Literal(password_of(self.folder))
        connection.execute(statement.format(role, password))
        self._accept(_SCRAM)
        connection.execute("SELECT pg_reload_conf()")
        self._secured.touch()

    @property
    def _secured(self) -> Path:
        return self.folder / "secured"  # exists once the database has its password

    @property
    def _data(self) -> Path:
        return self.folder / "data"

    @property
    def _hba_file(self) -> Path:
        return self.folder / "pg_hba.conf"

    def _address(self, database: str) -> str:
        login = f"{_DATABASE}:{password_of(self.folder)}"
        return f"{login}@{self.host}:{self.port}/{database}"

    def _connect(self, database: str) -> psycopg.Connection:
        address = f"postgresql://{self._address(database)}"
        return psycopg.connect(address, autocommit=True, connect_timeout=2)


def _program(name: str) -> str:
    newest_first = sorted(
        DEBIAN.glob("*/bin"), key=lambda path: int(path.parent.name), reverse=True
    )
    return program(name, "postgres", *newest_first)
