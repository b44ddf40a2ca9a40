"""python -m infra.bench.growth: the bytes of a payment in PostgreSQL, Redis and SQLite."""

import os
from collections import defaultdict
from collections.abc import Iterable
from contextlib import closing
from datetime import timedelta

from redis import Redis
from rich.console import Console
from sqlalchemy import text

from infra.bench.figures import BEGIN, payments, print_table
from infra.bench.fixtures import embedded, real
from infra.bench.growth_receipts import print_receipts
from infra.bench.scored_payments import BATCH, discard_events, score_payments
from infra.bench.sizes import sizes
from risksentinel.adapters.memory.history import MemoryHistory
from risksentinel.adapters.sql.engine import reading
from risksentinel.assembly.container import Container
from risksentinel.assembly.redis_history import redis_history
from risksentinel.domain.transaction import Transaction
from risksentinel.payment_formats.payment_document import document
from risksentinel.ports.history import RebuildableHistory
from risksentinel.settings import Settings
from risksentinel.text import rfc3339

PAYMENTS = 20_000
QUIET = 20_000  # senders and receivers of one payment each
BUSY, EACH = 200, 300  # senders of an hour's payment each, for 300 hours
SAMPLED = 2_000  # keys of a kind
TIMEOUT = 60.0  # seconds: on a busy machine no write may time out


def main() -> None:
    """Print a table for each database."""
    console = Console(width=180)
    _sqlite(console)
    with real() as environ, closing(Container(Settings.read(environ))) as container:
        os.environ.update(environ)  # noqa: TID251 - boto3 reads its credentials there
        history = redis_history(container.settings, TIMEOUT)
        _database(console, container, history)
        _history(console, history, Redis.from_url(environ["REDIS_URL"]))


def _database(console: Console, container: Container, history: RebuildableHistory) -> None:
    before = sizes(container.engine)
    score_payments(container, history, PAYMENTS)
    grown = {
        name: (size - before.get(name, 0)) / PAYMENTS
        for name, size in sizes(container.engine).items()
    }
    rows = [
        {"table": name, "bytes a payment, with indexes": f"{size:,.0f}"}
        for name, size in sorted(grown.items(), key=lambda each: -each[1])
        if size >= 1
    ]
    kept = sum(size for name, size in grown.items() if name != "outbox")
    rows.append({"table": "all but the outbox", "bytes a payment, with indexes": f"{kept:,.0f}"})
    print_table(console, f"PostgreSQL, after {PAYMENTS:,} payments in batches of {BATCH}", rows)
    print_receipts(console, container.engine, "with a model")


def _sqlite(console: Console) -> None:
    """Measure the pages in use; published outbox events are deleted, and their pages are free."""
    with embedded() as environ, closing(Container(Settings.read(environ))) as container:
        before = _used_pages(container)
        window = timedelta(seconds=container.settings.velocity_window_seconds)
        score_payments(container, MemoryHistory(window), PAYMENTS)
        grown = (_used_pages(container) - before) / PAYMENTS
        row = {"SQLite": "all of the file", "bytes a payment, with indexes": f"{grown:,.0f}"}
        print_table(console, f"SQLite, after {PAYMENTS:,} payments, without a model", [row])
        print_receipts(console, container.engine, "without a model")


def _history(console: Console, history: RebuildableHistory, redis: Redis) -> None:
    rows = []
    for what, made in {
        f"{QUIET:,} senders of one payment, to one receiver": _payments(
            (f"quiet-{n}", "shop", n) for n in range(QUIET)
        ),
        f"{QUIET:,} receivers of one payment, from {BUSY} senders": _payments(
            (f"payer-{n % BUSY}", f"got-{n}", n) for n in range(QUIET)
        ),
        f"{BUSY} senders of {EACH} payments, to 20 receivers each": _payments(
            (f"busy-{n % BUSY}", f"to-{n % BUSY}-{n // BUSY % 20}", n // BUSY * 3600)
            for n in range(BUSY * EACH)
        ),
    }.items():
        redis.flushall()
        empty = _used(redis)
        for start in range(0, len(made), BATCH):
            history.record(made[start : start + BATCH])
        kinds, whole = _kinds(redis), _used(redis) - empty
        _forget_answers(redis)
        answers = whole - (_used(redis) - empty)
        rows.append(
            {
                "what": what,
                "answers, bytes a payment": f"{answers / len(made):,.0f}",
                "all else, bytes": f"{whole - answers:,}",
                "kind of key, mean bytes": kinds,
            }
        )
    print_table(console, "Redis", rows)


def _payments(transfers: Iterable[tuple[str, str, int]]) -> list[Transaction]:
    first = next(iter(payments(1)))
    return [
        document(
            {
                **first,
                "id": f"growth-{number}",
                "sender_id": sender,
                "receiver_id": receiver,
                "occurred_at": rfc3339.to_text(BEGIN + timedelta(seconds=seconds)),
            }
        ).transaction(str, BEGIN + timedelta(days=60))
        for number, (sender, receiver, seconds) in enumerate(transfers)
    ]


def _used_pages(container: Container) -> int:
    """Return the bytes of the file in use, without the outbox, which the relay empties."""
    discard_events(container)
    with reading(container.engine) as connection:
        pages, free, size = (
            int(connection.execute(text(f"PRAGMA {name}")).scalar_one())
            for name in ("page_count", "freelist_count", "page_size")
        )
    return (pages - free) * size


def _used(redis: Redis) -> int:
    return int(redis.info("memory")["used_memory"])


def _forget_answers(redis: Redis) -> None:
    """Delete the first responses, which are stored for a week for repeated payments."""
    for kind in ("sent", "got"):
        for key in redis.scan_iter(f"rs:*:{kind}:*", count=1000):
            redis.delete(key)


def _kinds(redis: Redis) -> str:
    """Return the mean bytes of a key by kind, from Redis's MEMORY USAGE."""
    found: dict[str, list[int]] = defaultdict(list)
    for key in redis.scan_iter("rs:*", count=1000):
        kind = key.split(b"}:")[1].split(b":")[0].decode()
        if len(found[kind]) < SAMPLED:
            found[kind].append(int(redis.memory_usage(key) or 0))
    means = {kind: sum(sizes) / len(sizes) for kind, sizes in found.items()}
    return ", ".join(f"{kind} {mean:,.0f}" for kind, mean in sorted(means.items()))


if __name__ == "__main__":
    main()
