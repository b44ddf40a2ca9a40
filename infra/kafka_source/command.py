"""risksentinel source: bring the events of Kafka topics to a function, as a KafkaSource does."""

import logging
import signal
from collections.abc import Mapping
from threading import Event as Flag
from typing import Any

import click

from infra.kafka_source.http_endpoints import exposed
from infra.kafka_source.metrics import SourceMetrics
from infra.kafka_source.options import Batching, RetryPolicy, SourceOptions
from infra.kafka_source.run import run
from risksentinel.logs import configure


@click.command(context_settings={"auto_envvar_prefix": "SOURCE", "show_default": True})
@click.option(
    "--servers", envvar="KAFKA_BOOTSTRAP_SERVERS", required=True, help="Kafka brokers, host:port."
)
@click.option(
    "--topic", "topics", envvar="SOURCE_TOPICS", multiple=True, required=True, help="Repeatable."
)
@click.option("--group", required=True, help="The consumer group: sources of one share the work.")
@click.option("--sink", required=True, help="The function's address.")
@click.option("--name", help="What plain records come from; the group's name if not given.")
@click.option("--namespace", default="default", help="The same.")
@click.option("--batch-size", type=click.IntRange(1, 500), default=1, help="Events a request.")
@click.option("--batch-wait-ms", type=click.IntRange(0, 10_000), default=20, help="For a full one.")
@click.option("--retries", type=click.IntRange(0, 20), default=5, help="After a failed delivery.")
@click.option("--retry-delay-ms", type=click.IntRange(1, 60_000), default=200, help="Times 2^n.")
@click.option(
    "--outage-minutes",
    type=click.FloatRange(0, 10_080),
    default=60,
    help="How long an event is kept while the function is away (refused, 429, 502, 503, 504).",
)
@click.option("--timeout-seconds", type=click.FloatRange(0.1, 600), default=30, help="A request.")
@click.option(
    "--session-seconds",
    type=click.FloatRange(6, 300),
    default=15,
    help="After so long are the partitions of a source that was killed given to others.",
)
@click.option("--metrics-host", default="127.0.0.1")
@click.option(
    "--metrics-port",
    type=click.IntRange(1, 65_535),
    help="/metrics and /health/readiness; nothing listens if not given.",
)
@click.option("--log-level", envvar="LOG_LEVEL", default="info")
def source(
    metrics_host: str,
    metrics_port: int | None,
    log_level: str,
    **given: Any,  # noqa: ANN401 - options of all types
) -> None:
    """Deliver the events of topics to a function, in order, until each is done or given up.

    Each option can be given as a variable, SOURCE_SINK for --sink and so on.
    """
    configure(log_level)
    logging.getLogger("kafka").setLevel(logging.WARNING)  # below it, keys and values are told
    stop = Flag()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    options = _options(given)
    metrics = SourceMetrics(options.group)
    with exposed(metrics, metrics_host, metrics_port, options.sink):
        run(options, metrics, stop)


def _options(given: Mapping[str, Any]) -> SourceOptions:
    return SourceOptions(
        servers=given["servers"],
        topics=given["topics"],
        group=given["group"],
        sink=given["sink"],
        name=given["name"] or given["group"],
        namespace=given["namespace"],
        timeout=given["timeout_seconds"],
        session_timeout=given["session_seconds"],
        batching=Batching(given["batch_size"], given["batch_wait_ms"] / 1000),
        retry_policy=RetryPolicy(
            given["retries"], given["retry_delay_ms"] / 1000, given["outage_minutes"] * 60
        ),
    )
