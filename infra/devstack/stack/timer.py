"""python -m infra.devstack.stack.timer --sink URL: an event every few seconds, as PingSource."""

import signal
from threading import Event as Flag
from typing import Final

import click
import structlog
import urllib3

from infra.devstack.stack.topology import SWEEP_SECONDS
from risksentinel.adapters.system_clock import new_id, now
from risksentinel.logs import configure
from risksentinel.text import rfc3339

TYPE: Final = "dev.knative.sources.ping"
SOURCE: Final = "/apis/v1/namespaces/default/pingsources/outbox-sweep"
_TIMEOUT: Final = 30.0
_log = structlog.get_logger(__name__)


@click.command(context_settings={"show_default": True})
@click.option("--sink", required=True, help="Where the events go.")
@click.option("--every", type=click.FloatRange(0.1, 3600), default=SWEEP_SECONDS, help="Seconds.")
@click.option("--secret", envvar="EVENT_SECRET", default="", help="Secret of the function.")
@click.option("--log-level", envvar="LOG_LEVEL", default="info")
def timer(sink: str, every: float, secret: str, log_level: str) -> None:
    """Post an event again and again; one that fails is not repeated, the next one comes soon."""
    configure(log_level)
    stop = Flag()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    pool = urllib3.PoolManager(timeout=_TIMEOUT, retries=False)
    while not stop.wait(every):
        post(pool, sink, secret)


def post(pool: urllib3.PoolManager, sink: str, secret: str = "") -> None:
    """Post one event."""
    try:
        response = pool.request("POST", sink, headers=_headers(secret), redirect=False)
    except urllib3.exceptions.HTTPError as error:
        _log.warning("timer.failed", sink=sink, reason=type(error).__name__)
        return
    if response.status >= 300:  # noqa: PLR2004 - as HTTP has it
        _log.warning("timer.refused", sink=sink, status=response.status)


def _headers(secret: str) -> dict[str, str]:
    return {
        **({"Authorization": f"Bearer {secret}"} if secret else {}),
        "ce-specversion": "1.0",
        "ce-type": TYPE,
        "ce-source": SOURCE,
        "ce-id": str(new_id()),
        "ce-time": rfc3339.to_text(now()),
    }


if __name__ == "__main__":
    timer(prog_name="python -m infra.devstack.stack.timer")
