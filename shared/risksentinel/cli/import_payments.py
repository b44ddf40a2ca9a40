"""risksentinel import FILE: send the payments of a file and print the result of each."""

import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Final

import click

from risksentinel.cli.command_settings import command_settings
from risksentinel.errors import Misconfigured, Unavailable
from risksentinel.payment_files.options import MAX_BATCH_SIZE, ImportOptions
from risksentinel.payment_files.purpose import with_purpose
from risksentinel.payment_files.sinks import EngineSink, PaymentSink


@click.command("import")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option(
    "--format",
    "format_name",
    type=click.Choice(["jsonl", "csv", "parquet"]),
    help="Format of the file; by default the suffix of FILE decides.",
)
@click.option(
    "--url", help="URL of a running instance; by default the engine runs in this process."
)
@click.option(
    "--api-key",
    envvar="RISKSENTINEL_API_KEY",
    show_envvar=True,
    help="API key for --url. Set the variable: other users of this machine can see options.",
)
@click.option("--map", "maps", multiple=True, metavar="TARGET=COLUMN", help="Column of a field.")
@click.option(
    "--set",
    "sets",
    multiple=True,
    metavar="TARGET=VALUE",
    help="One value of a field for all payments.",
)
@click.option("--skip", type=click.IntRange(0), default=0, help="Skip the first N rows.")
@click.option("--limit", type=click.IntRange(1), help="Read at most N rows.")
@click.option(
    "--batch-size",
    type=click.IntRange(1, MAX_BATCH_SIZE),
    default=200,
    show_default=True,
    help="Payments per request; 1 sends each payment in its own request.",
)
@click.option(
    "--connections",
    type=click.IntRange(1, 64),
    default=1,
    show_default=True,
    help="Concurrent requests to --url; the payments of one sender keep their order.",
)
@click.option("--id-prefix", default="", help="Prefix of every id, to distinguish files.")
@click.option("--timezone", metavar="NAME", help="Time zone of times without a zone.")
@click.option("--epoch", type=click.Choice(["s", "ms"]), help="Unit of times that are numbers.")
@click.option(
    "--rejects",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Write refused rows and their reasons to this file, as JSON Lines.",
)
@click.option(
    "--learn-only/--score",
    "learn_only",
    default=None,
    help="Record the payments as history without alerts, or score them as new payments. "
    "Required for payments older than 24 hours, except on a terminal, where the command asks.",
)
@click.option("--strict", is_flag=True, help="Exit with 1 if a row was refused.")
def import_payments(**given: object) -> None:
    """Import the payments of FILE (.jsonl, .csv, .parquet); a repeated import changes nothing.

    \b
    Fields of a payment: id, sender_id, receiver_id, amount_zar, channel, occurred_at,
    rail, merchant_category, receiver_country, device_id, sim_swapped_at, beneficiary_added_at,
    currency. Common column names are recognised; labels such as is_fraud are never sent. A row
    whose currency is not ZAR is refused.

    \b
    Payments that are not in order of time are sorted by occurred_at before they are sent; --skip
    and --limit count rows of the file. The summary counts approved, reviewed and declined
    payments.

    \b
    With --learn-only payments are scored and recorded, so that the engine learns habits; no alert
    is raised, no event is published, and no statutory report is due.

    \b
    Exit codes: 0 every payment was delivered; 1 a payment was not delivered, or every row was
    refused; 2 the arguments are not valid.
    """  # noqa: D301 - click's mark for "leave the lines as they are"
    from rich.console import Console

    from risksentinel.adapters.system_clock import now
    from risksentinel.payment_files.run import run_import

    try:
        options = ImportOptions.of(given)
        command_settings()
        options = with_purpose(options, now(), _ask if _can_ask() else None)
        code = run_import(options, lambda: _sink(options), Console())
    except Misconfigured as fault:
        raise click.UsageError(str(fault)) from None
    except Unavailable as fault:
        raise click.ClickException(f"{fault}. {_what_to_do(given['url'])}") from None
    click.get_current_context().exit(code)


# For one release: "replay" means dead letters only.
replay: Final = click.Command(
    "replay",
    params=import_payments.params,
    callback=import_payments.callback,
    help=import_payments.help,
    hidden=True,
    deprecated="Use `risksentinel import`.",
)


@contextmanager
def _sink(options: ImportOptions) -> Iterator[PaymentSink]:
    if options.url is None:
        from risksentinel.embedded.direct_engine import direct_engine

        with direct_engine(learn_only=bool(options.learn_only)) as score:
            yield EngineSink(score)
        return
    from risksentinel.payment_files.api_sink import ApiSink

    learn_only = bool(options.learn_only)
    sink = ApiSink(options.url, options.connections, learn_only=learn_only, api_key=options.api_key)
    with closing(sink):
        sink.reach()
        yield sink


def _can_ask() -> bool:
    return sys.stdin.isatty() and sys.stdout.isatty()


def _ask(question: str) -> bool:
    choice = click.prompt(question, type=click.Choice(["learn-only", "score"]))
    return bool(choice == "learn-only")


def _what_to_do(url: object) -> str:
    if url is None:
        return "Check DATABASE_URL and the other settings, or unset them to use the embedded data."
    return "Start the instance with `risksentinel serve`, correct --url, or omit --url."
