"""risksentinel topics: creates missing Kafka topics and reports differences."""

import sys

import click

from risksentinel.adapters.kafka.topics import KafkaTopics, needed_topics
from risksentinel.assembly.brokers import brokers
from risksentinel.settings import Settings


@click.command()
@click.option(
    "--servers",
    envvar="KAFKA_BOOTSTRAP_SERVERS",
    show_envvar=True,
    required=True,
    help="Kafka brokers, host:port, separated by commas.",
)
@click.option(
    "--partitions",
    envvar="KAFKA_PARTITIONS",
    show_envvar=True,
    type=click.IntRange(1, 10_000),
    default=8,
    show_default=True,
    help="Partitions of each topic, which limit the payments processed at once.",
)
@click.option(
    "--replication-factor",
    envvar="KAFKA_REPLICATION_FACTOR",
    show_envvar=True,
    type=click.IntRange(1, 100),
    default=1,
    show_default=True,
    help="Copies of each record; use 3 in production.",
)
@click.option(
    "--check", is_flag=True, help="Create nothing; exit with 1 if a topic is missing or differs."
)
def topics(servers: str, partitions: int, replication_factor: int, *, check: bool) -> None:
    """Create missing topics, and report how existing topics differ.

    An existing topic is never changed: with more partitions, keys would move between partitions.
    """
    broker = KafkaTopics(brokers(Settings.read(), servers))
    needed = needed_topics(partitions, replication_factor)
    missing, differing = set(broker.missing(needed)), broker.differing(needed)
    if not check:
        broker.create([topic for topic in needed if topic.name in missing])
    for topic in needed:
        if topic.name in missing:
            click.echo(f"{topic.name}: {'missing' if check else 'created'}")
    for difference in differing:
        click.echo(difference, err=True)
    if not missing and not differing:
        click.echo(f"{len(needed)} topics exist as required")
    if check and (missing or differing):
        sys.exit(1)
