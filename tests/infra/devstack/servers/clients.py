"""A client of each server, which writes and reads a value."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Final

import boto3  # type: ignore[import-untyped] # it has no types
import psycopg
from kafka import KafkaConsumer, KafkaProducer  # type: ignore[import-untyped] # it has no types
from kafka.admin import KafkaAdminClient, NewTopic  # type: ignore[import-untyped] # the same
from redis import Redis
from redis.cluster import RedisCluster

Settings = Mapping[str, str]
_BUCKET: Final = "kept"


@dataclass(frozen=True, slots=True)
class Client:
    """How to write and read a value with the server's settings."""

    put: Callable[[Settings, str, str], object]
    get: Callable[[Settings, str], str]


def _put_row(settings: Settings, key: str, value: str) -> None:
    with _database(settings) as connection:
        connection.execute("CREATE TABLE IF NOT EXISTS kept (key text, value text)")
        connection.execute("INSERT INTO kept VALUES (%s, %s)", [key, value])


def _get_row(settings: Settings, key: str) -> str:
    with _database(settings) as connection:
        row = connection.execute("SELECT value FROM kept WHERE key = %s", [key]).fetchone()
    assert row is not None
    return str(row[0])


def _database(settings: Settings) -> psycopg.Connection:
    return psycopg.connect(settings["DATABASE_URL"].replace("+psycopg", ""))


def _put_key(settings: Settings, key: str, value: str) -> None:
    with _redis(settings) as client:
        client.set(key, value)


def _get_key(settings: Settings, key: str) -> str:
    with _redis(settings) as client:
        return str(client.get(key))


def _redis(settings: Settings) -> "Redis | RedisCluster":
    kind = RedisCluster if settings.get("REDIS_CLUSTER") == "true" else Redis
    return kind.from_url(settings["REDIS_URL"], decode_responses=True)


def _put_record(settings: Settings, key: str, value: str) -> None:
    servers = settings["KAFKA_BOOTSTRAP_SERVERS"]
    admin = KafkaAdminClient(bootstrap_servers=servers)
    admin.create_topics([NewTopic(key, num_partitions=1, replication_factor=1)])
    admin.close()
    producer = KafkaProducer(bootstrap_servers=servers, acks="all")
    producer.send(key, value.encode()).get(10)
    producer.close()


def _get_record(settings: Settings, key: str) -> str:
    consumer = KafkaConsumer(
        key,
        bootstrap_servers=settings["KAFKA_BOOTSTRAP_SERVERS"],
        auto_offset_reset="earliest",
        consumer_timeout_ms=10_000,
    )
    value = next(record.value for record in consumer)
    consumer.close()
    return str(value, "utf-8")


def _put_object(settings: Settings, key: str, value: str) -> None:
    client = _s3(settings)
    buckets = {bucket["Name"] for bucket in client.list_buckets().get("Buckets", [])}
    if _BUCKET not in buckets:
        client.create_bucket(Bucket=_BUCKET)
    client.put_object(Bucket=_BUCKET, Key=key, Body=value.encode())


def _get_object(settings: Settings, key: str) -> str:
    body = _s3(settings).get_object(Bucket=_BUCKET, Key=key)["Body"]
    return str(body.read(), "utf-8")


def _s3(settings: Settings) -> Any:  # noqa: ANN401 - boto3 makes its clients' classes at run time
    return boto3.client(
        "s3",
        endpoint_url=settings["S3_ENDPOINT_URL"],
        aws_access_key_id=settings["AWS_ACCESS_KEY_ID"],
        aws_secret_access_key=settings["AWS_SECRET_ACCESS_KEY"],
        region_name=settings["AWS_REGION"],
    )


_REDIS: Final = Client(_put_key, _get_key)
_S3: Final = Client(_put_object, _get_object)
CLIENTS: Final[Mapping[str, Client]] = MappingProxyType(
    {
        "postgres": Client(_put_row, _get_row),
        "redis": _REDIS,
        "redis_cluster": _REDIS,
        "kafka": Client(_put_record, _get_record),
        "minio": _S3,
        "versitygw": _S3,
    }
)
