"""The functions on real servers with few and with many kept payments, over HTTP and from Kafka.

Both databases are on the same PostgreSQL; each has a Redis of its own, with the history of its
payments of the last 90 days.
"""

from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import replace
from functools import partial
from typing import Final

import psycopg
from psycopg import sql
from rich.console import Console
from sqlalchemy import make_url

from infra.bench.growth_pairs import COPIES, FEW, SEEDS, GrowthSample, http_sample, print_growth
from infra.bench.http_load import warm_up
from infra.bench.kafka_batches import consume, fill
from infra.bench.load_generator import load_generator
from infra.bench.multiplied_payments import analyze, multiply
from infra.bench.scored_payments import discard_events, score_payments
from infra.bench.server_fixtures import ServerFixtures, local_pids
from infra.devstack.servers.server_kinds import running_server
from risksentinel.adapters.sql.engine import open_engine
from risksentinel.assembly.container import Container
from risksentinel.assembly.history_rebuild import remembered_payments
from risksentinel.assembly.redis_history import redis_history
from risksentinel.migrations.migrate import migrate
from risksentinel.ports.history import RebuildableHistory
from risksentinel.seed import seed as write_defaults
from risksentinel.settings import Settings

_FEW, _MANY = "growth_few", "growth_many"  # databases
_TIMEOUT: Final = 60.0  # seconds: on a busy machine no write may time out
_PAIRS: Final = 8
_PAIRS_OF_BATCHES: Final = 4
_BATCHED: Final = 10_000


def run(console: Console, server_fixtures: ServerFixtures) -> None:
    """Print a table for single payments over HTTP, and one for batches from Kafka."""
    with _on_database(server_fixtures, _FEW) as few, _on_database(server_fixtures, _MANY) as many:
        _fill(server_fixtures, few, many)
        with (
            load_generator() as send,
            few.running("ingest") as [on_few],
            many.running("ingest") as [on_many],
        ):
            runs = []
            for fixtures, programs in ((few, on_few), (many, on_many)):
                ingest = programs["ingest"]
                warm_up(send, [ingest.port])
                pids = {"function": [ingest.pid], **fixtures.servers}
                runs.append(partial(http_sample, send, ingest.port, pids))
            print_growth(console, "PostgreSQL, HTTP, 16 connections", runs, _PAIRS)
        batches = [partial(_batches, each) for each in (few, many)]
        print_growth(console, "PostgreSQL, batches from Kafka", batches, _PAIRS_OF_BATCHES)


@contextmanager
def _on_database(server_fixtures: ServerFixtures, name: str) -> Iterator[ServerFixtures]:
    """Yield the same servers with this database, and with a Redis of its own."""
    url = make_url(server_fixtures.connections["DATABASE_URL"]).set(database=name)
    with running_server("redis") as redis:
        yield replace(
            server_fixtures,
            connections={
                **server_fixtures.connections,
                **redis.settings,
                "DATABASE_URL": url.render_as_string(hide_password=False),
            },
            servers={**server_fixtures.servers, **local_pids({"Redis": redis})},
        )


def _fill(server_fixtures: ServerFixtures, few: ServerFixtures, many: ServerFixtures) -> None:
    _create(server_fixtures, _FEW)
    migrate(few.connections["DATABASE_URL"])
    with _opened(few) as (container, history):
        write_defaults(container)
        score_payments(container, history, FEW)
        discard_events(container)
        analyze(container.engine)
    _create(server_fixtures, _MANY, _FEW)
    engine = open_engine(many.connections["DATABASE_URL"], statement_seconds=0)
    multiply(engine, COPIES)
    engine.dispose()
    with _opened(many) as (container, history):
        history.rebuild(remembered_payments(container))


def _create(server_fixtures: ServerFixtures, name: str, template: str = "template1") -> None:
    address = server_fixtures.connections["DATABASE_URL"].replace("+psycopg", "")
    with psycopg.connect(address, autocommit=True) as connection:
        for statement in (
            sql.SQL("DROP DATABASE IF EXISTS {}").format(sql.Identifier(name)),
            sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(
                *map(sql.Identifier, (name, template))
            ),
        ):
            connection.execute(statement)


@contextmanager
def _opened(fixtures: ServerFixtures) -> Iterator[tuple[Container, RebuildableHistory]]:
    settings = Settings.read(fixtures.connections)
    with (
        closing(Container(settings)) as container,
        closing(redis_history(settings, _TIMEOUT)) as history,
    ):
        yield container, history


def _batches(fixtures: ServerFixtures, number: int) -> GrowthSample:
    fill(fixtures, _BATCHED, SEEDS[1] + number)
    batches = consume(fixtures, _BATCHED)
    each = {name: seconds / batches.payments for name, seconds in batches.processor.items()}
    return GrowthSample(batches.rate, each)
