"""risksentinel source: deliver the events of Kafka topics to a function, as a KafkaSource does."""

import logging
import signal
from collections.abc import Mapping
from pathlib import Path
from threading import Event as Flag
from typing import Any

import click

from infra.kafka_source.http_endpoints import exposed
from infra.kafka_source.metrics import SourceMetrics
from infra.kafka_source.options import Batching, RetryPolicy, SourceOptions
from infra.kafka_source.run import run
from risksentinel.assembly.brokers import brokers
from risksentinel.logs import configure
from risksentinel.settings import Settings


@click.command(context_settings={"auto_envvar_prefix": "SOURCE", "show_default": True})
@click.option(
    "--servers", envvar="KAFKA_BOOTSTRAP_SERVERS", required=True, help="Kafka brokers, host:port."
)
@click.option(
    "--topic",
    "topics",
    envvar="SOURCE_TOPICS",
    multiple=True,
    required=True,
    help="Topic to read; repeatable.",
)
@click.option("--group", required=True, help="Consumer group; its sources share the partitions.")
@click.option("--sink", required=True, help="URL of the function.")
@click.option("--name", help="Name in the event source of plain records; the group if unset.")
@click.option("--namespace", default="default", help="Namespace in the same.")
@click.option("--batch-size", type=click.IntRange(1, 500), default=1, help="Events in a request.")
@click.option(
    "--batch-wait-ms", type=click.IntRange(0, 10_000), default=20, help="Wait for a full batch."
)
@click.option("--retries", type=click.IntRange(0, 20), default=5, help="After a failed delivery.")
@click.option(
    "--retry-delay-ms", type=click.IntRange(1, 60_000), default=200, help="First pause; doubles."
)
@click.option(
    "--outage-minutes",
    type=click.FloatRange(0, 10_080),
    default=60,
    help="Retry for so long while the function is unavailable (refused, 401, 403, 429, 502-504).",
)
@click.option(
    "--timeout-seconds", type=click.FloatRange(0.1, 600), default=30, help="Timeout of a request."
)
@click.option(
    "--session-seconds",
    type=click.FloatRange(6, 300),
    default=15,
    help="After this time the group reassigns the partitions of a killed source.",
)
@click.option(
    "--token-file",
    type=click.Path(path_type=Path),
    help="File of the token that the function requires; EVENT_SECRET if unset.",
)
@click.option("--metrics-host", default="127.0.0.1")
@click.option(
    "--metrics-port",
    type=click.IntRange(1, 65_535),
    help="Port of /metrics and /health/readiness; none if unset.",
)
@click.option("--log-level", envvar="LOG_LEVEL", default="info")
def source(
    metrics_host: str,
    metrics_port: int | None,
    log_level: str,
    **given: Any,  # noqa: ANN401 - options of all types
) -> None:
    """Deliver the events of topics to a function, in order, until each is done or dead-lettered.

    Each option can be set as an environment variable: SOURCE_SINK for --sink, and so on.
    """
    configure(log_level)
    logging.getLogger("kafka").setLevel(
        logging.WARNING
    )  # lower levels log keys and values of records
    stop = Flag()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    options = _options(given)
    metrics = SourceMetrics(options.group)
    with exposed(metrics, metrics_host, metrics_port, options.sink):
        run(options, metrics, stop)


def _options(given: Mapping[str, Any]) -> SourceOptions:
    settings = Settings.read()  # the login at Kafka, and the secret of senders
    return SourceOptions(
        servers=brokers(settings, given["servers"]),
        topics=given["topics"],
        group=given["group"],
        sink=given["sink"],
        secret=settings.event_secret,
        token_file=given["token_file"],
        name=given["name"] or given["group"],
        namespace=given["namespace"],
        timeout=given["timeout_seconds"],
        session_timeout=given["session_seconds"],
        batching=Batching(given["batch_size"], given["batch_wait_ms"] / 1000),
        retry_policy=RetryPolicy(
            given["retries"], given["retry_delay_ms"] / 1000, given["outage_minutes"] * 60
        ),
    )
