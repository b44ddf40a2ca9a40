"""The alert rules fire on the metrics of a source with a real broker and a failing function."""

from pathlib import Path
from urllib.request import urlopen

from infra.devstack.servers.ports import free_port
from infra.kafka_source.http_endpoints import exposed
from risksentinel.adapters.kafka.records import record_of
from risksentinel.adapters.kafka.sender import KafkaSender
from tests.adapters.kafka.topics import event
from tests.infra.kafka_source.function import Reply, function
from tests.infra.kafka_source.sources import options, running, until
from tests.infra.observability.scraped import figures, fires_on

MANY = 3000  # events at once; the rule's threshold is 1,000
BEHIND = 1500  # of them may be delivered before the lag is measured


def scraped(port: int) -> str:
    """Return the metrics as Prometheus scrapes them."""
    with urlopen(f"http://127.0.0.1:{port}/metrics") as response:
        text: str = response.read().decode()
    return text


def test_an_idle_source_fires_no_alert(
    servers: str, sender: KafkaSender, topic: str, tmp_path: Path
) -> None:
    """An idle source fires no alert, nor does one that has delivered all its events."""
    port = free_port()

    with function() as there:
        given = options(servers, topic, there.address)
        with running(given) as source, exposed(source.metrics, "127.0.0.1", port):
            until(lambda: "risksentinel_source_lag{" in scraped(port), "a source that measured")
            at_rest = scraped(port)
            sender.send([record_of(event(n, topic)) for n in range(3)])
            until(lambda: _stands_at(port, "delivered_total", 3), "the deliveries")
            until(lambda: _stands_at(port, "lag", 0), "the measure after them")
            after = scraped(port)

    fires_on([at_rest], (), tmp_path)
    fires_on([at_rest, after], (), tmp_path)


def test_an_unavailable_function_fires_source_stalled(
    servers: str, sender: KafkaSender, topic: str, tmp_path: Path
) -> None:
    """The alert fires also when the source has never delivered an event."""
    port = free_port()

    with function() as there:
        there.stop()
        sender.send([record_of(event(0, topic))])
        given = options(servers, topic, there.address)
        with running(given) as source, exposed(source.metrics, "127.0.0.1", port):
            until(lambda: _stands_at(port, "lag", 1), "the lag")
            until(lambda: _stands_at(port, "ready", 0), "a delivery that fails")
            away = scraped(port)

    fires_on(
        [away],
        {("RiskSentinelSourceStalled", "page"), ("RiskSentinelNotReady", "page")},
        tmp_path,
    )


def test_one_rejected_event_fires_new_dead_letters(
    servers: str, sender: KafkaSender, topic: str, tmp_path: Path
) -> None:
    """The first dead letter fires, although a series that begins at 1 shows no increase."""
    port = free_port()

    with function(lambda _: Reply(422)) as there:
        given = options(servers, topic, there.address)
        with running(given) as source, exposed(source.metrics, "127.0.0.1", port):
            until(lambda: "risksentinel_source_lag{" in scraped(port), "a source that measured")
            before = scraped(port)
            sender.send([record_of(event(0, topic))])
            until(lambda: 'status="422"' in scraped(port), "the event to be given up")
            until(lambda: _letters(port), "the dead letter to be counted", 60)
            until(lambda: _stands_at(port, "lag", 0), "the measure after it")
            after = scraped(port)

    fires_on([before], (), tmp_path)
    fires_on(
        [before, after],
        {("RiskSentinelNewDeadLetters", "page"), ("RiskSentinelDeadLetters", "ticket")},
        tmp_path,
    )


def test_a_function_slower_than_its_topic_fires_lag_grows(
    servers: str, sender: KafkaSender, topic: str, tmp_path: Path
) -> None:
    """Growing lag fires its alert, because deliveries continue and no other alert fires."""
    port = free_port()

    with function(lambda _: Reply(seconds=0.02)) as there:
        given = options(servers, topic, there.address)
        with running(given) as source, exposed(source.metrics, "127.0.0.1", port):
            sender.send([record_of(event(n, topic)) for n in range(MANY)])
            until(lambda: _lag(port) > MANY - BEHIND, "the lag")
            behind = scraped(port)
            sender.send([record_of(event(n, topic)) for n in range(MANY, 2 * MANY)])
            until(lambda: _lag(port) > 2 * MANY - BEHIND, "a larger lag")
            further = scraped(port)

    expected = {("RiskSentinelLagGrows", "page")}
    rising = {"risksentinel_source_lag"}
    fires_on([behind, further], expected, tmp_path, goes_on=True, rising=rising)


def _lag(port: int) -> float:
    return sum(figures(scraped(port), "risksentinel_source_lag"))


def _stands_at(port: int, figure: str, value: int) -> bool:
    return set(figures(scraped(port), f"risksentinel_source_{figure}")) == {value}


def _letters(port: int) -> bool:
    return 1 in figures(scraped(port), "risksentinel_dead_letters")
