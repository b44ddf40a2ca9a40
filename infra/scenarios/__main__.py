"""python -m infra.scenarios: plays fraud and genuine scenarios against one or two engines."""

import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from uuid import uuid4

import click
from rich.console import Console

from infra.devstack.servers.restartable_server import ServerFailed
from infra.scenarios.client import Client
from infra.scenarios.engine import (
    decide_in_order,
    publish_trained,
    serving,
    start_training,
    verify_decisions,
    wait_for_model,
)
from infra.scenarios.format import Scenario, read
from infra.scenarios.judge import EngineResponse
from infra.scenarios.places import LOG_WIDTH, OURS
from infra.scenarios.run import Heard, ScenarioResult, play
from infra.scenarios.table import show
from risksentinel.errors import Misconfigured, Unavailable

WITHOUT, WITH = "no model", "model"


@click.command()
@click.argument("places", nargs=-1, type=click.Path(exists=True, path_type=Path))
@click.option("--url", help="URL of a running engine; without it two new engines are started.")
@click.option(
    "--api-key",
    envvar="RISKSENTINEL_API_KEY",
    show_envvar=True,
    help="API key for --url, of the roles submitter and analyst.",
)
@click.option("--only", default="", help="Only scenarios whose name contains this text.")
@click.option("--no-model", is_flag=True, help="Only without a model; no model is trained.")
@click.option("--verbose", is_flag=True, help="Print each payment with its decision and reasons.")
def scenarios(
    *,
    places: tuple[Path, ...],
    url: str | None,
    api_key: str | None,
    only: str,
    no_model: bool,
    verbose: bool,
) -> None:
    """Play the scenarios in PLACES (default: tests/scenarios); exit with 1 if one fails."""
    console, heard = _console(), _printed if verbose else _not_printed
    try:
        chosen = [each for each in read(places or (OURS,)) if only in each.name]
        if not chosen:
            raise Misconfigured(f"--only {only}: no scenario has this text in its name")
        if url is not None:
            columns: Mapping[str, Sequence[ScenarioResult]] = {
                "engine": _played(url, chosen, heard, api_key)
            }
        else:
            columns = _on_fresh_engines(chosen, heard, trained=not no_model)
    except (Misconfigured, ServerFailed, Unavailable) as error:
        raise click.ClickException(str(error)) from None
    show(console, columns)
    sys.exit(any(not each.passed for outcomes in columns.values() for each in outcomes))


def _on_fresh_engines(
    chosen: Sequence[Scenario], heard: Heard, *, trained: bool
) -> dict[str, list[ScenarioResult]]:
    """Train one model while the scenarios are played without a model; then play them with it."""
    with TemporaryDirectory(prefix="scenarios-") as folder:
        without, within = Path(folder) / "without", Path(folder) / "with"
        training = start_training(Path(folder)) if trained else None
        try:
            with serving(without) as url:
                columns = {WITHOUT: _played(url, chosen, heard)}
            click.echo(f"decisions without a model: {verify_decisions(without)}")
            click.echo(f"a backtest without a model: {decide_in_order(without)}")
            if training is None:
                return columns
            publish_trained(training, within)
        finally:
            if training is not None and training.poll() is None:
                training.kill()
                training.wait()
        with serving(within) as url:
            wait_for_model(url)
            columns[WITH] = _played(url, chosen, heard)
        click.echo(f"decisions with a model: {verify_decisions(within)}")
        click.echo(f"a backtest with a model: {decide_in_order(within)}")
        return columns


def _played(
    url: str, chosen: Sequence[Scenario], heard: Heard, api_key: str | None = None
) -> list[ScenarioResult]:
    # The suffix separates the accounts of scenarios that use the same names.
    with Client(url, api_key) as client:
        return [play(client, each, f".{uuid4().hex[:6]}", heard) for each in chosen]


def _console() -> Console:
    console = Console()
    return console if console.is_terminal else Console(width=LOG_WIDTH)


def _not_printed(_payment: dict[str, Any], _answer: EngineResponse) -> None:
    """Print nothing for a payment: the table has the result."""


def _printed(payment: dict[str, Any], answer: EngineResponse) -> None:
    click.echo(
        f"{payment['id']} {payment['amount_zar']} {answer.decision} {answer.score} "
        + "; ".join(answer.reasons)
    )


if __name__ == "__main__":
    scenarios(prog_name="python -m infra.scenarios")
