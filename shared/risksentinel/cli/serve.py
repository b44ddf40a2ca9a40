"""risksentinel serve: runs the whole engine on one port."""

import signal
import sys
from types import FrameType
from typing import NoReturn

import click

from risksentinel.embedded.decision_lines import DecisionLines, wanted
from risksentinel.embedded.engine import running
from risksentinel.embedded.sign_in_link import address_of, new_link
from risksentinel.logs import configure
from risksentinel.server.bounds import Bounds
from risksentinel.server.listening_sockets import listening_sockets
from risksentinel.server.server import Server
from risksentinel.settings import Settings
from risksentinel.telemetry import tracing


@click.command()
@click.option(
    "--decisions/--no-decisions",
    default=None,
    help="Print one line for each decision. By default on a terminal only, and not if LOG_LEVEL is "
    "warning or error.",
)
def serve(*, decisions: bool | None) -> None:
    """Serve all five functions on one port; no other server is needed.

    Decision lines go to standard output. Logs then go to standard error, without successful
    requests if standard error is a terminal.
    """
    settings = Settings.read()
    settings.may_listen_on(settings.host)
    lines = _decision_lines(settings, asked=decisions)
    _configure_logs(settings, beside_lines=lines is not None)
    tracing.start(settings.otel_exporter_otlp_endpoint)
    signal.signal(signal.SIGTERM, _stop)
    # Before the data is touched: a port that is in use must not migrate the database.
    sockets = listening_sockets(settings.host, settings.port)
    with running(settings, lines) as engine:
        bounds = Bounds.of(settings, per_address=settings.max_connections_per_address)
        server = Server(engine.gateway, bounds, sockets)
        click.echo(_greeting(settings), err=True)
        click.echo(_how_to_sign_in(settings), err=True)
        if lines is not None:
            click.echo("Each decision is printed as one line.\n", err=True)
        try:
            server.run()
        finally:
            server.close()
    click.echo("stopped; nothing is lost", err=True)


def _decision_lines(settings: Settings, *, asked: bool | None) -> DecisionLines | None:
    out = sys.stdout
    return DecisionLines(out) if wanted(out, settings.log_level, asked=asked) else None


def _configure_logs(settings: Settings, *, beside_lines: bool) -> None:
    if not beside_lines:
        configure(settings.log_level)
        return
    quiet = sys.stderr.isatty() and settings.log_level != "debug"
    configure(settings.log_level, stream="stderr", successful_requests=not quiet)


def _stop(_signal: int, _frame: FrameType | None) -> NoReturn:
    raise KeyboardInterrupt


def _how_to_sign_in(settings: Settings) -> str:
    address = address_of(settings)
    if not settings.accepts_sessions:
        return "Every caller is the user `local`: no one signs in.\n"
    if settings.oidc_client_id:
        return f"Sign in at {address}/sign-in\n"
    if not sys.stderr.isatty():  # a log keeps what it is sent, and others read it
        return "Sign in by the link that `risksentinel sign-in-link` prints.\n"
    return f"Sign in once, within 15 minutes:\n\n  {new_link(settings)}\n"


def _greeting(settings: Settings) -> str:
    address = f"http://{settings.host}:{settings.port}"
    payment = (
        '{"sender_id":"ZA-1001","receiver_id":"ZA-2002",'
        '"amount_zar":"75000.00","channel":"mobile_banking"}'
    )
    return (
        f"\nRiskSentinel listens on {address} (documentation: {address}/docs)\n"
        f"Data is stored in {settings.risksentinel_home.resolve()}\n"
        f"Send a payment:\n\n"
        f"  curl -s {address}/api/v1/transactions/ -H 'Content-Type: application/json' \\\n"
        f"    -d '{payment}'\n\n"
        "Stop with Ctrl-C.\n"
    )
