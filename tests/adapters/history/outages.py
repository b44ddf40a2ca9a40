"""A history whose server fails and recovers."""

import time
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from typing import Final

import pytest

from risksentinel.adapters.redis.history import RedisHistory
from risksentinel.domain.transaction import Transaction
from risksentinel.errors import Unavailable
from tests.adapters.history.histories import WINDOW, payment

NOTICED_WITHIN: Final = 0.5  # 0.26 on an idle processor
NOTICED_AGAIN_WITHIN: Final = 0.25  # 0.1 on an idle processor, for all payments after the first one
BATCH_NOTICED_WITHIN: Final = 1.0  # 0.52 on an idle processor, for more than 8 payments
_BACK_WITHIN: Final = 10.0


@contextmanager
def brisk(url: str) -> Iterator[RedisHistory]:
    """A history with the timeouts of single payments."""
    with closing(RedisHistory(url, WINDOW)) as history:
        yield history


def until_it_answers(history: RedisHistory, batch: Sequence[Transaction] = ()) -> None:
    """Record payments until the history answers; fail after 10 s."""
    deadline = time.monotonic() + _BACK_WITHIN
    while True:
        try:
            history.record(batch or [payment()])
        except Unavailable:
            assert time.monotonic() < deadline
            time.sleep(0.02)
        else:
            return


def seconds_to_notice(history: RedisHistory, payments: int) -> float:
    """Return the seconds until `record` raises Unavailable for this number of payments."""
    batch = [payment(f"S{n}") for n in range(payments)]
    start = time.perf_counter()
    with pytest.raises(Unavailable, match="history store does not answer"):
        history.record(batch)
    return time.perf_counter() - start
