"""python -m infra.cluster_tests: the command of `make cluster-test`."""

import sys

import click

from infra.cluster_tests.command import cluster_test
from risksentinel.errors import RiskSentinelError

if __name__ == "__main__":
    try:
        cluster_test(prog_name="python -m infra.cluster_tests")
    except RiskSentinelError as error:
        click.echo(f"cluster-test: {error}", err=True)
        sys.exit(2)
