"""risksentinel rebuild-state: make the history anew from the payments that are kept."""

import click

from risksentinel.assembly.container import Container
from risksentinel.assembly.history import history
from risksentinel.assembly.history_rebuild import remembered_labels, remembered_payments
from risksentinel.cli.command_settings import command_settings
from risksentinel.errors import Misconfigured


@click.command("rebuild-state")
def rebuild_state() -> None:
    """Forget what Redis holds of senders and receivers, and record the kept payments again.

    For a Redis that was emptied, or whose content is not trusted. Payments may go on meanwhile.
    """
    settings = command_settings()
    if not settings.redis_url:
        raise Misconfigured(
            "set REDIS_URL: without it the history is read from the database by itself"
        )
    container = Container(settings)
    try:
        count = history(container).rebuild(remembered_payments(container))
        history(container).label(list(remembered_labels(container)))
    finally:
        container.close()
    click.echo(f"{count} payments recorded again")
