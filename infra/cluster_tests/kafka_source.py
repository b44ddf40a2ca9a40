"""Posts the records of a topic as KafkaSource does, because the cluster has no Knative Eventing."""

from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from time import monotonic
from typing import Final

from infra.cluster_tests.ingress import Ingress, IngressResponse
from infra.cluster_tests.overlay import NAMESPACE
from infra.kafka_source.credentials import SourceCredentials
from infra.kafka_source.http_sink import binary
from infra.kafka_source.incoming import Incoming, incoming
from risksentinel.adapters.kafka.clients import open_consumer, partition_of
from risksentinel.adapters.kafka.types import Consumer

_PARTITIONS: Final = 8
_BUDGET: Final = 10.0
_POLL_MS: Final = 200


class KafkaSource:
    """Reads one topic from its first record."""

    def __init__(
        self, topic: str, consumer: Consumer, ingress: Ingress, function: str, bearer: str
    ) -> None:
        self._bearer = bearer
        self._origin = f"/apis/v1/namespaces/{NAMESPACE}/kafkasources/{topic}--to--{function}"
        self._consumer, self._ingress, self._function = consumer, ingress, function

    def until(self, wanted: Callable[[Incoming], bool], seconds: float = 20) -> Incoming:
        """Return the first record that meets the condition, as the function's event.

        Raises:
            TimeoutError: there was no such record in time.
        """
        deadline = monotonic() + seconds
        while monotonic() < deadline:
            for records in self._consumer.poll(timeout_ms=_POLL_MS).values():
                for record in records:
                    event = incoming(record, self._origin)
                    if wanted(event):
                        return event
        raise TimeoutError(f"no such record for {self._function} within {seconds:g} s")

    def post(self, event: Incoming, bearer: str | None = None) -> IngressResponse:
        """Post the event through the ingress, in binary mode, with KafkaSource's headers.

        `bearer` replaces the secret or token of the source; an empty one sends none.
        """
        credentials = SourceCredentials(self._bearer if bearer is None else bearer)
        headers = {**binary(event), **credentials.headers}
        return self._ingress.call(self._function, "POST", "/", event.value or b"", headers)


@contextmanager
def kafka_source(
    servers: str, topic: str, ingress: Ingress, function: str, bearer: str
) -> Iterator[KafkaSource]:
    """Yield a source while the block runs."""
    with closing(open_consumer(servers, _BUDGET)) as consumer:  # type: ignore[type-var]  # it has close()
        consumer.assign([partition_of(topic, number) for number in range(_PARTITIONS)])
        yield KafkaSource(topic, consumer, ingress, function, bearer)
