"""How often an event was tried, and when it is tried again."""

from dataclasses import dataclass

from infra.kafka_source.options import RetryPolicy
from infra.kafka_source.sink_responses import DeliveryResult, SinkResponse


@dataclass(slots=True)
class Attempts:
    """The deliveries of one event that did not end it."""

    retry_policy: RetryPolicy
    failed: int = 0
    outage: int = 0  # answers of the outage that lasts
    away_since: float | None = None
    made: int = 0

    def pause_after(self, answer: SinkResponse, now: float) -> float | None:
        """Seconds until the next delivery; None when there were enough."""
        self.made += 1
        if answer.result is DeliveryResult.UNAVAILABLE:
            return self._outage_pause(now)
        self.away_since, self.outage = None, 0
        self.failed += 1
        if self.failed > self.retry_policy.retries:
            return None
        return self.retry_policy.delay * 2.0**self.failed

    def _outage_pause(self, now: float) -> float | None:
        if self.away_since is None:
            self.away_since = now
        if now - self.away_since >= self.retry_policy.outage:
            return None
        self.outage += 1
        doubled = self.retry_policy.delay * 2.0 ** min(self.outage, 30)
        return min(doubled, self.retry_policy.max_pause)
