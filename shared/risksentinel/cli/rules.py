"""risksentinel rules: its commands."""

import click

from risksentinel.cli.rule_performance import performance
from risksentinel.cli.rule_trials import tried


@click.group()
def rules() -> None:
    """Rules: try one on past payments, and see how they perform."""


rules.add_command(tried)
rules.add_command(performance)
