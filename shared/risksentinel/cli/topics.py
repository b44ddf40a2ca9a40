"""risksentinel topics: make the Kafka topics that are not there yet."""

import sys

import click

from risksentinel.adapters.kafka.topics import KafkaTopics, needed_topics


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
    help="Partitions of a topic: as many payments are worked on at once.",
)
@click.option(
    "--replication-factor",
    envvar="KAFKA_REPLICATION_FACTOR",
    show_envvar=True,
    type=click.IntRange(1, 100),
    default=1,
    show_default=True,
    help="Copies of each record; 3 where payments matter.",
)
@click.option("--check", is_flag=True, help="Make nothing; exit 1 when something differs.")
def topics(servers: str, partitions: int, replication_factor: int, *, check: bool) -> None:
    """Make the topics that are not there yet, and say how the others differ.

    A topic that is there is never changed: with more partitions its keys would move to others.
    """
    broker, needed = KafkaTopics(servers), needed_topics(partitions, replication_factor)
    missing, differing = set(broker.missing(needed)), broker.differing(needed)
    if not check:
        broker.create([topic for topic in needed if topic.name in missing])
    for topic in needed:
        if topic.name in missing:
            click.echo(f"{topic.name}: {'is not there' if check else 'made'}")
    for difference in differing:
        click.echo(difference, err=True)
    if not missing and not differing:
        click.echo(f"{len(needed)} topics are there and as they should be")
    if check and (missing or differing):
        sys.exit(1)
