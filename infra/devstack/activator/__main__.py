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
@click.option("--name", required=True, help="Name of the function.")
@click.option("--fd", type=int, required=True, help="Listening socket for requests.")
@click.option("--port", type=int, envvar="PORT", required=True, help="Port of the command.")
@click.option("--idle", type=click.FloatRange(0.05), default=30.0, help="Seconds until it stops.")
@click.option(
    "--start-timeout", type=click.FloatRange(0.05), default=20.0, help="Seconds to start."
)
@click.option(
    "--max-buffered", type=click.IntRange(1, 1000), default=100, help="Buffered requests."
)
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
    """Start the command with the first request, and stop it when it is idle.

    Exits with 1 if the activator itself failed; its supervisor then starts another one.
    """
    configure(log_level)
    environ = dict(os.environ)  # noqa: TID251 - the command's environment

    def start() -> FunctionProcess:
        return FunctionProcess(command, environ, port, max_buffered)

    active = Activator(name, start, Limits(idle, start_timeout, max_buffered))
    server = ActivatorServer(name, active, socket(fileno=fd))
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda _signal, _frame: server.shut_down())
    server.run()
    if active.failed:
        sys.exit(1)


if __name__ == "__main__":
    activator(prog_name="python -m infra.devstack.activator")
    sys.exit(0)
