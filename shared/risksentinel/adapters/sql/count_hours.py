"""count_hours: the hourly figures, counted from the stored payments and alerts."""

from collections.abc import Mapping
from typing import Final

from sqlalchemy import Connection, text

_SQLITE: Final = {
    "hour": "{time} / 3600000000",
    "upper": "sum(s.amount_zar / 1000000000)",
    "lower": "sum(s.amount_zar % 1000000000)",
    "score": "sum(s.score)",
}
_POSTGRESQL: Final = {
    "hour": "CAST(floor(extract(epoch FROM {time}) / 3600) AS bigint)",
    "upper": "CAST(sum(div(s.amount_zar * 100, 1000000000)) AS bigint)",
    "lower": "CAST(sum(mod(s.amount_zar * 100, 1000000000)) AS bigint)",
    "score": "CAST(sum(s.score * 10000) AS bigint)",
}
_COLUMNS: Final = (
    "INSERT INTO hourly_figures "
    "(hour, figure, shard, counted, cents_upper, cents_lower, score_total) "
)
_PAYMENTS: Final = """
SELECT {hour}, s.decision, 0, count(*), {upper}, {lower}, {score}
FROM risk_scores s
JOIN transactions t ON t.id = s.transaction_id AND t.received_at = s.received_at
GROUP BY 1, 2
"""
_ALERTS: Final = "SELECT {hour}, 'alert', 0, count(*), 0, 0, 0 FROM alerts GROUP BY 1"
_EMPTY: Final = "DELETE FROM hourly_figures"
# Waits for the commit of units that write to these tables; later units wait for this transaction.
_LOCK: Final = "LOCK TABLE hourly_figures, risk_scores, alerts IN SHARE ROW EXCLUSIVE MODE"


def count_hours(connection: Connection) -> None:
    """Replace all hourly figures, in the connection's current transaction.

    Units that write payments or alerts wait until the transaction ends.
    """
    postgresql = connection.dialect.name == "postgresql"
    words: Mapping[str, str] = _POSTGRESQL if postgresql else _SQLITE
    if postgresql:
        connection.execute(text(_LOCK))
    connection.execute(text(_EMPTY))
    for query, time in ((_PAYMENTS, "t.occurred_at"), (_ALERTS, "raised_at")):
        hour = words["hour"].format(time=time)
        connection.execute(text(_COLUMNS + query.format(**{**words, "hour": hour})))
