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
    """Write the default rules that are missing, or of an earlier release and never changed."""
    with closing(Backbone(command_settings())) as backbone:
        written = seed_rules(backbone)
    click.echo(f"{written} default rules written")
