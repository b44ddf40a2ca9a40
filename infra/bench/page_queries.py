"""The requests of `infra.bench.pages`: each list with every combination of its filters."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import product
from typing import Final
from urllib.parse import urlencode

from infra.bench.bulk_payment import BUSY, FREQUENT
from risksentinel.adapters.sql.pages import moment_key
from risksentinel.domain.named_list import fold
from risksentinel.http.cursor_pages import cursor_of
from risksentinel.text import rfc3339

LIST: Final = "bench"
LISTED: Final = 50_000  # entries
Pairs = tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Query:
    """One request; a filter's value `<n` is the time n days ago, `>n` the date n days ago.

    `after` is the position before a deep page: a time `<n`, or the value of a list's entry.
    """

    path: str
    filters: Pairs = ()
    after: str = ""

    @property
    def kind(self) -> str:
        """The list, or the page, that is requested."""
        return self.path.split("/")[0]

    @property
    def name(self) -> str:
        """The request's name in the table."""
        filters = [f"{name}={value}" for name, value in self.filters]
        return " ".join([self.path, *filters, *([f"after {self.after}"] if self.after else [])])

    def address(self, now: datetime) -> str:
        """Return path and query at this time."""
        values = {name: _value(value, now) for name, value in self.filters}
        if self.after:
            values["cursor"] = _cursor(self.after, now)
        path = f"/api/v1/{self.path}"
        return f"{path}?{urlencode(values)}" if values else path


def _value(value: str, now: datetime) -> str:
    if value[0] not in "<>":
        return value
    then = now - timedelta(days=int(value[1:]))
    return rfc3339.to_text(then) if value[0] == "<" else then.date().isoformat()


def _cursor(after: str, now: datetime) -> str:
    if after[0] != "<":
        return cursor_of((fold(after),))
    return cursor_of(moment_key(now - timedelta(days=int(after[1:])), "p"))


def _each(
    path: str,
    filters: Sequence[tuple[str, Sequence[str]]],
    periods: Sequence[tuple[Pairs, str]] = (((), "<350"),),
) -> Iterator[Query]:
    """Yield the first and a deep page for each choice of a value, or none, for each filter."""
    for values in product(*([None, *some] for _, some in filters)):
        for period, after in periods:
            pairs = zip((name for name, _ in filters), values, strict=True)
            given = (*((name, value) for name, value in pairs if value is not None), *period)
            yield Query(path, given)
            if after:
                yield Query(path, given, after)


QUERIES: Final[Sequence[Query]] = (
    *_each(
        "transactions/",
        (
            ("status", ("approved", "declined", "received")),
            ("sender_id", (BUSY, FREQUENT, "unknown")),
            ("risk_level", ("low", "medium", "critical")),
        ),
        (
            ((), "<350"),
            ((("from", "<2"),), ""),
            ((("to", "<200"),), "<300"),
            ((("from", "<300"), ("to", "<100")), "<250"),
            ((("from", "<2"), ("to", "<1")), ""),
        ),
    ),
    *(
        Query(f"transactions/p{number:09}{rest}")
        for number in (1_001, 50_000)
        for rest in ("", "/score")
    ),
    *_each(
        "alerts/",
        (
            ("severity", ("high", "critical")),
            ("status", ("open", "resolved", "acknowledged")),
            ("assignee", ("desk-1", "unknown")),
        ),
    ),
    *_each(
        "reports/",
        (
            ("kind", ("CTR", "IFTR")),
            ("status", ("open", "filed")),
            ("transaction_id", ("p000001001",)),
        ),
        (
            ((), "<5"),
            ((("due_from", ">2"),), ""),
            ((("due_to", ">200"),), "<250"),
            ((("due_from", ">300"), ("due_to", ">100")), "<150"),
            ((("due_from", ">2"), ("due_to", ">-2")), ""),
        ),
    ),
    *_each("rules/", (("active_only", ("true",)),), (((), "<0"),)),
    Query("lists/"),
    Query(f"lists/{LIST}/entries"),
    Query(f"lists/{LIST}/entries", after="za-25000"),
    *(Query(f"lists/{LIST}/entries", (("value", value),)) for value in ("za-17", "unknown")),
    *(
        Query(f"dashboard/{each}", days)
        for each in ("summary", "risk-trend")
        for days in ((), (("days", "7"),), (("days", "31"),))
    ),
)
