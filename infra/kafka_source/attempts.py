"""How often an event was tried, and when it is tried again."""

from dataclasses import dataclass

from infra.kafka_source.answers import Answer, Verdict
from infra.kafka_source.options import Patience


@dataclass(slots=True)
class Attempts:
    """The deliveries of one event that did not end it."""

    patience: Patience
    failed: int = 0
    outage: int = 0  # answers of the outage that lasts
    away_since: float | None = None
    made: int = 0

    def pause_after(self, answer: Answer, now: float) -> float | None:
        """Seconds until the next delivery; None when there were enough."""
        self.made += 1
        if answer.verdict is Verdict.AWAY:
            return self._outage_pause(now)
        self.away_since, self.outage = None, 0
        self.failed += 1
        if self.failed > self.patience.retries:
            return None
        return self.patience.delay * 2.0**self.failed

    def _outage_pause(self, now: float) -> float | None:
        if self.away_since is None:
            self.away_since = now
        if now - self.away_since >= self.patience.outage:
            return None
        self.outage += 1
        doubled = self.patience.delay * 2.0 ** min(self.outage, 30)
        return min(doubled, self.patience.longest_pause)
