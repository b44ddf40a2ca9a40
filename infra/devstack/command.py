"""risksentinel stack: servers, functions, sources and gateway on this machine."""

import os
import signal
import sys
from threading import Event as Flag
from types import FrameType
from typing import NoReturn

import click

from infra.devstack.servers.restartable_server import ServerFailed
from infra.devstack.stack.logs import Logs
from infra.devstack.stack.run import Stack
from risksentinel.embedded.home_lock import locked_home
from risksentinel.settings import Settings


@click.command(context_settings={"show_default": True})
@click.option(
    "--activator",
    is_flag=True,
    envvar="ACTIVATOR",
    help="Start each function on demand, and stop it when idle.",
)
@click.option(
    "--idle",
    type=click.FloatRange(0.05),
    default=30.0,
    help="Seconds until an idle function stops.",
)
def stack(*, activator: bool, idle: float) -> None:
    """Run the real servers, the five functions, their Kafka sources and the gateway.

    A server whose address is set (DATABASE_URL, REDIS_URL, KAFKA_BOOTSTRAP_SERVERS, MODEL_URI) is
    used and not started. The gateway listens on HOST and PORT. RISKSENTINEL_HOME contains the data,
    stack.env (all addresses, for sh) and stack.pids. A process that exits is restarted; Ctrl-C
    stops the stack.
    """
    settings = Settings.read()
    settings.may_listen_on(settings.host)
    settings.make_home(with_database=False)
    kept = settings.risksentinel_home / "stack"
    kept.mkdir(exist_ok=True, mode=0o700)
    logs = Logs(sys.stdout.buffer, coloured=sys.stdout.isatty())
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, _stop)
    try:
        with locked_home(kept), _one_stack(settings, logs, idle if activator else None).running():
            logs.say(_greeting(settings))
            Flag().wait()
    except KeyboardInterrupt:
        logs.say("stopped; all data is stored")
    except ServerFailed as failure:
        raise click.ClickException(str(failure)) from None
    finally:
        logs.close()


def _one_stack(settings: Settings, logs: Logs, idle: float | None) -> Stack:
    return Stack(settings, os.environ, logs, idle)  # noqa: TID251 - the environment of the programs


def _stop(_signal: int, _frame: FrameType | None) -> NoReturn:
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.SIG_IGN)  # a second signal must not interrupt the stop
    raise KeyboardInterrupt


def _greeting(settings: Settings) -> str:
    address = f"http://{settings.host}:{settings.port}"
    home = settings.risksentinel_home.resolve()
    return (
        f"RiskSentinel listens on {address} (documentation: {address}/docs)\n"
        f"All addresses: . {home}/stack.env; all processes: {home}/stack.pids\n"
        "Stop it with Ctrl-C."
    )
