"""python -m infra.bench.pages: the latency of each list with each filter, and of the dashboard.

BENCH_PAYMENTS payments of 13 months, by default 1,000,000, are written to SQLite and to a
PostgreSQL of its own. The requests call the API's code directly, without a socket.
"""

import os
from collections.abc import Iterator, Mapping, Sequence
from itertools import chain
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter
from typing import Final

from rich.console import Console
from werkzeug.test import Client

from infra.bench.bulk_load import load_payments
from infra.bench.figures import milliseconds, percentile, print_table
from infra.bench.page_queries import LIST, LISTED, QUERIES, Query
from infra.bench.scored_sample import scored_sample
from infra.bench.sizes import sizes
from infra.devstack.servers.server_kinds import running_server
from risksentinel.adapters.system_clock import now
from risksentinel.assembly.rule_changes import write_list, write_rule
from risksentinel.domain.named_list import EntryDraft
from risksentinel.embedded.engine import Engine, running
from risksentinel.rules.defaults import DEFAULT_RULES
from risksentinel.settings import Settings

PAYMENTS: Final = int(os.getenv("BENCH_PAYMENTS", "1000000"))  # noqa: TID251 - the size of the benchmark
RULES: Final = 200
REPEATED: Final = 25  # PostgreSQL keeps a plan for all values from the eleventh time on
AIM: Final = 0.050  # seconds

Measured = Mapping[Query, Sequence[float]]


def main() -> None:
    """Print the slowest rows of each list, and a table of sizes."""
    console = Console(width=160)
    with TemporaryDirectory() as folder, running_server("postgres") as server:
        measured, kept = {}, {}
        home = Path(folder)
        sample = scored_sample(home / "sample")
        for name, url in (("SQLite", ""), ("PostgreSQL", server.settings["DATABASE_URL"])):
            settings = Settings(risksentinel_home=home / name, database_url=url, log_level="error")
            with running(settings) as engine:
                began = perf_counter()
                load_payments(engine.container.engine, sample, PAYMENTS, now())
                console.print(f"{name}: {perf_counter() - began:,.0f} s to load")
                kept[name] = sizes(engine.container.engine)
                provision(engine)
                measured[name] = dict(measure(Client(engine.gateway)))
    print_slowest(console, measured)
    _print_sizes(console, kept)


def provision(engine: Engine) -> None:
    """Create rules and a list."""
    container = engine.container
    for number in range(RULES):
        rule = {**next(iter(DEFAULT_RULES.values())), "name": f"rule {number}"}
        write_rule(container).create(rule, "bench")
    write_list(container).create(LIST, "measured", "bench")
    drafts = [EntryDraft(f"ZA-{n}", "measured", None) for n in range(LISTED)]
    write_list(container).put_many(LIST, drafts, "bench")


def measure(client: Client) -> Iterator[tuple[Query, Sequence[float]]]:
    """Time each request several times, after one that is not counted."""
    for query in QUERIES:
        address = query.address(now())
        _timed(client, address)
        yield query, [_timed(client, address) for _ in range(REPEATED)]


def print_slowest(console: Console, measured: Mapping[str, Measured]) -> None:
    """Print the slowest row of each list on each database, and each row above the target."""
    kinds = dict.fromkeys(query.kind for query in QUERIES)
    rows = []
    for kind in kinds:
        queries = [query for query in QUERIES if query.kind == kind]
        row = {"list": kind, "rows": str(len(queries))}
        for name, found in measured.items():
            slowest = max(queries, key=lambda query: percentile(found[query], 0.5))
            row[f"{name}, slowest p50"] = milliseconds(percentile(found[slowest], 0.5))
            row[f"{name}, the row"] = slowest.name
        rows.append(row)
    print_table(console, f"{PAYMENTS:,} payments, a page of 50, {REPEATED} times each", rows)
    _print_missed(console, measured)


def _print_missed(console: Console, measured: Mapping[str, Measured]) -> None:
    missed = [
        {
            "database": name,
            "row": query.name,
            "minimum": milliseconds(min(times)),
            "p50": milliseconds(percentile(times, 0.5)),
        }
        for name, found in measured.items()
        for query, times in found.items()
        if percentile(times, 0.5) > AIM
    ]
    if missed:
        print_table(console, f"p50 above {milliseconds(AIM)}", missed)
    else:
        console.print(f"No p50 is above {milliseconds(AIM)}")


def _timed(client: Client, address: str) -> float:
    began = perf_counter()
    answer = client.get(address)
    took = perf_counter() - began
    if answer.status_code != 200:  # noqa: PLR2004 - an HTTP status
        raise RuntimeError(f"{address}: {answer.status_code} {answer.text}")
    return took


def _print_sizes(console: Console, kept: Mapping[str, Mapping[str, int]]) -> None:
    names: Sequence[str] = sorted(
        set(chain.from_iterable(kept.values())), key=lambda each: -kept["PostgreSQL"].get(each, 0)
    )
    rows = [
        {
            "table, with indexes": name,
            **{each: f"{size.get(name, 0) / PAYMENTS:,.0f}" for each, size in kept.items()},
        }
        for name in names
        if any(size.get(name, 0) >= PAYMENTS for size in kept.values())
    ]
    rows.append(
        {
            "table, with indexes": "all",
            **{each: f"{sum(size.values()) / PAYMENTS:,.0f}" for each, size in kept.items()},
        }
    )
    print_table(console, "Bytes a payment", rows)


if __name__ == "__main__":
    main()
