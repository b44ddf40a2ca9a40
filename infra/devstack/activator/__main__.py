"""python -m infra.devstack.activator --name NAME --fd N -- COMMAND: run COMMAND on demand.

The command serves a function on HOST and PORT; it inherits the environment.
"""

import os
import signal
import sys
from collections.abc import Sequence
from socket import socket

import click

from infra.devstack.activator.activator import Activator, Limits
from infra.devstack.activator.activator_server import ActivatorServer
from infra.devstack.activator.function_process import FunctionProcess
from risksentinel.logs import configure


@click.command(context_settings={"show_default": True})
@click.option("--name", required=True, help="The function's name.")
@click.option("--fd", type=int, required=True, help="A socket that listens: requests come here.")
@click.option("--port", type=int, envvar="PORT", required=True, help="The command's own port.")
@click.option("--idle", type=click.FloatRange(0.05), default=30.0, help="Seconds at rest.")
@click.option("--start-timeout", type=click.FloatRange(0.05), default=20.0, help="Seconds to wake.")
@click.option("--max-buffered", type=click.IntRange(1, 1000), default=100, help="Waiting requests.")
@click.option("--log-level", envvar="LOG_LEVEL", default="info")
@click.argument("command", nargs=-1, required=True, type=click.UNPROCESSED)
def activator(  # noqa: PLR0913 - an option each
    *,
    name: str,
    fd: int,
    port: int,
    idle: float,
    start_timeout: float,
    max_buffered: int,
    log_level: str,
    command: Sequence[str],
) -> None:
    """Start the command with the first request, and stop it when no more come.

    Status 1 says that the activator failed itself; who keeps it starts another.
    """
    configure(log_level)
    environ = dict(os.environ)  # noqa: TID251 - the command's

    def start() -> FunctionProcess:
        return FunctionProcess(command, environ, port, max_buffered)

    active = Activator(name, start, Limits(idle, start_timeout, max_buffered))
    server = ActivatorServer(name, active, socket(fileno=fd))
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda _signal, _frame: server.leave())
    server.run()
    if active.broken:
        sys.exit(1)


if __name__ == "__main__":
    activator(prog_name="python -m infra.devstack.activator")
    sys.exit(0)
