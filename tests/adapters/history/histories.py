"""Empty histories for tests, and payments of few accounts within few hours."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import count
from typing import Final, Protocol

from hypothesis import strategies as st

from risksentinel.adapters.memory.history import MemoryHistory
from risksentinel.adapters.redis.history import RedisHistory
from risksentinel.domain.account_side import BOUNDS, Bounds
from risksentinel.domain.history import Snapshot
from risksentinel.domain.label import Finding, Label, LabelSource
from risksentinel.domain.money import Money
from risksentinel.domain.reviewed import Labelled
from risksentinel.domain.transaction import MAX_CLOCK_SKEW, Channel, Rail, Transaction
from risksentinel.ports.history import Remembered, Withheld
from tests.strategies import NOW, few_parties, money

WINDOW: Final = timedelta(seconds=300)
TIGHT: Final = Bounds(paid=4, received=3, beneficiaries=2)
LONG_TIMEOUT: Final = 5.0  # what is tested here is not how fast the machine is

_ids = count()
_edges = [
    span + timedelta(microseconds=moment)
    for span in (timedelta(0), WINDOW, MAX_CLOCK_SKEW, timedelta(hours=24))
    for moment in (-1, 0, 1)
]
edge_moments = st.sampled_from([NOW - age for age in _edges]) | st.integers(0, 3600).map(
    lambda seconds: NOW - timedelta(seconds=seconds)
)
fresh_ids = st.builds(lambda: f"t{next(_ids)}")
payments = st.builds(
    Transaction,
    id=fresh_ids | st.sampled_from(["same", "id"]),
    sender_id=few_parties,
    receiver_id=few_parties,
    amount=money,
    channel=st.just(Channel.POS),
    occurred_at=edge_moments,
    rail=st.sampled_from([None, Rail.CASH, Rail.EFT]),
    device_id=st.sampled_from([None, "phone", "tablet"]),
)


def payment(
    sender: str = "A",
    receiver: str = "B",
    at: datetime = NOW,
    *,
    name: str | None = None,
    cents: int = 100,
) -> Transaction:
    """One payment; without an id it gets a new one."""
    itself = name or f"t{next(_ids)}"
    return Transaction(itself, sender, receiver, Money.of_cents(cents), Channel.POS, at)


def labelled(paid: Transaction, standing: Finding | None, known_at: datetime) -> Labelled:
    """What the payment turned out to be."""
    said = Label(
        transaction_id=paid.id,
        source=LabelSource.CHARGEBACK,
        version=1,
        finding=standing or Finding.WITHDRAWN,
        reported_by="desk",
        reported_at=known_at,
        occurred_at=paid.occurred_at,
        written_at=known_at,
    )
    return Labelled(paid, said, None, standing)


class History(Protocol):
    """What both histories do."""

    def label(self, batch: Sequence[Labelled]) -> None:
        """Learn what payments turned out to be."""

    def record(self, batch: Sequence[Transaction]) -> list[Snapshot]:
        """Record each payment in order."""

    def withhold(self, batch: Sequence[Withheld]) -> None:
        """Take payments out of the habits."""

    def rebuild(self, payments: Iterable[Remembered]) -> int:
        """Begin again with these."""


class Fresh(Protocol):
    """Makes an empty history, one at a time."""

    def __call__(self, bounds: Bounds = BOUNDS) -> History:
        """Empty the last one."""


def fresh_memory(bounds: Bounds = BOUNDS) -> History:
    """One in memory."""
    return MemoryHistory(WINDOW, bounds=bounds)


@dataclass(frozen=True)
class FreshRedis:
    """One in this Redis."""

    url: str
    opened: dict[Bounds, RedisHistory] = field(default_factory=dict)

    def __call__(self, bounds: Bounds = BOUNDS) -> RedisHistory:
        """Empty what was recorded before; the connections stay."""
        if bounds not in self.opened:
            self.opened[bounds] = RedisHistory(
                self.url, WINDOW, bounds=bounds, timeout=LONG_TIMEOUT, clock=lambda: NOW
            )
        self.opened[bounds].clear()
        return self.opened[bounds]

    def close(self) -> None:
        """Leave nothing behind."""
        for history in self.opened.values():
            history.clear()
            history.close()
