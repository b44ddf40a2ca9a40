"""The history in Redis, which all processes share."""

from contextlib import suppress
from datetime import timedelta

from risksentinel.assembly.bare_package import bare_package
from risksentinel.assembly.hide_module import hide_module
from risksentinel.errors import Unavailable
from risksentinel.settings import Settings

# redis-py would import OpenTelemetry only to measure itself: see hide_module for the cost.
with (
    hide_module("opentelemetry.sdk.metrics"),
    hide_module("opentelemetry.metrics"),
    bare_package("redis"),
):
    from risksentinel.adapters.redis.history import RedisHistory


def redis_history(settings: Settings, timeout: float) -> RedisHistory:
    """The history at REDIS_URL; `timeout` is in seconds. Connects now if Redis answers."""
    window = timedelta(seconds=settings.velocity_window_seconds)
    history = RedisHistory(
        settings.redis_url, window, timeout=timeout, ca_file=settings.redis_ca_file
    )
    with suppress(Unavailable):  # the next call of the history connects
        history.warm_up(settings.threads)
    return history
