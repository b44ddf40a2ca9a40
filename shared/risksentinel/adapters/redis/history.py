"""RedisHistory: the history that all processes share; equal to the one in memory."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime, timedelta
from typing import Final

from risksentinel.adapters.redis.client import TIMEOUT, Command, RedisClient
from risksentinel.adapters.redis.history_calls import RETENTION, HistoryCalls, Retention
from risksentinel.adapters.redis.rebuild import forget_all, one_rebuild_at_a_time, replay
from risksentinel.adapters.system_clock import now
from risksentinel.domain.account_side import BOUNDS, Bounds
from risksentinel.domain.history import Snapshot
from risksentinel.domain.reviewed import Labelled
from risksentinel.domain.transaction import Transaction
from risksentinel.ports.environment import Clock
from risksentinel.ports.history import Remembered, Withheld

_PART: Final = "history store"
_WARM_WITHIN: Final = 0.25  # seconds that a start waits for connections
_REBUILD_TIMEOUT: Final = 5.0  # seconds; no payment waits


class RedisHistory:
    """Meets `ports.RebuildableHistory`. Thread-safe; connects at its first use, also to a cluster.

    It has the limits for each account of the history in memory, and limits in time: see Retention.
    A batch takes one round trip for each server; RedisClient limits the time without an answer.
    """

    def __init__(  # noqa: PLR0913 - each has a default but the first two
        self,
        url: str,
        window: timedelta,
        *,
        bounds: Bounds = BOUNDS,
        retention: Retention = RETENTION,
        timeout: float = TIMEOUT,
        clock: Clock = now,
        ca_file: str = "",
    ) -> None:
        self._calls = HistoryCalls(window, bounds, retention)
        self._client = RedisClient(url, self._calls.scripts, _PART, timeout, ca_file)
        self._rebuild_client = RedisClient(
            url, self._calls.scripts, _PART, _REBUILD_TIMEOUT, ca_file
        )
        self._answers, self._clock = retention.answers, clock

    def record(self, batch: Sequence[Transaction]) -> list[Snapshot]:
        """Record each payment in order; a repeated id changes nothing and gets its first snapshot.

        Raises:
            Unavailable: Redis did not answer in time. Some or all payments may be recorded;
                recording them again answers the same snapshots.
        """
        calls = (call for payment in batch for call in self._calls.of(payment))
        replies = iter(self._client.run(calls))
        return [self._calls.snapshot(payment, next(replies), next(replies)) for payment in batch]

    def withhold(self, batch: Sequence[Withheld]) -> None:
        """Remove payments that were not approved from the habits; a repetition changes nothing.

        Raises:
            Unavailable: Redis did not answer in time. Some payments may be removed.
        """
        self._client.run(call for each in batch for call in self._calls.of_withheld(each))

    def catch_up(self, batch: Sequence[Remembered]) -> None:
        """Record stored payments that are missing, in order. Raises Unavailable."""
        self.record([each.transaction for each in batch])
        self.withhold([each.withheld for each in batch if each.withheld is not None])

    def label(self, batch: Sequence[Labelled]) -> None:
        """Apply labels of payments; a repeated label counts once. Raises Unavailable."""
        self._client.run(call for each in batch for call in self._calls.of_label(each))

    def warm_up(self, connections: int) -> None:
        """Open connections now, so that no payment waits for it. Raises Unavailable."""
        self._client.warm_up(connections, _WARM_WITHIN)

    def check(self) -> None:
        """Ping every server. Raises Unavailable."""
        for node in self._client.nodes():
            self._client.run_on(node, [(b"PING",)])

    def clear(self) -> None:
        """Delete the history. Raises Unavailable, or InProgress while a rebuild runs."""
        with one_rebuild_at_a_time(self._rebuild_client) as still_ours:
            forget_all(self._rebuild_client, still_ours)

    def rebuild(self, payments: Iterable[Remembered]) -> int:
        """Delete the history, then record stored payments in order of receipt; answers how many.

        `payments` is read after the deletion. New payments may be recorded meanwhile: recorded
        both ways they count once. Until the end they find an incomplete history. A payment that
        was recorded before the deletion, but committed after the reading began, is missing. After
        an error run the rebuild again.

        Raises:
            Unavailable: Redis does not answer.
            InProgress: another rebuild is running.
        """
        # A repetition of an older payment is answered from the database and never gets here.
        since = self._clock() - self._answers
        with one_rebuild_at_a_time(self._rebuild_client) as still_ours:
            forget_all(self._rebuild_client, still_ours)
            return replay(
                self._rebuild_client,
                payments,
                lambda each: self._again(each, since),
                still_ours,
            )

    def _again(self, each: Remembered, since: datetime) -> Iterator[Command]:
        payment = each.transaction
        yield from self._calls.of(payment, keep_answer=payment.occurred_at > since)
        if each.withheld is not None:
            yield from self._calls.of_withheld(each.withheld)

    def close(self) -> None:
        """Close all connections; the next use opens them again."""
        self._client.close()
        self._rebuild_client.close()
