"""page_plans: how a database reads the rows of a call's queries.

On PostgreSQL each query runs with EXPLAIN (ANALYZE, BUFFERS). On SQLite the plan is read with
EXPLAIN QUERY PLAN, and the steps of the query itself are counted.
"""

import re
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any, Final

from sqlalchemy import Connection, Engine, event, text

from risksentinel.adapters.sql.engine import looking
from tests.adapters.sql.plans import Plan, explained

_MAX_PAGES: Final = 600
_MAX_STEPS: Final = 20_000
_SMALL: Final = 5_000  # rows: PostgreSQL scans a month of so few payments
_STEPS: Final = 100  # of SQLite's virtual machine, between two counts
_READ: Final = re.compile(r"(?:SEARCH|SCAN) (\w+)(?: USING (?:COVERING )?INDEX (\w+))?")
_WHOLE: Final = text(
    "SELECT part.relname AS part, whole.relname AS whole FROM pg_inherits "
    "JOIN pg_class part ON part.oid = inhrelid JOIN pg_class whole ON whole.oid = inhparent "
    "WHERE whole.relnamespace = current_schema()::regnamespace"
)


@dataclass(frozen=True, slots=True)
class PagePlan:
    """How one query reads: the indexes by table, the tables that it scans, and the effort."""

    query: str
    effort: int  # pages of 8 KB on PostgreSQL, steps of the virtual machine on SQLite
    sorts: bool
    scanned: frozenset[str]
    indexes: Mapping[str, frozenset[str]]


Call = Callable[[], object]


@dataclass(frozen=True, slots=True)
class Explained:
    """A filled database, how it explains the queries of a call, and the limit of effort.

    A planner that `knows_values` may look for a frequent value in the order of time.
    """

    engine: Engine
    explain: Callable[[Call], list[PagePlan]]
    limit: int
    knows_values: bool


def explained_postgresql(engine: Engine) -> Explained:
    """Explain calls on PostgreSQL."""
    with looking(engine) as connection:
        wholes = {row.part: row.whole for row in connection.execute(_WHOLE)}

    def explain(call: Call) -> list[PagePlan]:
        return [_of_postgresql(plan, wholes) for plan in explained(engine, call)]

    return Explained(engine, explain, _MAX_PAGES, knows_values=True)


def _of_postgresql(plan: Plan, wholes: Mapping[str, str]) -> PagePlan:
    indexes: dict[str, set[str]] = defaultdict(set)
    scanned: set[str] = set()
    sorts = False
    for node in plan.nodes():
        sorts = sorts or node["Node Type"] in ("Sort", "Incremental Sort")
        if not _rows(node):
            continue
        relation = node.get("Relation Name", "")  # a bitmap's index names no relation
        if node["Node Type"] == "Seq Scan" and _rows(node) > _SMALL:
            scanned.add(wholes.get(relation, relation))
        if "Index Name" in node:
            index = wholes.get(node["Index Name"], node["Index Name"])
            indexes[wholes.get(relation, relation)].add(index)
    return PagePlan(plan.query, plan.pages, sorts, frozenset(scanned), _frozen(indexes))


def _rows(node: Mapping[str, Any]) -> float:
    """The rows that a step met; a step in an empty month, or beside a period, meets none."""
    rows: float = node["Actual Rows"] + node.get("Rows Removed by Filter", 0)
    return rows


def explained_sqlite(engine: Engine) -> Explained:
    """Explain calls on SQLite; each plan has the steps of all queries of the call."""

    def explain(call: Call) -> list[PagePlan]:
        found: list[PagePlan] = []
        steps = [0]

        def count() -> int:
            steps[0] += _STEPS
            return 0

        def before(
            connection: Connection,
            _cursor: object,
            query: str,
            known: Any,  # noqa: ANN401 - the driver's own
            *_: object,
        ) -> None:
            if query.startswith("SELECT"):
                line: Any = connection.connection.driver_connection
                lines = [row[3] for row in line.execute(f"EXPLAIN QUERY PLAN {query}", known)]
                found.append(_of_sqlite(query, lines))
                line.set_progress_handler(count, _STEPS)

        with _listening(engine, before):
            call()
        return [replace(plan, effort=steps[0]) for plan in found]

    return Explained(engine, explain, _MAX_STEPS, knows_values=False)


def _of_sqlite(query: str, lines: list[str]) -> PagePlan:
    indexes: dict[str, set[str]] = defaultdict(set)
    scanned: set[str] = set()
    for line in lines:
        read = _READ.match(line)
        if read is not None and read[2] is not None:
            indexes[read[1]].add(read[2])
        elif read is not None:
            scanned.add(read[1])
    sorts = any("TEMP B-TREE" in line for line in lines)
    return PagePlan(query, 0, sorts, frozenset(scanned), _frozen(indexes))


def _frozen(indexes: Mapping[str, set[str]]) -> Mapping[str, frozenset[str]]:
    return {table: frozenset(names) for table, names in indexes.items()}


@contextmanager
def _listening(engine: Engine, before: Callable[..., None]) -> Iterator[None]:
    event.listen(engine, "before_cursor_execute", before)
    try:
        yield
    finally:
        event.remove(engine, "before_cursor_execute", before)
