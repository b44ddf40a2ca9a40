"""python -m infra.local.stack: the command `risksentinel stack` by itself."""

import sys

import click

from infra.command_line.stack import stack
from risksentinel.errors import Misconfigured

if __name__ == "__main__":
    try:
        stack(prog_name="python -m infra.local.stack")
    except Misconfigured as error:
        click.echo(f"stack: {error}", err=True)
        sys.exit(2)
