"""seeded: an embedded database with the default rules, for processes that a test starts."""

from pathlib import Path

from risksentinel.assembly.container import Container
from risksentinel.migrations.migrate import migrate
from risksentinel.seed import seed
from risksentinel.settings import Settings


def seeded(folder: Path) -> Settings:
    """Create it in the folder's `home`; answers the settings for it."""
    settings = Settings(risksentinel_home=folder / "home")
    settings.make_home()
    migrate(settings.database)
    container = Container(settings)
    seed(container)
    container.close()
    return settings
