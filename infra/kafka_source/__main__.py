"""python -m infra.kafka_source: the command `risksentinel source`."""

import sys

import click

from infra.kafka_source.command import source
from risksentinel.errors import Misconfigured

if __name__ == "__main__":
    try:
        source(prog_name="python -m infra.kafka_source")
    except Misconfigured as error:
        click.echo(f"source: {error}", err=True)
        sys.exit(2)
