"""HourlyFigures: the counts and sums that one unit adds to the hourly figures.

A figure is a decision, counted in the hour in which the payment occurred, or ALERT, counted in the
hour in which the alert was raised. Units that commit at the same time add to different rows of one
hour: each connection has a shard, so that no unit waits for the commit of another unit.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final

from risksentinel.adapters.sql.driver import Line
from risksentinel.adapters.sql.types import EPOCH
from risksentinel.domain.alert import Alert
from risksentinel.domain.verdict import Scored

ALERT: Final = "alert"
SHARDS: Final = 32
CENTS: Final = 10**9  # cents_upper counts these: whole sums of cents overflow SQLite's 64 bits
_HOUR: Final = timedelta(hours=1)
_SUMS: Final = ("counted", "cents_upper", "cents_lower", "score_total")


def hour_of(moment: datetime) -> int:
    """The hour of the moment, counted since 1970 in UTC."""
    return (moment - EPOCH) // _HOUR


@dataclass(slots=True)
class HourlyFigures:
    """What one unit adds for each hour and figure: a count, cents in two parts, scores x 10,000."""

    _sums: dict[tuple[int, str], list[int]] = field(
        default_factory=lambda: defaultdict(lambda: [0, 0, 0, 0])
    )

    def count_payments(self, batch: Iterable[Scored]) -> None:
        """Count payments, each in the hour in which it occurred."""
        for each in batch:
            payment, verdict = each.transaction, each.verdict
            sums = self._sums[hour_of(payment.occurred_at), verdict.decision.value]
            upper, lower = divmod(int(payment.amount.amount.scaleb(2)), CENTS)
            sums[0] += 1
            sums[1] += upper
            sums[2] += lower
            sums[3] += int(verdict.score.scaleb(4))

    def count_alerts(self, batch: Iterable[Alert]) -> None:
        """Count alerts, each in the hour in which it was raised."""
        for alert in batch:
            self._sums[hour_of(alert.raised_at), ALERT][0] += 1

    def rows(self, line: Line) -> Sequence[dict[str, Any]]:
        """The rows to add, sorted by key: so two units never wait for rows of each other."""
        if not self._sums:
            return []
        shard = shard_of(line)
        return [
            {
                "hour": hour,
                "figure": figure,
                "shard": shard,
                **dict(zip(_SUMS, sums, strict=True)),
            }
            for (hour, figure), sums in sorted(self._sums.items())
        ]


def shard_of(line: Line) -> int:
    """The shard to which units of this connection add."""
    # SQLite has one writer at a time.
    return line.postgresql.info.backend_pid % SHARDS if line.is_postgresql else 0
