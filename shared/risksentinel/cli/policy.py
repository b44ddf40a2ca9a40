"""risksentinel policy: proposes the thresholds, limits and escalations of the settings."""

from contextlib import closing

import click

from risksentinel.assembly.container import Container
from risksentinel.assembly.policy import require_policy
from risksentinel.cli.command_settings import command_settings
from risksentinel.cli.operator import operator
from risksentinel.scoring.policy_document import differences


@click.group()
def policy() -> None:
    """The policy: thresholds, limits and escalations, which are settings."""


@policy.command()
def propose() -> None:
    """Propose the policy of these settings, and print the id of the proposal.

    With FOUR_EYES a function or engine with another policy than the one in force does not start
    before another person has approved the proposal.
    """
    with closing(Container(command_settings())) as container:
        proposal = require_policy(container).propose(container.settings.policy, operator())
    for name, values in differences(proposal.before or {}, proposal.after or {}).items():
        click.echo(f"{name}: {values['before']} -> {values['after']}", err=True)
    click.echo(proposal.id)
    click.echo(
        f"another person approves it: POST /api/v1/proposals/{proposal.id}/approve\n"
        "then: deploy these settings",
        err=True,
    )
