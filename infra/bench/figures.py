"""Generated payments, percentiles and tables for all benchmarks."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any

from rich.console import Console
from rich.table import Table

from risksentinel.text import rfc3339

SENDERS = 20_000
WIDTH = 160  # characters of a table at most
CHANNELS = ("mobile_banking", "internet_banking", "pos", "ecommerce", "atm")
BEGIN = datetime(2026, 3, 2, 5, 0, tzinfo=UTC)


def payments(count: int, seed: int = 1) -> Iterator[dict[str, Any]]:
    """Generate payments: most amounts are small, senders repeat, one amount in 300 is large."""
    chance = Random(seed)  # noqa: S311 - not for security
    for number in range(count):
        rand = chance.lognormvariate(5, 1) * (100 if chance.random() < 1 / 300 else 1)
        yield {
            "id": f"bench-{seed}-{number}",
            "sender_id": f"ZA-{chance.randrange(SENDERS)}",
            "receiver_id": f"ZA-{chance.randrange(5 * SENDERS)}",
            "amount_zar": f"{rand:.2f}",
            "channel": chance.choice(CHANNELS),
            "occurred_at": rfc3339.to_text(BEGIN + timedelta(seconds=number)),
        }


def percentile(values: Sequence[float], share: float) -> float:
    """Return the percentile of the values; `share` is from 0 to 1."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]


def print_table(console: Console, title: str, rows: Sequence[Mapping[str, str]]) -> None:
    """Print a row for each mapping; the keys of the first one are the columns."""
    console.print(f"\n{title}", style="italic", highlight=False, soft_wrap=True)
    table = Table()
    for name in rows[0]:
        table.add_column(name, justify="left" if name == next(iter(rows[0])) else "right")
    for row in rows:
        table.add_row(*row.values())
    console.print(table)


def microseconds(seconds: float) -> str:
    """Format a duration."""
    return f"{seconds * 1e6:,.1f} µs"


def milliseconds(seconds: float) -> str:
    """Format a duration."""
    return f"{seconds * 1e3:,.2f} ms"
