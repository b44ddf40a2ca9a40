"""risksentinel migrate, risksentinel seed: bring a database up to date."""

from contextlib import closing

import click

from infra import migrate as migrations
from infra.command_line.command_settings import command_settings
from infra.seed import seed as seed_rules
from risksentinel.assembly.backbone import Backbone


@click.command()
def migrate() -> None:
    """Bring the database's schema up to date."""
    settings = command_settings()
    settings.make_home()
    migrations.migrate(settings.database)
    click.echo(f"the schema is at revision {migrations.revision(settings.database)}")


@click.command()
def seed() -> None:
    """Create the default rules that are not there yet."""
    with closing(Backbone(command_settings())) as backbone:
        created = seed_rules(backbone)
    click.echo(f"{created} default rules created")
