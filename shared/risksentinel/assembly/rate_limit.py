"""The rate limit of callers, if RATE_LIMIT is set."""

from importlib.util import find_spec

from risksentinel.assembly.container import Container, built_once
from risksentinel.ports.rate_limits import RateLimit


@built_once
def rate_limit(container: Container) -> RateLimit | None:
    """The rate limit; None if RATE_LIMIT is unset."""
    settings = container.settings
    if not settings.rate_limit:
        return None
    from risksentinel.adapters.limits.rate_limit import CountedRate  # noqa: PLC0415 - 100 ms

    # The images of the functions without a history have no client of Redis: they count in memory.
    redis_url = settings.redis_url if find_spec("redis") else ""
    return CountedRate(settings.rate_limit, container.clock, redis_url)
