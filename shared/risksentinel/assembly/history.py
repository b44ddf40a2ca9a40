"""The history of senders and receivers: in Redis, or in memory with the database behind it."""

from datetime import timedelta
from typing import Final

from risksentinel.assembly.container import Container, built_once
from risksentinel.ports.history import RebuildableHistory

REMEMBERED: Final = timedelta(days=90)  # the age of the oldest stored payment that is read
# Seconds without response activity after which a Redis that timed out counts as unavailable.
INTERACTIVE_TIMEOUT: Final = 0.045
BACKGROUND_TIMEOUT: Final = 0.25  # for events: no client waits for the response


@built_once
def history(container: Container) -> RebuildableHistory:
    """The history for HTTP requests."""
    if container.settings.redis_url:
        return _redis_history(container, INTERACTIVE_TIMEOUT)
    return _memory_history(container)


@built_once
def async_history(container: Container) -> RebuildableHistory:
    """The history for events: on Redis with the longer timeout."""
    if container.settings.redis_url:
        return _redis_history(container, BACKGROUND_TIMEOUT)
    return history(container)


def _redis_history(container: Container, timeout: float) -> RebuildableHistory:
    from risksentinel.assembly.redis_history import redis_history  # noqa: PLC0415 - 75 ms

    history = redis_history(container.settings, timeout)
    container.on_close(history.close)
    return history


def _memory_history(container: Container) -> RebuildableHistory:
    from risksentinel.adapters.memory.history import MemoryHistory  # noqa: PLC0415 - not with Redis
    from risksentinel.adapters.sql.kept_payments import SqlKeptPayments  # noqa: PLC0415 - not with Redis

    stored = SqlKeptPayments(container.engine, container.clock, REMEMBERED)
    window = timedelta(seconds=container.settings.velocity_window_seconds)
    return MemoryHistory(window, kept=stored)
