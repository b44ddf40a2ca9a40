"""risksentinel migrate, seed, recount-figures: bring a database up to date."""

from contextlib import closing

import click

from risksentinel.adapters.sql.count_hours import count_hours
from risksentinel.adapters.sql.engine import open_engine, writing
from risksentinel.assembly.container import Container
from risksentinel.cli.command_settings import command_settings
from risksentinel.migrations import migrate as migrations
from risksentinel.seed import seed as seed_rules


@click.command()
def migrate() -> None:
    """Bring the database's schema up to date."""
    settings = command_settings()
    settings.make_home()
    migrations.migrate(settings.database)
    click.echo(f"the schema is at revision {migrations.revision(settings.database)}")


@click.command()
def seed() -> None:
    """Write the default rules that are missing, or of an earlier release and never changed."""
    with closing(Container(command_settings())) as container:
        written = seed_rules(container)
    click.echo(f"{written} default rules written")


@click.command("recount-figures")
def recount_figures() -> None:
    """Count the dashboard's figures anew from the payments that are kept.

    Run it once after an upgrade of running functions: payments that the release before scored after
    the migration are not counted yet. Each kept payment is read, and new ones wait meanwhile.
    """
    engine = open_engine(command_settings().database, statement_seconds=0)
    try:
        with writing(engine) as connection:
            count_hours(connection)
    finally:
        engine.dispose()
    click.echo("the figures are counted anew")
