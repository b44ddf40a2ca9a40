from dataclasses import dataclass
from typing import Any, cast

import pytest

from risksentinel.adapters.kafka_clients import end_rebalance


@dataclass
class Coordinator:
    """kafka-python's, as far as a rebalance goes."""

    rejoining: bool
    needed: bool
    polled_ms: int = 0

    def request_rejoin(self) -> None:
        """Remember that the group must be joined."""
        self.needed = True

    def need_rejoin(self) -> bool:
        """Whether it must."""
        return self.needed

    def poll(self, timeout_ms: int) -> None:
        """Join it."""
        self.polled_ms = timeout_ms


@dataclass
class Consumer:
    """A consumer with such a coordinator."""

    _coordinator: Coordinator


@pytest.mark.parametrize(
    ("rejoining", "needed", "polled_ms"),
    [(False, False, 0), (False, True, 3000), (True, True, 3000), (True, False, 3000)],
)
def test_a_rebalance_that_began_is_brought_to_its_end(
    *, rejoining: bool, needed: bool, polled_ms: int
) -> None:
    """kafka-python forgets the last one of these, and the member never reads again."""
    coordinator = Coordinator(rejoining, needed)

    end_rebalance(cast("Any", Consumer(coordinator)), 3000)

    assert coordinator.polled_ms == polled_ms
