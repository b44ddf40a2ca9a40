"""The requests of `infra.bench.pages`: each list with every combination of its filters."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import product
from typing import Final
from urllib.parse import urlencode

from risksentinel.text import rfc3339

LIST: Final = "bench"
LISTED: Final = 50_000  # entries
_DAYS: Final = 2  # before now: the values of `from` and `due_from`


@dataclass(frozen=True, slots=True)
class Query:
    """One request; a filter's value `<n` is the time n days ago, `>n` the date n days ago."""

    path: str
    filters: tuple[tuple[str, str], ...] = ()
    deep: bool = False

    @property
    def name(self) -> str:
        """The request's name in the table."""
        filters = [name if value[0] in "<>" else f"{name}={value}" for name, value in self.filters]
        return " ".join([self.path, *filters, *(["(deep page)"] if self.deep else [])])

    def address(self, now: datetime) -> str:
        """Return path and query at this time."""
        values = {name: _value(value, now) for name, value in self.filters}
        path = f"/api/v1/{self.path}"
        return f"{path}?{urlencode(values)}" if values else path


def _value(value: str, now: datetime) -> str:
    if value[0] not in "<>":
        return value
    then = now - timedelta(days=int(value[1:]))
    return rfc3339.to_text(then) if value[0] == "<" else then.date().isoformat()


def _each(path: str, filters: Mapping[str, Sequence[str]]) -> Iterator[Query]:
    """Yield a request for each choice of a value, or none, for each filter, and a deep page."""
    chosen = product(*([None, *values] for values in filters.values()))
    for values in chosen:
        pairs = zip(filters, values, strict=True)
        given = tuple((name, value) for name, value in pairs if value is not None)
        yield Query(path, given)
        if len(given) <= 1:
            yield Query(path, given, deep=True)


QUERIES: Final[Sequence[Query]] = (
    *_each(
        "transactions/",
        {
            "status": ("approved", "declined", "received"),
            "sender_id": ("ZA-17", "unknown"),
            "risk_level": ("low", "critical"),
            "from": ("<2",),
            "to": ("<1",),
        },
    ),
    *_each(
        "alerts/",
        {
            "severity": ("high", "critical"),
            "status": ("open", "resolved", "acknowledged"),
            "assignee": ("desk-1", "unknown"),
        },
    ),
    *_each(
        "reports/",
        {
            "kind": ("CTR", "IFTR"),
            "status": ("open", "filed"),
            "due_from": (">2",),
            "due_to": (">-2",),
            "transaction_id": ("p000000101-7",),
        },
    ),
    *_each("rules/", {"active_only": ("true",)}),
    Query("lists/"),
    *_each(f"lists/{LIST}/entries", {"value": ("za-17", "unknown")}),
    *(Query(f"dashboard/{each}") for each in ("summary", "risk-trend")),
    *(
        Query(f"dashboard/{each}", (("days", days),))
        for each in ("summary", "risk-trend")
        for days in ("7", "31")
    ),
)
