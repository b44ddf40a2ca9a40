"""explained: what PostgreSQL does for the queries of a call, read off its own account."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import Engine, event

_SMALL: Final = 5_000  # rows


@dataclass(frozen=True, slots=True)
class Plan:
    """How one query went."""

    query: str
    root: dict[str, Any]

    def nodes(self) -> Iterator[dict[str, Any]]:
        """Every step that was made; those that were planned and not needed are left out."""
        waiting = [self.root]
        while waiting:
            node = waiting.pop()
            if node["Actual Loops"]:
                yield node
            waiting += node.get("Plans", [])

    @property
    def pages(self) -> int:
        """The number of 8 KB pages that the query read."""
        pages: int = self.root["Shared Hit Blocks"] + self.root["Shared Read Blocks"]
        return pages

    @property
    def scanned(self) -> set[str]:
        """The tables that the query scanned completely; for small tables that is the best plan."""
        return {
            node["Relation Name"]
            for node in self.nodes()
            if node["Node Type"] == "Seq Scan"
            and node["Actual Rows"] + node.get("Rows Removed by Filter", 0) > _SMALL
        }

    def touched(self, table: str) -> set[str]:
        """The partitions of a table that the query read."""
        names = (node.get("Relation Name", "") for node in self.nodes())
        return {name for name in names if name.startswith(f"{table}_2")}


def explained(engine: Engine, call: Callable[[], object]) -> list[Plan]:
    """The plans of the queries that the call makes, with what they met on the way."""
    plans: list[Plan] = []
    with _explaining(engine, plans):
        call()
    return plans


@contextmanager
def _explaining(engine: Engine, plans: list[Plan]) -> Iterator[None]:
    def explain(_c: object, cursor: Any, query: str, known: Any, *_: object) -> None:  # noqa: ANN401 - the driver's own
        if query.startswith("SELECT") and "pg_advisory" not in query:
            cursor.execute(f"EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) {query}", known)
            plans.append(Plan(query, cursor.fetchone()[0][0]["Plan"]))

    event.listen(engine, "before_cursor_execute", explain)
    try:
        yield
    finally:
        event.remove(engine, "before_cursor_execute", explain)
