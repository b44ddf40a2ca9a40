"""python -m infra.devstack.stack: the command `risksentinel stack`."""

import sys

import click

from infra.devstack.command import stack
from risksentinel.errors import Misconfigured

if __name__ == "__main__":
    try:
        stack(prog_name="python -m infra.devstack.stack")
    except Misconfigured as error:
        click.echo(f"stack: {error}", err=True)
        sys.exit(2)
