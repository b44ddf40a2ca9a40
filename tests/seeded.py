"""seeded: an embedded database with the default rules, for processes that a test starts."""

from pathlib import Path

from risksentinel.assembly.container import Container
from risksentinel.migrations.migrate import migrate
from risksentinel.seed import seed
from risksentinel.settings import Settings


def seeded(folder: Path) -> Settings:
    """Make it in the folder's own `home`; answers the settings that name it."""
    settings = Settings(risksentinel_home=folder / "home")
    settings.make_home()
    migrate(settings.database)
    container = Container(settings)
    seed(container)
    container.close()
    return settings
