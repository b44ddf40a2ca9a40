"""Reads the settings and configures the logs of every command except `serve`."""

from risksentinel.logs import configure
from risksentinel.settings import Settings


def command_settings() -> Settings:
    """Return the settings, and send logs to standard error: standard output is for results."""
    settings = Settings.read()
    configure(settings.log_level, stream="stderr")
    return settings
