"""fold_rule_figures: past days without their shards, and no row that nothing reads."""

from typing import Final

from sqlalchemy import Engine, delete, inspect, text

from risksentinel.adapters.sql.engine import writing
from risksentinel.adapters.sql.tables import rule_figures
from risksentinel.domain.rule_watch import MAX_DAYS

KEPT_DAYS: Final = 2 * MAX_DAYS  # the longest window, and the year before it
_SETTLED: Final = 7  # days after which few units add to a day
# A row that a unit has locked is left for the next run, so that neither waits for the other.
_FOLD: Final = text("""
WITH chosen AS (
    SELECT day, rule_set, shard FROM rule_figures
    WHERE day <= :settled AND shard > 0 FOR UPDATE SKIP LOCKED
), gone AS (
    DELETE FROM rule_figures USING chosen
    WHERE rule_figures.day = chosen.day AND rule_figures.rule_set = chosen.rule_set
    AND rule_figures.shard = chosen.shard
    RETURNING rule_figures.*
), folded AS (
    INSERT INTO rule_figures (day, rule_set, shard, rules, payments, alerts)
    SELECT day, rule_set, 0, max(rules), sum(payments), sum(alerts) FROM gone
    GROUP BY day, rule_set ORDER BY day, rule_set
    ON CONFLICT (day, rule_set, shard) DO UPDATE
    SET payments = rule_figures.payments + excluded.payments,
        alerts = rule_figures.alerts + excluded.alerts
)
SELECT count(*) FROM gone
""")


def fold_rule_figures(engine: Engine, today: int) -> tuple[int, int]:
    """Add the shards of each day that is settled, and delete days older than KEPT_DAYS.

    Answers the numbers of rows that were added to others, and that were deleted. SQLite has no
    shards. The sums stay as they are, and payments can be scored meanwhile.
    """
    old = delete(rule_figures).where(rule_figures.c.day <= today - KEPT_DAYS)
    with writing(engine) as connection:
        if not inspect(connection).has_table(rule_figures.name):  # before migration 0018
            return 0, 0
        deleted = len(connection.execute(old.returning(rule_figures.c.day)).all())
        folded = 0
        if connection.dialect.name == "postgresql":
            folded = int(connection.execute(_FOLD, {"settled": today - _SETTLED}).scalar_one())
    return folded, deleted
