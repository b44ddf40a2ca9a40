"""risksentinel migrate, seed, recount-figures: prepare and upgrade the database."""

from contextlib import closing

import click

from risksentinel.adapters.sql.count_hours import count_hours
from risksentinel.adapters.sql.engine import open_engine, writing
from risksentinel.adapters.sql.owner import require_owner
from risksentinel.assembly.container import Container
from risksentinel.assembly.rule_changes import propose_change
from risksentinel.cli.command_settings import command_settings
from risksentinel.cli.operator import operator
from risksentinel.migrations import migrate as migrations
from risksentinel.seed import propose_seed
from risksentinel.seed import seed as seed_rules


@click.command()
def migrate() -> None:
    """Migrate the database to the current revision of the schema."""
    settings = command_settings()
    settings.make_home()
    migrations.migrate(settings.database)
    click.echo(f"the schema is at revision {migrations.revision(settings.database)}")


@click.command()
@click.option("--propose", "proposes", is_flag=True, help="With FOUR_EYES: propose the rules.")
def seed(*, proposes: bool) -> None:
    """Write missing default rules, and update unchanged rules of an earlier release.

    With FOUR_EYES only a database without rules gets them; `--propose` proposes later ones.
    """
    with closing(Container(command_settings())) as container:
        propose = propose_change(container) if proposes else None
        if propose is not None:
            count = propose_seed(container, propose, operator())
            click.echo(f"{count} default rules proposed")
            return
        written = seed_rules(container)
    click.echo(f"{written} default rules written")


@click.command("recount-figures")
def recount_figures() -> None:
    """Recount the figures of the dashboard from the stored payments.

    Run the command once after an upgrade of running functions: payments that the previous release
    scored after the migration are not counted yet. The command reads every stored payment; new
    payments wait until it ends.
    """
    engine = open_engine(command_settings().database, statement_seconds=0)
    try:
        require_owner(engine)
        with writing(engine) as connection:
            count_hours(connection)
    finally:
        engine.dispose()
    click.echo("the figures were recounted")
