"""What every command but `serve` begins with."""

from risksentinel.logs import configure
from risksentinel.settings import Settings


def command_settings() -> Settings:
    """The settings; logs go to standard error from here on, beside what the command answers."""
    settings = Settings.read()
    configure(settings.log_level, stream="stderr")
    return settings
