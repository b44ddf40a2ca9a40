"""ScoreTogether: payments of concurrent requests are scored and committed as one batch.

Group commit: while one batch is scored and stored, the payments of other requests wait, and are the
next batch. Nothing waits for a batch to fill up, so a request alone is as fast as without. A batch
of 8 takes about a third of the processor time of 8 payments alone.
"""

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field
from threading import TIMEOUT_MAX, Event, Lock
from time import monotonic
from typing import Final

from risksentinel import deadline
from risksentinel.domain.transaction import Transaction
from risksentinel.errors import Conflict, Late, Unavailable
from risksentinel.ports.environment import TraceContexts
from risksentinel.ports.stored_payment import StoredVerdict
from risksentinel.usecases.score_transactions import ScoreTransactions

MAX_TOGETHER: Final = 64  # payments in a batch of several requests
MAX_JOINING: Final = 8  # a request with more payments is a batch of its own
MAX_WAIT_SECONDS: Final = 1.0

Answers = list[StoredVerdict | Conflict]


@dataclass(slots=True, eq=False)
class _Waiting:
    """A request that waits for its answers, or for its turn to score the next batch."""

    batch: Sequence[Transaction]
    source: str
    origins: TraceContexts
    since: float = field(default_factory=monotonic)
    turn: Event = field(default_factory=Event)
    leads: bool = False  # whether it scores the next batch
    answers: Answers | None = None
    error: Exception | None = None

    @property
    def is_answered(self) -> bool:
        """Whether the request was scored, or failed."""
        return self.answers is not None or self.error is not None

    def result(self) -> Answers:
        """The answers. Raises the error of the batch."""
        if self.error is not None or self.answers is None:
            raise self.error or Unavailable("scoring")
        return self.answers


class ScoreTogether:
    """Score small batches of concurrent requests together, `at_once` batches at a time.

    A request with more payments is a batch of its own; one such request is scored at a time.
    """

    def __init__(self, score: ScoreTransactions, at_once: int = 1) -> None:
        self._score = score
        self._free = at_once
        self._lock, self._alone = Lock(), Lock()
        self._queue: deque[_Waiting] = deque()

    def __call__(
        self,
        batch: Sequence[Transaction],
        source: str,
        origins: TraceContexts,
        *,
        learn_only: bool = False,
    ) -> Answers:
        """As ScoreTransactions; a failure of one request's payments is not the others'.

        Raises:
            Unavailable: the database did not answer; nothing was stored. A request that has waited
                for MAX_WAIT_SECONDS while another batch failed with this error fails with it.
            Late: the deadline of this thread has passed.
        """
        if learn_only or len(batch) > MAX_JOINING:
            return self._score_alone(batch, source, origins, learn_only=learn_only)
        mine = _Waiting(batch, source, origins)
        if not self._starts(mine) and not mine.turn.wait(deadline.left(TIMEOUT_MAX)):
            self._leave(mine)
        if not mine.is_answered:
            self._lead(mine)
        return mine.result()

    def _score_alone(
        self,
        batch: Sequence[Transaction],
        source: str,
        origins: TraceContexts,
        *,
        learn_only: bool,
    ) -> Answers:
        """Score a request that is a batch of its own, one such request at a time.

        Two at the same time do not end sooner, both end late, and each takes tens of MiB.
        """
        if not self._alone.acquire(timeout=deadline.left(TIMEOUT_MAX)):
            raise Late("scoring")
        try:
            return self._score(batch, source, origins, learn_only=learn_only)
        finally:
            self._alone.release()

    def _starts(self, mine: _Waiting) -> bool:
        """Whether this request scores the next batch; otherwise the request joins the queue."""
        with self._lock:
            if self._free:
                self._free -= 1
                return True
            self._queue.append(mine)
            return False

    def _leave(self, mine: _Waiting) -> None:
        """Stop waiting at the deadline, unless it is this request's turn just now.

        Raises:
            Late: the payments may still be scored with another request's, and keep that verdict.
        """
        with self._lock:
            if mine.leads:
                return
            if mine in self._queue:
                self._queue.remove(mine)
        if not mine.is_answered:
            raise Late("scoring")

    def _lead(self, mine: _Waiting) -> None:
        """Score the payments of this request and of the first requests in the queue."""
        group = self._joined(mine)
        try:
            self._score_group(group)
        finally:
            self._hand_over(group)

    def _joined(self, mine: _Waiting) -> Sequence[_Waiting]:
        group, size = [mine], len(mine.batch)
        with self._lock:
            while self._queue and self._queue[0].source == mine.source:
                size += len(self._queue[0].batch)
                if size > MAX_TOGETHER:
                    break
                group.append(self._queue.popleft())
        return group

    def _hand_over(self, group: Sequence[_Waiting]) -> None:
        """Wake the group, and let the first request of the queue score the next batch."""
        failed = next((one.error for one in group if isinstance(one.error, Unavailable)), None)
        with self._lock:
            late = self._late() if failed is not None else []
            following = self._queue.popleft() if self._queue else None
            if following is None:
                self._free += 1
            else:
                following.leads = True
        for one in late:
            one.error = failed
        for one in group:
            if not one.is_answered:  # the thread of the leader was interrupted
                one.error = Unavailable("scoring")
        for one in (*group, *late):
            one.turn.set()
        if following is not None:
            following.turn.set()

    def _late(self) -> list[_Waiting]:
        """Take the requests out of the queue that need not wait for another failure."""
        until, late = monotonic() - MAX_WAIT_SECONDS, list[_Waiting]()
        while self._queue and self._queue[0].since <= until:
            late.append(self._queue.popleft())
        return late

    def _score_group(self, group: Sequence[_Waiting]) -> None:
        try:
            self._score_all(group)
        except Unavailable as error:
            for one in group:
                one.error = error
        except Exception as error:  # noqa: BLE001  # a bug, or a text that the database refuses
            if len(group) == 1:
                group[0].error = error
                return
            for one in group:  # find whose it is
                self._score_group([one])

    def _score_all(self, group: Sequence[_Waiting]) -> None:
        batch = [payment for one in group for payment in one.batch]
        origins = {name: trace for one in reversed(group) for name, trace in one.origins.items()}
        answers = iter(self._score(batch, group[0].source, origins))
        for one in group:
            one.answers = [next(answers) for _ in one.batch]
