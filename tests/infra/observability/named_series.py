"""The metrics and labels that a PromQL expression names, found by promql-parser."""

from dataclasses import dataclass, field
from typing import Final

from promql_parser import AggregateExpr, BinaryExpr, Expr, VectorSelector, parse, walk

GRAFANA_RANGE: Final = "$__rate_interval"  # Grafana replaces it; any duration parses in its place


@dataclass(slots=True)
class NamedSeries:
    """Each metric with the labels of its matchers, and the labels of by, on, without, ignoring."""

    metrics: dict[str, set[str]] = field(default_factory=dict)
    groups: set[str] = field(default_factory=set)

    def add(self, expression: Expr) -> None:
        """Add what one node of the parsed expression names, without its children."""
        if isinstance(expression, VectorSelector):
            either = [expression.matchers.matchers, *expression.matchers.or_matchers]
            labels = self.metrics.setdefault(expression.name or "", set())
            labels |= {matcher.name for matchers in either for matcher in matchers}
        elif isinstance(expression, AggregateExpr) and expression.modifier:
            self.groups |= set(expression.modifier.labels)
        elif isinstance(expression, BinaryExpr) and expression.modifier:
            matching = expression.modifier.matching
            self.groups |= set(matching.labels if matching else ())
            self.groups |= set(expression.modifier.group_labels or ())


def named_series(expression: str) -> NamedSeries:
    """Parse a PromQL expression, or one of Grafana's; a wrong one raises ValueError."""
    found = NamedSeries()
    walk(parse(expression.replace(GRAFANA_RANGE, "5m")), pre_visit=found.add)
    return found
