"""python -m infra.demo: the command of `make demo`."""

import shutil
import time
from collections import deque
from datetime import timedelta
from pathlib import Path
from typing import Final

import click

from infra.demo.day import Day, Payment, day_until, time_of
from infra.devstack.servers.restartable_server import ServerFailed
from infra.scenarios.client import Client
from infra.scenarios.engine import import_history, serving_with
from infra.scenarios.judge import EngineResponse
from risksentinel.adapters.system_clock import now
from risksentinel.domain.transaction import SOUTH_AFRICA
from risksentinel.errors import Rejected, Unavailable

FOLDER: Final = Path("build/demo")
AT_ONCE: Final = timedelta(hours=12)  # of the day: there is something to see at once
REPORTED_AFTER: Final = timedelta(hours=3)  # when customers notice a fraud
_LABELS: Final = frozenset({"is_fraud", "typology", "case", "reported_at"})
# A payment of yesterday is not late: the day ends now.
_SETTINGS: Final = {"MAX_LATENESS_SECONDS": str(2 * 86_400)}


@click.command()
@click.option("--minutes", default=10.0, show_default=True, type=click.FloatRange(0, 1_440))
@click.option("--port", default=8080, show_default=True, type=click.IntRange(1, 65_535))
@click.option("--stay/--stop", default=True, show_default=True, help="Serve on after the day.")
def demo(*, minutes: float, port: int, stay: bool) -> None:
    """Play the last 24 hours with fraud into a new engine.

    The first half of the day is played at once, the second half in --minutes. The data of the
    engine are in build/demo, which the next demonstration deletes.
    """
    shutil.rmtree(FOLDER, ignore_errors=True)
    FOLDER.mkdir(parents=True)
    home = FOLDER / "home"
    try:
        click.echo("1/3 Generating two weeks of payments, and a day with fraud")
        day = day_until(now(), FOLDER)
        click.echo("2/3 Recording the two weeks as history")
        import_history(home, day.history)
        with serving_with(home, PORT=str(port), **_SETTINGS) as url:
            click.echo(f"3/3 Playing {len(day.payments):,} payments; the API: {url}/docs")
            _play(day, url, timedelta(minutes=minutes))
            if stay:
                click.echo(f"The day is over. The engine stays at {url} until Ctrl-C.")
                _wait_for_interrupt()
    except (ServerFailed, Rejected, Unavailable) as error:
        raise click.ClickException(str(error)) from None
    except KeyboardInterrupt:
        click.echo("stopped", err=True)


def _play(day: Day, url: str, lasting: timedelta) -> None:
    """Send each payment when its time has come."""
    begin = time_of(day.payments[0]) + AT_ONCE
    speed = (time_of(day.payments[-1]) - begin) / lasting if lasting else float("inf")
    frauds, started = deque[Payment](), time.monotonic()
    with Client(url) as client:
        for payment in day.payments:
            ahead = (time_of(payment) - begin).total_seconds() / speed
            time.sleep(max(0.0, started + ahead - time.monotonic()))
            _pay(client, payment)
            if payment["is_fraud"]:
                frauds.append(payment)
            while frauds and time_of(payment) - time_of(frauds[0]) >= REPORTED_AFTER:
                client.report_fraud(frauds.popleft()["id"], payment["occurred_at"])


def _pay(client: Client, payment: Payment) -> None:
    sent = {name: value for name, value in payment.items() if name not in _LABELS}
    answer = client.pay(sent)
    if answer.alert_id is not None:
        click.echo(_line(payment, answer))


def _line(payment: Payment, answer: EngineResponse) -> str:
    at = time_of(payment).astimezone(SOUTH_AFRICA)
    return (
        f"{at:%H:%M} {answer.decision:8} {answer.score:>6} R {payment['amount_zar']:>10} "
        f"{answer.reasons[0] if answer.reasons else ''}"
    )


def _wait_for_interrupt() -> None:
    while True:
        time.sleep(1)


if __name__ == "__main__":
    demo(prog_name="python -m infra.demo")
