"""lost: which accepted payments are not scored, after those that the broker took were delivered."""

from collections.abc import Sequence

from infra.cluster_tests.bench import Bench
from infra.cluster_tests.kafka_source import kafka_source
from infra.cluster_tests.payments import LoadResult
from risksentinel.events import transaction_received


def lost(bench: Bench, tally: LoadResult) -> Sequence[str]:
    """Return the accepted payments that are not stored, or not scored exactly once.

    A payment that the engine could not score in time waits in the broker. Nothing in the cluster
    reads the topic, so its records are posted to `score` here first.

    Raises:
        TimeoutError: a payment that the broker accepted is not in the topic.
    """
    _score(bench, set(tally.queued))
    return bench.records.not_scored_once(tally.accepted)


def _score(bench: Bench, queued: set[str]) -> None:
    if not queued:
        return
    servers = bench.connections["KAFKA_BOOTSTRAP_SERVERS"]
    secret = bench.deployment.overlay.variables["EVENT_SECRET"]
    topic = transaction_received.TOPIC
    with kafka_source(servers, topic, bench.ingress, "score", secret) as source:
        while queued:
            event = source.until(lambda each: each.attributes.get("subject") in queued)
            if source.post(event).ok:
                queued.discard(str(event.attributes["subject"]))
