"""What senders and receivers did: in Redis, or in memory as far as the database remembers."""

from contextlib import suppress
from datetime import timedelta
from typing import Final

from risksentinel.assembly.hide_module import hide_module
from risksentinel.errors import Unavailable
from risksentinel.ports.history import KeptPayments, RebuildableHistory
from risksentinel.settings import Settings

# Seconds without a sign of life after which a Redis that was silent is taken for silent again.
INTERACTIVE_TIMEOUT: Final = 0.045
BACKGROUND_TIMEOUT: Final = 0.25  # likewise, for events


def redis_history(settings: Settings, patience: float) -> RebuildableHistory:
    """What all processes have seen together."""
    # redis-py would measure itself with it, if told to: half of what its import takes.
    with hide_module("opentelemetry.sdk.metrics"):
        from risksentinel.adapters.redis.history import RedisHistory

    history = RedisHistory(settings.redis_url, _window(settings), timeout=patience)
    with suppress(Unavailable):  # it is found when it is back
        history.warm_up(settings.threads)
    return history


def memory_history(settings: Settings, kept: KeptPayments) -> RebuildableHistory:
    """What this process has seen, and what the database keeps of the time before."""
    from risksentinel.adapters.memory.history import MemoryHistory

    return MemoryHistory(_window(settings), kept=kept)


def _window(settings: Settings) -> timedelta:
    return timedelta(seconds=settings.velocity_window_seconds)
