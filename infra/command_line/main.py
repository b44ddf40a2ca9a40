"""risksentinel: every command, one line each."""

import sys

import click

from infra.command_line.capacity import capacity
from infra.command_line.dlq import dlq
from infra.command_line.labels import labels
from infra.command_line.lists import lists
from infra.command_line.migrate import migrate, recount_figures, seed
from infra.command_line.models import models
from infra.command_line.partitions import partitions
from infra.command_line.rebuild_state import rebuild_state
from infra.command_line.replay import replay
from infra.command_line.serve import serve
from infra.command_line.source import source
from infra.command_line.stack import stack
from infra.command_line.topics import topics
from risksentinel.errors import Misconfigured, Rejected, Retryable
from risksentinel.runtime.structured_logs import configure


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="risksentinel")
def risksentinel() -> None:
    """Real-time payment fraud scoring."""


for command in (
    serve,
    stack,
    migrate,
    seed,
    topics,
    partitions,
    rebuild_state,
    recount_figures,
    replay,
    dlq,
    labels,
    lists,
    models,
    source,
    capacity,
):
    risksentinel.add_command(command)


def main() -> None:
    """Run a command; what an operator can mend is said in one line, without a traceback."""
    configure(stream="stderr")  # until the command has read its settings
    try:
        risksentinel.main()
    except (Misconfigured, Rejected, Retryable) as error:
        click.echo(f"risksentinel: {error}", err=True)
        sys.exit(2 if isinstance(error, Misconfigured) else 1)
