"""risksentinel erase: replaces an account by a pseudonym, and destroys its keys."""

from contextlib import closing

import click

from risksentinel.adapters.sql.owner import require_owner
from risksentinel.assembly.account_erasure import erase_account
from risksentinel.assembly.container import Container
from risksentinel.cli.command_settings import command_settings
from risksentinel.cli.operator import operator


@click.command()
@click.option("--account", required=True, help="The account, as payments state it.")
@click.option("--yes", is_flag=True, help="Do not ask.")
@click.option(
    "--keep-reported",
    is_flag=True,
    help="Keep payments under a statutory report of the last five years, and erase the rest.",
)
def erase(account: str, *, yes: bool, keep_reported: bool) -> None:
    """Replace the account in payments, receipts, alerts, reports, lists and events.

    The entries of the ledger stay, and stay verifiable; they contain no account. Afterwards no key
    links them to the account. The command cannot be undone.
    """
    if not yes:
        click.confirm("Replace the account everywhere, for good?", abort=True)
    with closing(Container(command_settings(), statement_seconds=0)) as container:
        require_owner(container.engine)
        erased = erase_account(container, account, operator(), keep_reported=keep_reported)
        with_redis = bool(container.settings.redis_url)
    click.echo(
        f"{erased.payments} payments, {erased.list_entries} list entries and {erased.events} "
        f"events; the payments name {erased.pseudonym}"
    )
    if erased.retained:
        click.echo(f"{erased.retained} payments under a statutory report were kept")
    click.echo(
        "run `risksentinel rebuild-state`: Redis still has the account"
        if with_redis
        else "restart running functions: their memory may still have the account"
    )
