"""risksentinel: the group of all commands of the package, one line each."""

import sys

import click

from risksentinel.cli.backtest import backtest
from risksentinel.cli.capacity import capacity
from risksentinel.cli.decisions import decisions
from risksentinel.cli.dlq import dlq
from risksentinel.cli.erase import erase
from risksentinel.cli.import_payments import import_payments, replay
from risksentinel.cli.keys import keys
from risksentinel.cli.labels import labels
from risksentinel.cli.ledger import ledger
from risksentinel.cli.lists import lists
from risksentinel.cli.migrate import migrate, recount_figures, seed
from risksentinel.cli.models import models
from risksentinel.cli.partitions import partitions
from risksentinel.cli.policy import policy
from risksentinel.cli.rebuild_state import rebuild_state
from risksentinel.cli.rules import rules
from risksentinel.cli.serve import serve
from risksentinel.cli.sign_in_link import sign_in_link
from risksentinel.cli.topics import topics
from risksentinel.errors import Misconfigured, Rejected, Retryable
from risksentinel.logs import configure


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="risksentinel")
def risksentinel() -> None:
    """Real-time payment fraud scoring."""


for command in (
    serve,
    sign_in_link,
    migrate,
    seed,
    topics,
    partitions,
    rebuild_state,
    recount_figures,
    import_payments,
    replay,
    dlq,
    keys,
    decisions,
    labels,
    lists,
    rules,
    models,
    ledger,
    erase,
    policy,
    backtest,
    capacity,
):
    risksentinel.add_command(command)


def main() -> None:
    """Run a command; an error that the operator can correct is one line without a traceback."""
    configure(stream="stderr")  # until the command has read its settings
    try:
        risksentinel.main()
    except (Misconfigured, Rejected, Retryable) as error:
        click.echo(f"risksentinel: {error}", err=True)
        sys.exit(2 if isinstance(error, Misconfigured) else 1)
