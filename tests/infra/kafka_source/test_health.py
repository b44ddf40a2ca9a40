"""The health and the metrics of a source, with a real broker and a real function."""

import json
from datetime import UTC, datetime
from urllib.error import HTTPError
from urllib.request import urlopen

from infra.devstack.servers.kafka import Kafka
from infra.devstack.servers.ports import free_port
from infra.kafka_source.health import MAX_SECONDS_WITHOUT_POLL, SourceHealth
from infra.kafka_source.http_endpoints import exposed
from infra.kafka_source.metrics import SourceMetrics
from risksentinel.adapters.kafka.dead_letters import KafkaDeadLetters
from risksentinel.adapters.kafka.records import record_of
from risksentinel.adapters.kafka.sender import KafkaSender
from risksentinel.adapters.kafka.topics import KafkaTopics, Topic
from tests.adapters.kafka.topics import event
from tests.infra.kafka_source.function import Reply, function
from tests.infra.kafka_source.sources import options, running, until
from tests.servers import OwnServer


def asked(port: int, path: str) -> tuple[int, dict[str, object]]:
    """Return the status and body of a response."""
    try:
        with urlopen(f"http://127.0.0.1:{port}{path}") as response:
            return response.status, json.load(response)
    except HTTPError as error:
        return error.code, json.load(error)


def ready(metrics: SourceMetrics, group: str) -> float | None:
    """Return the value of the readiness metric."""
    return metrics.registry.get_sample_value("risksentinel_source_ready", {"group": group})


def test_a_source_is_ready_while_it_polls_and_its_sink_answers(
    servers: str, sender: KafkaSender, topic: str
) -> None:
    """A source is ready only while it polls and its function answers."""
    port = free_port()

    with function() as there:
        given = options(servers, topic, there.address)
        with running(given) as source, exposed(source.metrics, "127.0.0.1", port, given.sink):
            until(lambda: asked(port, "/health/readiness")[0] == 200, "a source that polls")
            at_first = ready(source.metrics, given.group)
            there.stop()
            refused = asked(port, "/health/readiness")
            sender.send([record_of(event(0, topic))])
            until(lambda: ready(source.metrics, given.group) == 0, "a delivery that fails")
            alive = asked(port, "/health/liveness")
            there.start()
            until(lambda: ready(source.metrics, given.group) == 1, "the function that is back")

    assert at_first == 1
    assert refused == (
        503,
        {"status": "unavailable", "checks": {"broker": "ok", "sink": "the sink does not answer"}},
    )
    assert alive[0] == 200


def test_a_source_that_does_not_poll_is_not_ready() -> None:
    """A source that does not poll is not ready, because its payments wait."""
    now = [0.0]
    health = SourceHealth(lambda: now[0])

    before = health.works
    health.polled()
    polling = health.works
    now[0] = MAX_SECONDS_WITHOUT_POLL + 1

    assert (before, polling, health.works) == (False, True, False)
    assert health.checks("http://127.0.0.1:9/")["broker"].startswith("no poll for 21 s")


def test_a_source_without_a_broker_is_not_ready() -> None:
    """Without a broker the source is not ready, although it keeps trying."""
    port, no_broker = free_port(), f"127.0.0.1:{free_port()}"

    with function() as there:
        given = options(no_broker, "payments.submitted", there.address)
        with running(given) as source, exposed(source.metrics, "127.0.0.1", port, given.sink):
            status, said = asked(port, "/health/readiness")

    assert status == 503
    assert str(said["checks"]).startswith("{'broker': 'no poll for")


def test_dead_letters_are_counted_until_they_are_replayed(own_server: OwnServer[Kafka]) -> None:
    """The metric of dead letters has a value with Kafka too, for its panel and its alert."""
    servers = own_server(Kafka).settings["KAFKA_BOOTSTRAP_SERVERS"]
    topic = "payments.submitted"
    KafkaTopics(servers).create([Topic(topic, 1, 1, {}), Topic(f"{topic}.dlq", 1, 1, {})])
    sender = KafkaSender(servers, budget=10.0)
    letters, refusing = KafkaDeadLetters(servers, sender), [True]

    def script(_: object) -> Reply:
        return Reply(422 if refusing[0] else 204)

    with function(script) as there:
        given = options(servers, topic, there.address)
        labels = {"group": given.group, "topic": topic}
        with running(given) as source:
            value = source.metrics.registry.get_sample_value
            until(lambda: value("risksentinel_dead_letters", labels) == 0, "none at first")
            sender.send([record_of(event(n, topic)) for n in range(3)])
            until(lambda: value("risksentinel_dead_letters", labels) == 3, "three")
            refusing[0] = False
            found = [letter.id for letter in letters.list(topic, 10)]
            letters.replay(found[:2], datetime(2026, 5, 1, tzinfo=UTC))
            until(lambda: value("risksentinel_dead_letters", labels) == 1, "the one that waits")
    sender.close()

    assert len(found) == 3
