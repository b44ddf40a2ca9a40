"""risksentinel migrate, risksentinel seed: bring a database up to date."""

import click

from infra import migrate as migrations
from infra.seed import seed as seed_rules
from risksentinel.assembly.backbone import Backbone
from risksentinel.runtime.settings import Settings


@click.command()
def migrate() -> None:
    """Bring the database's schema up to date."""
    settings = Settings.read()
    settings.make_home()
    migrations.migrate(settings.database)
    click.echo(f"the schema is at revision {migrations.revision(settings.database)}")


@click.command()
def seed() -> None:
    """Create the default rules that are not there yet."""
    created = seed_rules(Backbone(Settings.read()))
    click.echo(f"{created} default rules created")
