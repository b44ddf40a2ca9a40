"""RuleCounts: the payments that one unit adds to the figures of rules.

A payment counts on the South African day on which it occurred, in the row of the set of all rules
that fired on it; the empty set is one of them. So one payment is one row, whatever fired, and the
rows tell how often a rule fired, fired alone, and fired with another rule. Units that commit at the
same time add to different shards, as in hourly_figures.py.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from hashlib import blake2b
from typing import Any, Final

from risksentinel.adapters.sql.driver import Line
from risksentinel.adapters.sql.hourly_figures import shard_of
from risksentinel.domain.local_day import day_of
from risksentinel.domain.verdict import Scored
from risksentinel.scoring.rules_fired import rules_fired

_DIGEST_BYTES: Final = 16
_SETS: Final = 4_096  # digests in memory


@dataclass(slots=True)
class RuleCounts:
    """What one unit adds for each day and set of rules: payments, and alerts among them."""

    _sums: dict[tuple[int, str, str], list[int]] = field(
        default_factory=lambda: defaultdict(lambda: [0, 0])
    )

    def count_payments(self, batch: Iterable[Scored]) -> None:
        """Count payments, each on the day on which it occurred."""
        for each in batch:
            day = day_of(each.transaction.occurred_at)
            sums = self._sums[(day, *_key(rules_fired(each.verdict.explanation)))]
            sums[0] += 1
            sums[1] += each.verdict.alert

    def rows(self, line: Line) -> Sequence[dict[str, Any]]:
        """The rows to add, sorted by key: so two units never wait for rows of each other."""
        if not self._sums:
            return []
        shard = shard_of(line)
        return [
            {
                "day": day,
                "rule_set": rule_set,
                "shard": shard,
                "rules": rules,
                "payments": payments,
                "alerts": alerts,
            }
            for (day, rule_set, rules), (payments, alerts) in sorted(self._sums.items())
        ]


@lru_cache(maxsize=_SETS)
def _key(fired: tuple[str, ...]) -> tuple[str, str]:
    """The digest and the text of a set; an id contains no blank."""
    rules = " ".join(sorted(fired))
    return blake2b(rules.encode(), digest_size=_DIGEST_BYTES).hexdigest(), rules
