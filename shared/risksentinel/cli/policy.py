"""risksentinel policy: proposes the thresholds, limits and escalations of the settings."""

from contextlib import closing

import click

from risksentinel.assembly.container import Container
from risksentinel.assembly.policy import require_policy
from risksentinel.cli.command_settings import command_settings
from risksentinel.cli.operator import operator


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
    before, after = proposal.before or {}, proposal.after or {}
    for name in after:
        if before.get(name) != after[name]:
            click.echo(f"{name}: {before.get(name)} -> {after[name]}", err=True)
    click.echo(proposal.id)
    click.echo(
        f"another person approves it: POST /api/v1/proposals/{proposal.id}/approve\n"
        "then: deploy these settings",
        err=True,
    )
