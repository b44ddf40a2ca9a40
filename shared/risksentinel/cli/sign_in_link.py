"""risksentinel sign-in-link: prints a one-time link to the running engine."""

import click

from risksentinel.cli.command_settings import command_settings
from risksentinel.embedded.home_lock import is_locked
from risksentinel.embedded.sign_in_link import new_link
from risksentinel.errors import Misconfigured


@click.command("sign-in-link")
def sign_in_link() -> None:
    """Print a link that signs in once, as `local` with all rights; it works for 15 minutes.

    The link is for the engine that `risksentinel serve` runs on the same RISKSENTINEL_HOME; it
    replaces the link before. Use the settings of the engine.
    """
    settings = command_settings()
    if not settings.accepts_sessions:
        raise Misconfigured(
            "no link is needed without AUTH=keys or AUTH=oidc: every caller is `local`"
        )
    if not is_locked(settings.risksentinel_home):
        raise Misconfigured(
            f"no engine is running on {settings.risksentinel_home}: start `risksentinel serve`"
        )
    click.echo(new_link(settings))
