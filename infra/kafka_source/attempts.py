"""Counts the attempts to deliver an event, and computes the pause before the next one."""

from dataclasses import dataclass

from infra.kafka_source.options import RetryPolicy
from infra.kafka_source.sink_responses import DeliveryResult, SinkResponse


@dataclass(slots=True)
class Attempts:
    """The unsuccessful deliveries of one event."""

    retry_policy: RetryPolicy
    failed: int = 0
    outage: int = 0  # attempts in the current outage
    unavailable_since: float | None = None
    made: int = 0

    def pause_after(self, answer: SinkResponse, now: float) -> float | None:
        """Return the seconds until the next delivery; None when no attempt is left."""
        self.made += 1
        if answer.result is DeliveryResult.UNAVAILABLE:
            return self._outage_pause(now)
        self.unavailable_since, self.outage = None, 0
        self.failed += 1
        if self.failed > self.retry_policy.retries:
            return None
        return self.retry_policy.delay * 2.0**self.failed

    def _outage_pause(self, now: float) -> float | None:
        if self.unavailable_since is None:
            self.unavailable_since = now
        if now - self.unavailable_since >= self.retry_policy.outage:
            return None
        self.outage += 1
        doubled = self.retry_policy.delay * 2.0 ** min(self.outage, 30)
        return min(doubled, self.retry_policy.max_pause)
