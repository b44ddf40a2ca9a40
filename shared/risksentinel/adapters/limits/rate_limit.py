"""CountedRate: a rate limit in Redis or in memory."""

from collections.abc import Callable
from time import monotonic
from typing import Final

import structlog
from limits import parse
from limits.errors import StorageError
from limits.storage import MemoryStorage, Storage, storage_from_string
from limits.strategies import SlidingWindowCounterRateLimiter

from risksentinel.ports.environment import Clock

_TIMEOUT_SECONDS: Final = 0.05
_REDIS_AGAIN_AFTER: Final = 5.0
_log = structlog.get_logger(__name__)


class CountedRate:
    """Meets `ports.RateLimit`: a sliding window, shared by all processes with the same Redis.

    While Redis does not answer, each process counts by itself: no caller is without a limit.
    """

    def __init__(
        self,
        rate: str,
        clock: Clock,
        redis_url: str = "",
        monotonic: Callable[[], float] = monotonic,
    ) -> None:
        self._rate = parse(rate)
        self._clock, self._monotonic = clock, monotonic
        self._local = SlidingWindowCounterRateLimiter(MemoryStorage())
        self._shared = SlidingWindowCounterRateLimiter(_redis(redis_url)) if redis_url else None
        self._away_until = 0.0

    def take(self, caller: str, cost: int) -> float | None:
        """Count the cost; the seconds to wait if the caller used too much."""
        cost = min(cost, self._rate.amount)
        if self._shared is not None and self._monotonic() >= self._away_until:
            try:
                return self._taken(self._shared, caller, cost)
            except StorageError as error:
                self._away_until = self._monotonic() + _REDIS_AGAIN_AFTER
                cause = type(error.storage_error).__name__
                _log.warning("rate_limit.counted_in_memory", reason=cause)
        return self._taken(self._local, caller, cost)

    def _taken(
        self, counter: SlidingWindowCounterRateLimiter, caller: str, cost: int
    ) -> float | None:
        if counter.hit(self._rate, caller, cost=cost):
            return None
        left = counter.get_window_stats(self._rate, caller).reset_time - self._clock().timestamp()
        return max(left, 0.0)


def _redis(url: str) -> Storage:
    found = storage_from_string(
        url,
        wrap_exceptions=True,
        socket_timeout=_TIMEOUT_SECONDS,
        socket_connect_timeout=_TIMEOUT_SECONDS,
    )
    if not isinstance(found, Storage):
        raise TypeError(type(found).__name__)
    return found
