"""The programs beside the servers: five functions, their Kafka sources, a timer."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from risksentinel.events.registry import consumed_topics

BATCH_SIZES: Final[Mapping[str, int]] = MappingProxyType({"score": 100})
SWEEP: Final = ("score", "/outbox/sweep")
SWEEP_SECONDS: Final = 10
# With the activator, where a sweep starts its function; the same as in the cluster.
SWEEP_SECONDS_AT_REST: Final = 600
BUCKET: Final = "risksentinel"
CONNECTIONS: Final = (
    "DATABASE_URL",
    "REDIS_URL",
    "KAFKA_BOOTSTRAP_SERVERS",
    "MODEL_URI",
    "S3_ENDPOINT_URL",
    "AWS_ACCESS_KEY_ID",
    "AWS_SECRET_ACCESS_KEY",
    "AWS_REGION",
)


@dataclass(frozen=True, slots=True)
class Function:
    """One of the five functions, by the name of its service."""

    name: str

    @property
    def target(self) -> str:
        """The function's folder, and its target for functions-framework."""
        return self.name.replace("-", "_")

    @property
    def variable(self) -> str:
        """The environment variable with the function's address."""
        return variable(self.name)


@dataclass(frozen=True, slots=True)
class Source:
    """A Kafka source: the function that consumes the events, and its topics."""

    function: str
    topics: tuple[str, ...]

    @property
    def name(self) -> str:
        """The name of the service."""
        return f"source-{self.function}"

    @property
    def group(self) -> str:
        """The consumer group, named after the first topic and the function."""
        return f"{self.topics[0].replace('.', '-')}--to--{self.function}"

    def arguments(self, sink: str, metrics_host: str, metrics_port: int) -> list[str]:
        """Return the arguments of `python -m infra.kafka_source`."""
        return [
            *(each for topic in self.topics for each in ("--topic", topic)),
            *("--group", self.group, "--sink", f"{sink}/"),
            *("--batch-size", str(BATCH_SIZES.get(self.function, 1))),
            *("--metrics-host", metrics_host, "--metrics-port", str(metrics_port)),
        ]


FUNCTIONS: Final = tuple(
    Function(name) for name in ("ingest", "score", "alert-dispatch", "rules-crud", "dashboard")
)
SOURCES: Final = tuple(
    Source(function.name, topics)
    for function in FUNCTIONS
    if (topics := consumed_topics(function.name))
)


def variable(name: str) -> str:
    """Return the environment variable with the address of a function or source."""
    return f"{name.replace('-', '_').upper()}_URL"
