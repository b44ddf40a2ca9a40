"""risksentinel backtest: decides past payments again by a policy, and compares it with live."""

import signal
from collections.abc import Mapping
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from time import monotonic
from types import FrameType
from typing import TYPE_CHECKING, Any, Final, NoReturn

import click

from risksentinel.assembly.container import Container
from risksentinel.cli.audited import audited
from risksentinel.cli.command_settings import command_settings
from risksentinel.errors import Malformed, Misconfigured
from risksentinel.text import rfc3339

if TYPE_CHECKING:
    from risksentinel.backtest.request import Request

INTERRUPTED: Final = 130


@click.command()
@click.option(
    "--policy",
    default="live",
    show_default=True,
    help="Policy to test: live, the number of a version, or a YAML file.",
)
@click.option(
    "--against",
    help="Policy to compare with: live (default), a number, a file, or stored: the decisions as "
    "they were made, which is the default for --policy live.",
)
@click.option("--since", help="First moment of scoring, like 2026-05-01T00:00:00Z.")
@click.option("--until", help="End of the period, excluded; by default now.")
@click.option(
    "--from",
    "file",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="Payments of this file (.parquet, .csv, .jsonl) in place of those of the database.",
)
@click.option("--map", "maps", multiple=True, metavar="TARGET=COLUMN", help="Column of a field.")
@click.option(
    "--set", "sets", multiple=True, metavar="TARGET=VALUE", help="One value for all payments."
)
@click.option("--timezone", metavar="NAME", help="Time zone of times without a zone.")
@click.option("--epoch", type=click.Choice(["s", "ms"]), help="Unit of times that are numbers.")
@click.option("--label", metavar="COLUMN", help="Column of the label: 1 is fraud, 0 genuine.")
@click.option(
    "--label-days",
    type=click.FloatRange(0),
    default=7.0,
    show_default=True,
    help="Days after which a label of the file is known, without a column known_at.",
)
@click.option("--limit", type=click.IntRange(1), help="Read at most N rows of the file.")
@click.option(
    "--out",
    type=click.Path(file_okay=False, path_type=Path),
    default=Path("backtest"),
    show_default=True,
    help="Folder of the report and of the checkpoint.",
)
@click.option(
    "--workers",
    type=click.IntRange(1, 256),
    default=2,
    show_default=True,
    help="Processes: each decides by one of the two policies, so more than two are not used; with "
    "--cluster, the workers on this machine.",
)
@click.option(
    "--cluster",
    metavar="[ADDRESS]",
    is_flag=False,
    flag_value="local",
    help="Decide on a Ray cluster: at host:port or ray://host:port, or, without an address, with "
    "--workers on this machine.",
)
@click.option(
    "--storage",
    metavar="URI",
    help="With --cluster: s3://bucket/prefix or a folder that all workers reach, for payments and "
    "decisions until the end. S3_ENDPOINT_URL and AWS_REGION as for MODEL_URI.",
)
@click.option("--full-accounts", is_flag=True, help="Account numbers in full; default: masked.")
def backtest(**given: Any) -> None:  # noqa: ANN401 - the values of the options
    """Decide past payments again by a policy, and report what it changes.

    Payments are decided in the order of their scoring, with the code that decides new payments;
    labels are learnt at the time when they were written. Nothing is stored in the database but an
    audit entry. Named lists are those of now.

    \b
    Files in --out: report.json, report.html, changes.parquet (each payment with another decision),
    grounds.parquet (each rule and escalation).

    With --cluster a history that is too large for one machine is decided by the workers of a Ray
    cluster, with the same report. Each worker needs this release with the extra `cluster`, and the
    settings of this command.

    \b
    A command that is stopped, also by `kill -9`, goes on where it was when it is run again.
    Exit codes: 0 done; 1 refused; 2 wrong options; 130 stopped.
    """  # noqa: D301 - click's mark for "leave the lines as they are"
    from rich.console import Console

    from risksentinel.backtest.cluster.run import run_on_cluster
    from risksentinel.backtest.run import run_backtest
    from risksentinel.backtest.summary import print_summary

    signal.signal(signal.SIGTERM, _stop)
    console, began = Console(stderr=True), monotonic()
    try:
        request = _request(given)
        with closing(Container(command_settings(), statement_seconds=0)) as container:
            about = {"policy": given["policy"], "against": given["against"]}
            audited(container.engine, "backtest.started", "policy", given["policy"], about)
            run = run_backtest if request.cluster is None else run_on_cluster
            written = run(container, request, console)
    except Misconfigured as fault:
        raise click.UsageError(str(fault)) from None
    except KeyboardInterrupt:
        click.echo("stopped: run the same command again to go on", err=True)
        click.get_current_context().exit(INTERRUPTED)
    print_summary(Console(), written, monotonic() - began)


def _request(given: Mapping[str, Any]) -> "Request":
    from risksentinel.backtest.request import Request
    from risksentinel.payment_files.options import ImportOptions, pairs, zone_of

    if (given["cluster"] is None) != (given["storage"] is None):
        raise Misconfigured("--cluster and --storage belong together: give both")
    options = None
    if given["file"] is not None:
        if given["since"] or given["until"]:
            raise Misconfigured("--since and --until are for the database: --limit is for a file")
        options = ImportOptions(
            file=given["file"],
            columns=pairs("--map", given["maps"]),
            constants=pairs("--set", given["sets"]),
            timezone=zone_of(given["timezone"]),
            epoch=given["epoch"],
            limit=given["limit"],
        )
        options.refuse_contradictions()
    return Request(
        policy=given["policy"],
        against=given["against"],
        since=_moment("--since", given["since"]),
        until=_moment("--until", given["until"]),
        options=options,
        label=given["label"],
        label_delay=timedelta(days=given["label_days"]),
        out=given["out"],
        workers=given["workers"],
        full_accounts=given["full_accounts"],
        cluster=given["cluster"],
        storage=given["storage"],
    )


def _moment(option: str, text: str | None) -> datetime | None:
    if text is None:
        return None
    try:
        return rfc3339.parse(text).astimezone(UTC)
    except Malformed as malformed:
        raise Misconfigured(f"{option} {malformed}") from None


def _stop(_number: int, _frame: FrameType | None) -> NoReturn:
    raise KeyboardInterrupt
