"""python -m infra.bench.pages: the latency of each list with each filter, and of the dashboard.

The engine scores a tenth of the payments; ten copies of each are written to SQLite and to a
PostgreSQL of its own. The requests call the API's code directly, without a socket.
"""

import os
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from itertools import chain, islice
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter
from typing import Any, Final

from rich.console import Console
from sqlalchemy import text
from werkzeug.test import Client

from infra.bench.copies import copy_payments
from infra.bench.figures import milliseconds, payments, percentile, print_table
from infra.bench.page_queries import LIST, LISTED, QUERIES, Query
from infra.bench.sizes import sizes
from infra.devstack.servers.server_kinds import running_server
from risksentinel.adapters.sql.engine import looking, writing
from risksentinel.adapters.system_clock import now
from risksentinel.assembly.payment_submission import submit_payments
from risksentinel.assembly.rule_changes import write_list, write_rule
from risksentinel.domain.named_list import EntryDraft
from risksentinel.embedded.engine import Engine, running
from risksentinel.events.sources import INGEST
from risksentinel.payment_formats.payment_document import document
from risksentinel.rules.defaults import DEFAULT_RULES
from risksentinel.settings import Settings
from risksentinel.telemetry.metrics import FunctionMetrics
from risksentinel.text import rfc3339

PAYMENTS: Final = int(os.getenv("BENCH_PAYMENTS", "200000"))  # noqa: TID251 - the size of the benchmark
COPIES: Final = 10  # of each scored payment
BATCH: Final = 500
DAYS: Final = 7  # over which the payments are distributed
RULES: Final = 200
REPEATED: Final = 15
DEEP: Final = 300  # pages of 200 items, or the last page
AIM: Final = 0.050  # seconds
_DESKS: Final = text(
    "UPDATE alerts SET status = 'resolved', disposition = 'false_positive', assignee = 'desk-1' "
    "WHERE substr(id, length(id)) < '5'"
)
_FILED: Final = text(
    "UPDATE statutory_reports SET status = 'filed' WHERE substr(id, length(id)) < '5'"
)


def main() -> None:
    """Print a table of latencies and a table of sizes."""
    console = Console(width=160)
    with TemporaryDirectory() as folder, running_server("postgres") as server:
        measured, kept = {}, {}
        home = Path(folder)
        with running(Settings(risksentinel_home=home / "scored")) as scored:
            _score(scored)
            for name, url in (("SQLite", ""), ("PostgreSQL", server.settings["DATABASE_URL"])):
                settings = Settings(
                    risksentinel_home=home / name, database_url=url, log_level="error"
                )
                with running(settings) as engine:
                    _fill(engine, scored)
                    kept[name] = sizes(engine.container.engine)
                    _provision(engine)
                    measured[name] = dict(_measure(Client(engine.gateway)))
    _print(console, measured)
    _print_sizes(console, kept)


def _score(engine: Engine) -> None:
    submit = submit_payments(engine.container, FunctionMetrics("bench"))
    stated = _spread(now())
    while batch := [document(each) for each in islice(stated, BATCH)]:
        submit(batch, INGEST, wait=True, traceparents=[None] * len(batch))


def _fill(engine: Engine, scored: Engine) -> None:
    """Copy the payments; half of the alerts and reports is closed."""
    target = engine.container.engine
    copy_payments(scored.container.engine, target, COPIES, timedelta(days=DAYS) / COPIES)
    with writing(target) as connection:
        connection.execute(_DESKS)
        connection.execute(_FILED)


def _provision(engine: Engine) -> None:
    """Create rules and a list, and run ANALYZE on PostgreSQL."""
    container = engine.container
    for number in range(RULES):
        rule = {**next(iter(DEFAULT_RULES.values())), "name": f"rule {number}"}
        write_rule(container).create(rule, "bench")
    write_list(container).create(LIST, "measured", "bench")
    drafts = [EntryDraft(f"ZA-{n}", "measured", None) for n in range(LISTED)]
    write_list(container).put_many(LIST, drafts, "bench")
    if container.engine.dialect.name == "postgresql":  # autovacuum does this later
        with looking(container.engine) as connection:
            connection.execute(text("VACUUM ANALYZE"))


def _spread(end: datetime) -> Iterator[dict[str, Any]]:
    """Generate payments of the last days; one in 50 raises an alert, one in 100 a report."""
    scored = PAYMENTS // COPIES
    step = timedelta(days=DAYS) / COPIES / scored
    for number, each in enumerate(payments(scored)):
        at = end - step * (scored - number)
        stated = {**each, "id": f"p{number:09}", "occurred_at": rfc3339.to_text(at)}
        if number % 200 == 3:  # noqa: PLR2004 - one account pays often
            stated["sender_id"] = "ZA-17"
        if number % 50 == 0:
            stated |= {"amount_zar": "750000.00", "channel": "pos"}
        if number % 100 == 1:
            stated |= {"amount_zar": "60000.00", "channel": "branch", "rail": "cash"}
        yield stated


def _measure(client: Client) -> Iterator[tuple[Query, list[float]]]:
    for query in QUERIES:
        address = query.address(now())
        if query.deep:
            address = _deep(client, address)
        _timed(client, address)
        yield query, [_timed(client, address) for _ in range(REPEATED)]


def _deep(client: Client, address: str) -> str:
    joint = "&" if "?" in address else "?"
    page = address
    for _ in range(DEEP):
        answer = client.get(f"{page}{'&' if '?' in page else '?'}limit=200").get_json()
        if answer["next_cursor"] is None:
            break
        page = f"{address}{joint}cursor={answer['next_cursor']}"
    return page


def _timed(client: Client, address: str) -> float:
    began = perf_counter()
    answer = client.get(address)
    took = perf_counter() - began
    if answer.status_code != 200:  # noqa: PLR2004 - an HTTP status
        raise RuntimeError(f"{address}: {answer.status_code} {answer.text}")
    return took


def _print(console: Console, measured: dict[str, dict[Query, list[float]]]) -> None:
    rows = []
    for query in QUERIES:
        row = {"what": query.name}
        for name, found_times in measured.items():
            times = found_times[query]
            row |= {
                f"{name} p50": milliseconds(percentile(times, 0.5)),
                f"{name} slowest": milliseconds(max(times)),
            }
        rows.append(row)
    title = f"{PAYMENTS:,} payments, a page of 50, {REPEATED} times each"
    print_table(console, title, rows)
    missed = [
        f"{name}: {query.name}"
        for name, times in measured.items()
        for query in QUERIES
        if percentile(times[query], 0.5) > AIM
    ]
    console.print(f"p50 above {milliseconds(AIM)}: {', '.join(missed) or 'none'}")


def _print_sizes(console: Console, kept: dict[str, dict[str, int]]) -> None:
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
