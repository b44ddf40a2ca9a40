"""python -m infra.devstack.stack.provision: make schema, database user, topics and bucket."""

import sys
from typing import Any, Final
from urllib.parse import urlsplit

import click

from infra.devstack.stack.functions_user import make_functions_user
from risksentinel.adapters.kafka.brokers import Brokers
from risksentinel.adapters.kafka.topics import KafkaTopics, needed_topics
from risksentinel.adapters.objects.s3_client import connect
from risksentinel.assembly.brokers import brokers
from risksentinel.assembly.container import Container
from risksentinel.errors import RiskSentinelError
from risksentinel.migrations.migrate import migrate
from risksentinel.seed import seed
from risksentinel.settings import Settings

_PARTITIONS: Final = 8
_ONE_BROKER: Final = 1


@click.command()
@click.option("--model-uri", envvar="MODEL_URI", default="")
@click.option("--endpoint-url", envvar="S3_ENDPOINT_URL", default="")
@click.option("--region", envvar="AWS_REGION", default="")
@click.option("--partitions", envvar="KAFKA_PARTITIONS", default=_PARTITIONS, type=int)
@click.option("--functions-url", envvar="FUNCTIONS_DATABASE_URL", default="")
@click.option("--schema/--no-schema", default=True, help="Where a Job of the cluster makes it.")
def provision(
    model_uri: str,
    endpoint_url: str,
    region: str,
    partitions: int,
    functions_url: str,
    *,
    schema: bool,
) -> None:
    """Make what the functions expect to find; what is there stays as it is.

    DATABASE_URL is the owner's; FUNCTIONS_DATABASE_URL names the user to make for the functions.
    """
    settings = Settings.read()
    if functions_url:
        click.echo(f"database user {make_functions_user(settings.database, functions_url)} is made")
    if schema:
        click.echo(f"the schema is up to date, {_make_schema(settings)} default rules written")
    click.echo(f"{_make_topics(brokers(settings), partitions)} topics created")
    if model_uri.startswith("s3://") and endpoint_url:  # Amazon's own buckets are others' affair
        bucket = urlsplit(model_uri).netloc
        click.echo(f"bucket {bucket} {_make_bucket(bucket, endpoint_url, region)}")


def _make_schema(settings: Settings) -> int:
    migrate(settings.database)
    container = Container(settings)
    created = seed(container)
    container.engine.dispose()
    return created


def _make_topics(servers: Brokers, partitions: int) -> int:
    broker, needed = KafkaTopics(servers), needed_topics(partitions, _ONE_BROKER)
    missing = set(broker.missing(needed))
    broker.create([topic for topic in needed if topic.name in missing])
    return len(missing)


def _make_bucket(name: str, endpoint_url: str, region: str) -> str:
    client: Any = connect(endpoint_url, region)
    if name in {bucket["Name"] for bucket in client.list_buckets()["Buckets"]}:
        return "is there"
    client.create_bucket(Bucket=name)
    return "created"


if __name__ == "__main__":
    try:
        provision(prog_name="python -m infra.devstack.stack.provision")
    except RiskSentinelError as error:
        click.echo(f"provision: {error}", err=True)
        sys.exit(1)
