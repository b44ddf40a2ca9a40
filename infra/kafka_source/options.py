"""Options of the Kafka source: topics, sink, batches, retries and timeouts."""

from dataclasses import dataclass, field
from pathlib import Path

from risksentinel.adapters.kafka.brokers import Servers


@dataclass(frozen=True, slots=True)
class RetryPolicy:
    """How often and how long an event is retried; all times are seconds.

    After a failed delivery the event is retried `retries` times, `delay` x 2^n apart, and then
    dead-lettered, as Knative does. While the function is unavailable (not reachable, or 401, 403,
    429, 502, 503, 504) the event is retried for `outage` seconds, at least every `max_pause`:
    otherwise an outage would move the whole topic to the dead letters, and an operator would have
    to replay it.
    """

    retries: int = 5
    delay: float = 0.2
    outage: float = 3600.0
    max_pause: float = 2.0


@dataclass(frozen=True, slots=True)
class Batching:
    """Up to `size` events in a request; a batch waits `wait` seconds to become full."""

    size: int = 1
    wait: float = 0.02


@dataclass(frozen=True, slots=True)
class SourceOptions:
    """All options; `namespace` and `name` form the event source of plain records."""

    servers: Servers
    topics: tuple[str, ...]
    group: str
    sink: str
    name: str
    secret: str = field(default="", repr=False)  # that the function requires of its senders
    token_file: Path | None = None  # or the token that it requires
    namespace: str = "default"
    timeout: float = 30.0
    session_timeout: float = 15.0
    batching: Batching = field(default_factory=Batching)
    retry_policy: RetryPolicy = field(default_factory=RetryPolicy)

    @property
    def origin(self) -> str:
        """Return the event source of plain records, without the topic."""
        return f"/apis/v1/namespaces/{self.namespace}/kafkasources/{self.name}"
