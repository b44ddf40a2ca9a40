"""risksentinel rebuild-state: rebuilds the history in Redis from the stored payments."""

import click

from risksentinel.assembly.container import Container
from risksentinel.assembly.history import history
from risksentinel.assembly.history_rebuild import remembered_labels, remembered_payments
from risksentinel.cli.audited import audited
from risksentinel.cli.command_settings import command_settings
from risksentinel.errors import Misconfigured


@click.command("rebuild-state")
def rebuild_state() -> None:
    """Delete the history in Redis, and record the stored payments again.

    For a Redis that lost its data or whose data is not trusted. Payments can be scored meanwhile.
    """
    settings = command_settings()
    if not settings.redis_url:
        raise Misconfigured(
            "set REDIS_URL: without Redis the history is always read from the database"
        )
    container = Container(settings)
    try:
        audited(container.engine, "history.rebuilt", "history", "redis", {})
        count = history(container).rebuild(remembered_payments(container))
        history(container).label(list(remembered_labels(container)))
    finally:
        container.close()
    click.echo(f"{count} payments recorded again")
