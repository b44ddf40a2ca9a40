"""History in Redis: what all processes have seen together. Equal to the one in memory."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime, timedelta
from typing import Final

from risksentinel.adapters.redis.client import PATIENCE, Command, RedisClient
from risksentinel.adapters.redis.history_calls import RETENTION, HistoryCalls, Retention
from risksentinel.adapters.redis.rebuild import forget_all, one_rebuild_at_a_time, replay
from risksentinel.adapters.system_clock import now
from risksentinel.domain.account_side import BOUNDS, Bounds
from risksentinel.domain.history import Snapshot
from risksentinel.domain.label import Labelled
from risksentinel.domain.transaction import Transaction
from risksentinel.ports.environment import Clock
from risksentinel.ports.history import Remembered, Withheld

_PART: Final = "history store"
_WARM_WITHIN: Final = 0.25  # seconds that a start may take longer for it
_REBUILD_PATIENCE: Final = 5.0  # nobody waits for it


class RedisHistory:
    """Safe to share between threads; connects when it is first used, to a server or a cluster.

    Bounded by sender and receiver as the one in memory is, and by time: see Retention. A batch
    takes one round trip a server, and no longer than RedisClient says when there is none.
    """

    def __init__(
        self,
        url: str,
        window: timedelta,
        *,
        bounds: Bounds = BOUNDS,
        retention: Retention = RETENTION,
        patience: float = PATIENCE,
        clock: Clock = now,
    ) -> None:
        self._calls = HistoryCalls(window, bounds, retention)
        self._client = RedisClient(url, self._calls.scripts, _PART, patience)
        self._patient = RedisClient(url, self._calls.scripts, _PART, _REBUILD_PATIENCE)
        self._answers, self._clock = retention.answers, clock

    def record(self, batch: Sequence[Transaction]) -> list[Snapshot]:
        """Record each in turn; a repeated id changes nothing and gets its first snapshot.

        Raises:
            Unavailable: Redis did not answer in time. It may have recorded some or all of them;
                recording them again gives the snapshots that it made then.
        """
        calls = (call for payment in batch for call in self._calls.of(payment))
        replies = iter(self._client.run(calls))
        return [self._calls.snapshot(payment, next(replies), next(replies)) for payment in batch]

    def withhold(self, batch: Sequence[Withheld]) -> None:
        """Take payments that were not approved out of the habits; done again, it does nothing.

        Raises:
            Unavailable: Redis did not answer in time. Some may be taken out.
        """
        self._client.run(call for each in batch for call in self._calls.of_withheld(each))

    def label(self, batch: Sequence[Labelled]) -> None:
        """Learn what payments turned out to be. Raises Unavailable; sent again, it counts once."""
        self._client.run(call for each in batch for call in self._calls.of_label(each))

    def warm_up(self, connections: int) -> None:
        """Open them now, so that no payment waits for it. Raises Unavailable."""
        self._client.warm_up(connections, _WARM_WITHIN)

    def check(self) -> None:
        """Hear from every server. Raises Unavailable."""
        for node in self._client.nodes():
            self._client.run_on(node, [(b"PING",)])

    def clear(self) -> None:
        """Forget everything. Raises Unavailable, or InProgress while a rebuild is under way."""
        with one_rebuild_at_a_time(self._patient) as still_ours:
            forget_all(self._patient, still_ours)

    def rebuild(self, payments: Iterable[Remembered]) -> int:
        """Forget everything, then record payments that were kept, in the order in which they came.

        Answers how many. Reading them begins when everything is forgotten. Payments may flow in
        meanwhile: recorded both ways they count once. Until the end they find a history that is
        not complete, and one that was recorded before everything was forgotten, yet kept after
        the reading began, is missing from it. Run it again from the start if it fails.

        Raises:
            Unavailable: Redis does not answer.
            InProgress: another rebuild is under way.
        """
        # Who repeats an older payment finds it in the database and does not come here.
        since = self._clock() - self._answers
        with one_rebuild_at_a_time(self._patient) as still_ours:
            forget_all(self._patient, still_ours)
            return replay(
                self._patient,
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
        self._patient.close()
