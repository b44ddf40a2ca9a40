"""What a source is told: whence, whither, and how patiently."""

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class RetryPolicy:
    """How long an event is tried.

    An answer that may be the event's own fault is met with `retries` more deliveries, `delay` x 2^n
    apart, and then the dead letter topic, as Knative does. A function that is away (it cannot be
    reached, or answers 429, 502, 503 or 504) says nothing about the event: it is tried for
    `outage` seconds, at least every `max_pause`, because giving up would empty the whole
    topic into the dead letters for somebody to bring back by hand.
    """

    retries: int = 5
    delay: float = 0.2
    outage: float = 3600.0
    max_pause: float = 2.0


@dataclass(frozen=True, slots=True)
class Batching:
    """Up to `size` events a request; a batch that is not full waits `wait` seconds for more."""

    size: int = 1
    wait: float = 0.02


@dataclass(frozen=True, slots=True)
class SourceOptions:
    """A source. `namespace` and `name` are what plain records are said to come from."""

    servers: str
    topics: tuple[str, ...]
    group: str
    sink: str
    name: str
    namespace: str = "default"
    timeout: float = 30.0
    session_timeout: float = 15.0
    batching: Batching = field(default_factory=Batching)
    retry_policy: RetryPolicy = field(default_factory=RetryPolicy)

    @property
    def origin(self) -> str:
        """The source of plain records, without the topic."""
        return f"/apis/v1/namespaces/{self.namespace}/kafkasources/{self.name}"
