"""python -m infra.local.activator --name NAME --fd N -- COMMAND: COMMAND runs while it is needed.

The command serves a function on HOST and PORT; it inherits the environment.
"""

import os
import signal
import sys
from collections.abc import Sequence
from socket import socket
from types import FrameType
from typing import Final, NoReturn

import click
from waitress.server import create_server

from infra.local.activator.activator import Activator, Limits
from infra.local.activator.function_process import FunctionProcess
from infra.local.activator.held_proxy import held_proxy
from infra.local.gateway_server import MOST_BYTES
from risksentinel.runtime.structured_logs import configure

UNDER_WAY: Final = 16  # threads for requests that pass, and for those that are refused


@click.command(context_settings={"show_default": True})
@click.option("--name", required=True, help="The function's name.")
@click.option("--fd", type=int, required=True, help="A socket that listens: requests come here.")
@click.option("--port", type=int, envvar="PORT", required=True, help="The command's own port.")
@click.option("--idle", type=click.FloatRange(0.05), default=30.0, help="Seconds at rest.")
@click.option("--patience", type=click.FloatRange(0.05), default=20.0, help="Seconds to wake.")
@click.option("--most-held", type=click.IntRange(1, 1000), default=100, help="Waiting requests.")
@click.option("--log-level", envvar="LOG_LEVEL", default="info")
@click.argument("command", nargs=-1, required=True, type=click.UNPROCESSED)
def activator(  # noqa: PLR0913 - an option each
    *,
    name: str,
    fd: int,
    port: int,
    idle: float,
    patience: float,
    most_held: int,
    log_level: str,
    command: Sequence[str],
) -> None:
    """Start the command with the first request, and stop it when no more come."""
    configure(log_level)
    signal.signal(signal.SIGTERM, _stop)
    environ = dict(os.environ)  # noqa: TID251 - the command's

    def start() -> FunctionProcess:
        return FunctionProcess(command, environ, port, most_held)

    _serve(name, Activator(name, start, Limits(idle, patience, most_held)), socket(fileno=fd))


def _serve(name: str, active: Activator[FunctionProcess], door: socket) -> None:
    server = create_server(
        held_proxy(name, active),
        sockets=[door],
        # One that is refused must not wait behind those that are held.
        threads=active.limits.most_held + UNDER_WAY,
        connection_limit=2 * active.limits.most_held + UNDER_WAY,
        max_request_body_size=MOST_BYTES,
        ident=None,
    )
    active.begin()
    try:
        server.run()
    finally:
        server.close()
        active.close()


def _stop(_signal: int, _frame: FrameType | None) -> NoReturn:
    raise KeyboardInterrupt


if __name__ == "__main__":
    activator(prog_name="python -m infra.local.activator")
    sys.exit(0)
