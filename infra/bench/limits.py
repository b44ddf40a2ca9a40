"""The limits: throughput of PostgreSQL, Redis and Kafka with the same bytes and no engine."""

from collections.abc import Callable, Iterator, Sequence
from datetime import timedelta
from time import perf_counter

import psycopg
from psycopg import sql
from rich.console import Console

from infra.bench.figures import payments, print_table
from infra.bench.kafka_batches import SEED, TOPIC
from infra.bench.server_fixtures import ServerFixtures
from risksentinel.adapters.kafka.log import KafkaLog
from risksentinel.adapters.kafka.records import Record
from risksentinel.adapters.kafka.sender import KafkaSender
from risksentinel.adapters.redis.client import Command, RedisClient
from risksentinel.adapters.redis.history_calls import RETENTION, HistoryCalls
from risksentinel.adapters.system_clock import new_id, now
from risksentinel.domain.account_side import BOUNDS
from risksentinel.payment_formats.payment_document import document

PAYMENTS = 10_000
BATCH = 100
CLAIMS = "transaction_claims"
TABLES = (CLAIMS, "transactions", "risk_scores", "audit_log")
IN_TURN = (
    "raw inserts of the same rows",
    "the history's two scripts",
    "raw produce of the outbox events",
)
_SNAPSHOT = b"x" * 41
_TIMEOUT = 10.0


def run(console: Console, server_fixtures: ServerFixtures, ours: float) -> None:
    """Print each limit, and the share of it that the engine reaches with `ours` payments/s."""
    connections = server_fixtures.connections
    values = _outbox_events(connections["KAFKA_BOOTSTRAP_SERVERS"])
    rates = {
        "raw inserts of the same rows": _inserts(connections["DATABASE_URL"], TABLES, values),
        "raw inserts without the claims": _inserts(
            connections["DATABASE_URL"], [name for name in TABLES if name != CLAIMS], values
        ),
        "raw Redis pipeline, two SETs": _redis(connections["REDIS_URL"], _plain()),
        "the history's two scripts": _redis(connections["REDIS_URL"], _scripts()),
        "raw produce of the outbox events": _produce(
            connections["KAFKA_BOOTSTRAP_SERVERS"], values
        ),
    }
    in_turn = 1 / sum(1 / rate for name, rate in rates.items() if name in IN_TURN)
    rates["the first, the scripts and produce in turn"] = in_turn
    rows = [
        {
            "limit": name,
            "payments a second": f"{rate:,.0f}",
            "from Kafka, of the limit": f"{100 * ours / rate:.0f} %",
        }
        for name, rate in rates.items()
    ]
    print_table(console, f"Limits, in batches of {BATCH} on one connection", rows)


def _rate(work: Callable[[], None]) -> float:
    began = perf_counter()
    work()
    return PAYMENTS / (perf_counter() - began)


def _batches(rows: Sequence[bytes]) -> Iterator[bytes]:
    return (b"".join(rows[start : start + BATCH]) for start in range(0, len(rows), BATCH))


def _inserts(database: str, tables: Sequence[str], values: Sequence[bytes]) -> float:
    """COPY the rows of the previous benchmark into empty tables with the same columns."""
    address = database.replace("+psycopg", "")
    with psycopg.connect(address, autocommit=True) as connection:
        kept = {table: _kept(connection, table) for table in tables}
        for table in (*tables, "outbox"):
            connection.execute(
                sql.SQL("CREATE TABLE {} (LIKE {} INCLUDING ALL)").format(
                    _raw(table), sql.Identifier(table)
                )
            )
        kept["outbox"] = [b"topic\tkey\t0\t2026-03-02\t%b\n" % value for value in values]
        columns = {"outbox": sql.SQL("(topic, key, attempts, created_at, event)")}

        def work() -> None:
            for together in zip(*map(_batches, kept.values()), strict=True):
                with connection.transaction(), connection.cursor() as cursor:
                    for table, rows in zip(kept, together, strict=True):
                        into = sql.SQL("COPY {} {} FROM STDIN").format(
                            _raw(table), columns.get(table, sql.SQL(""))
                        )
                        with cursor.copy(into) as copy:
                            copy.write(rows)

        rate = _rate(work)
        for table in kept:
            connection.execute(sql.SQL("DROP TABLE {}").format(_raw(table)))
    return rate


def _raw(table: str) -> sql.Identifier:
    return sql.Identifier(f"raw_{table}")


def _kept(connection: psycopg.Connection, table: str) -> list[bytes]:
    query = sql.SQL("COPY (SELECT * FROM {} LIMIT {}) TO STDOUT").format(
        sql.Identifier(table), sql.Literal(PAYMENTS)
    )
    with connection.cursor() as cursor, cursor.copy(query) as copy:
        return b"".join(bytes(block) for block in copy).splitlines(keepends=True)


def _redis(url: str, commands: Sequence[Command]) -> float:
    calls = HistoryCalls(timedelta(minutes=5), BOUNDS, RETENTION)
    client = RedisClient(url, calls.scripts, "Redis", _TIMEOUT)

    def work() -> None:
        for start in range(0, len(commands), 2 * BATCH):
            client.run(commands[start : start + 2 * BATCH])

    rate = _rate(work)
    client.close()
    return rate


def _plain() -> list[Command]:
    keys = (b"raw:%d" % number for number in range(2 * PAYMENTS))
    return [Command(key, (b"SET", key, _SNAPSHOT, b"EX", b"60")) for key in keys]


def _scripts() -> list[Command]:
    calls = HistoryCalls(timedelta(minutes=5), BOUNDS, RETENTION)
    made = (document(one).transaction(new_id, now()) for one in payments(PAYMENTS, SEED + 1))
    return [call for payment in made for call in calls.of(payment)]


def _outbox_events(servers: str) -> list[bytes]:
    with KafkaLog.opened(servers) as log:
        records = [
            record.value or b""
            for partition in log.partitions(TOPIC)
            for record in log.between(partition, *log.ends(partition))
        ]
    return records[-PAYMENTS:]


def _produce(servers: str, values: Sequence[bytes]) -> float:
    sender = KafkaSender(servers)
    records = [Record(TOPIC, b"%d" % number, value, ()) for number, value in enumerate(values)]

    def work() -> None:
        for start in range(0, PAYMENTS, BATCH):
            sender.send(records[start : start + BATCH])

    rate = _rate(work)
    sender.close()
    return rate
