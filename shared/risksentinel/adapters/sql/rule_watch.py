"""SqlRuleWatch: the rules that fired on the payments of a window, from their daily figures."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

from sqlalchemy import Connection, Engine, Row, func, literal, or_, select, true

from risksentinel.adapters.sql.chunks import among
from risksentinel.adapters.sql.engine import reading
from risksentinel.adapters.sql.hourly_figures import ALERT, hour_of
from risksentinel.adapters.sql.labelled_fired import labelled_fired
from risksentinel.adapters.sql.tables import fraud_rules, hourly_figures, rule_figures
from risksentinel.domain.rule_watch import MAX_DAYS, SetCount, WatchedRule, WatchedRules, Window
from risksentinel.errors import NotFound

MAX_SETS: Final = 50_000  # of weeks and sets of rules
MAX_LABELLED: Final = 5_000  # payments: their receipts are read
_WEEK: Final = 7
_ROW: Final = rule_figures.c
_PAYMENTS: Final = func.sum(_ROW.payments)
_RULE: Final = select(
    fraud_rules.c.id, fraud_rules.c.name, fraud_rules.c.active, fraud_rules.c.created_at
)


@dataclass(frozen=True, slots=True)
class SqlRuleWatch:
    """Meets `ports.RuleWatch` on SQLite and PostgreSQL."""

    engine: Engine

    def watched(self, window: Window, rule_id: str | None = None) -> WatchedRules:
        """What is stored of the window, in one snapshot. Raises NotFound."""
        with reading(self.engine) as connection:
            sets = _sets(connection, window)
            fired = {rule for each in sets for rule in each.rules}
            asked = fired if rule_id is None else fired | {rule_id}
            rules = _rules(connection, asked)
            if rule_id is not None and rule_id not in rules:
                raise NotFound("there is no such rule")
            silent = [each.id for each in rules.values() if each.active and each.id not in fired]
            last = _last_fired(connection, window, silent)
            payments = sum(each.payments for each in sets)
            labelled, labels_complete = labelled_fired(connection, window, MAX_LABELLED)
            return WatchedRules(
                window=window,
                rules={
                    name: replace(each, last_fired=last.get(name)) for name, each in rules.items()
                },
                sets=sets,
                labelled=labelled,
                complete=payments == _decided(connection, window),
                labels_complete=labels_complete,
            )


def _sets(connection: Connection, window: Window) -> Sequence[SetCount]:
    """The sets of each week, those with the most payments first, MAX_SETS at most."""
    ago = (literal(window.last) - _ROW.day) // literal(_WEEK)
    query = (
        select(
            ago.label("ago"),
            func.max(_ROW.rules).label("rules"),
            _PAYMENTS.label("payments"),
            func.sum(_ROW.alerts).label("alerts"),
        )
        .where(_ROW.day.between(window.first, window.last))
        .group_by(ago, _ROW.rule_set)
        .order_by(_PAYMENTS.desc(), ago, _ROW.rule_set)
        .limit(MAX_SETS)
    )
    return [_set(row) for row in connection.execute(query)]


def _set(row: Row[Any]) -> SetCount:
    return SetCount(row.ago, tuple(row.rules.split()), int(row.payments), int(row.alerts))


def _decided(connection: Connection, window: Window) -> int:
    """The payments of the window that were decided, as the dashboard counts them."""
    figure = hourly_figures.c
    query = select(func.sum(figure.counted)).where(
        figure.hour.between(hour_of(window.since), hour_of(window.until) - 1),
        figure.figure != ALERT,
    )
    return int(connection.execute(query).scalar_one() or 0)


def _rules(connection: Connection, ids: Collection[str]) -> Mapping[str, WatchedRule]:
    """The active rules, and those of these ids."""
    mine = or_(fraud_rules.c.active == true(), among(connection, fraud_rules.c.id, sorted(ids)))
    rows = connection.execute(_RULE.where(mine).order_by(fraud_rules.c.id))
    return {row.id: WatchedRule(row.id, row.name, bool(row.active), row.created_at) for row in rows}


def _last_fired(connection: Connection, window: Window, ids: Sequence[str]) -> Mapping[str, int]:
    """The last day on which each rule fired in the year before the window."""
    if not ids:
        return {}
    before = Window(window.first - 1, MAX_DAYS)
    newest = func.max(_ROW.day)
    query = (
        select(newest.label("day"), func.max(_ROW.rules).label("rules"))
        .where(_ROW.day.between(before.first, before.last))
        .group_by(_ROW.rule_set)
        .order_by(newest.desc(), _ROW.rule_set)
        .limit(MAX_SETS)
    )
    wanted, last = set(ids), dict[str, int]()
    for row in connection.execute(query):
        for rule in wanted.intersection(row.rules.split()):
            last.setdefault(rule, row.day)
    return last
