"""Environments for a cold start: an embedded database, or real servers and a model."""

import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from infra.devstack.servers.restartable_server import ServerFailed
from infra.devstack.stack.servers import connections, own_servers
from risksentinel.assembly.container import Container
from risksentinel.migrations.migrate import migrate
from risksentinel.seed import seed
from risksentinel.settings import Settings

Environ = Mapping[str, str]


@contextmanager
def embedded() -> Iterator[Environ]:
    """Yield the environment of a function with a migrated SQLite database and no servers."""
    with TemporaryDirectory() as home:
        environ = _environ(home)
        settings = Settings.read(environ)
        migrate(settings.database)
        with closing(Container(settings)) as container:
            seed(container)
        yield environ


@contextmanager
def real() -> Iterator[Environ]:
    """Yield the same with PostgreSQL, Redis, Kafka and a promoted model in MinIO, without data."""
    with TemporaryDirectory() as home, ExitStack() as started:
        servers = own_servers(Path(home), {})
        for server in servers.values():
            started.enter_context(server)
        environ = {**_environ(home), **connections(servers, {})}
        _run(environ, sys.executable, "-m", "infra.devstack.stack.provision")
        train = (sys.executable, "-m", "ml.train", "--out", f"{home}/trained")
        trained = _run(environ, *train).splitlines()[-1]
        command = str(Path(sys.executable).with_name("risksentinel"))
        _run(environ, command, "models", "publish", "--promote", trained)
        yield environ


def _environ(home: str) -> dict[str, str]:
    # The first start writes the bytecode, which an image has: the next ones read it.
    chosen = {
        "RISKSENTINEL_HOME": home,
        "LOG_LEVEL": "error",
        "MAX_LATENESS_SECONDS": "none",  # measured payments are dated in the past
        "PYTHONDONTWRITEBYTECODE": "",
    }
    return {**os.environ, **chosen}  # noqa: TID251 - a child's


def _run(environ: Environ, *command: str) -> str:
    ran = subprocess.run(command, env=environ, capture_output=True, text=True, check=False)  # noqa: S603
    if ran.returncode:
        raise ServerFailed(f"{command}: {ran.stderr or ran.stdout}")
    return ran.stdout
