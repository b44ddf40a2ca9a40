from collections import Counter
from contextlib import closing
from dataclasses import dataclass
from time import monotonic
from typing import Any, cast

import pytest

from risksentinel.adapters.kafka.clients import end_rebalance, open_consumer, partition_of, resume
from risksentinel.adapters.kafka.records import Record
from risksentinel.adapters.kafka.sender import KafkaSender
from risksentinel.adapters.kafka.types import Partition


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
        """Whether the member must rejoin."""
        return self.needed

    def poll(self, timeout_ms: int) -> None:
        """Rejoin."""
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


def test_what_was_paused_is_read_to_its_end(servers: str, sender: KafkaSender, topic: str) -> None:
    """Back-pressure that never ends would stop every payment of these partitions."""
    both, each = {partition_of(topic, 0), partition_of(topic, 1)}, 500
    for number in (0, 1):
        sender.send([Record(topic, b"k", b"%d" % n, (), partition=number) for n in range(each)])
    read: Counter[Partition] = Counter()

    def poll_until(total: int) -> None:
        deadline = monotonic() + 10
        while read.total() < total and monotonic() < deadline:
            resume(consumer, both - consumer.paused())
            read.update({held: len(some) for held, some in consumer.poll(timeout_ms=100).items()})

    with closing(cast("Any", open_consumer(servers, 10.0, max_poll_records=50))) as consumer:
        consumer.assign(both)
        poll_until(50)
        (begun,) = read
        consumer.pause(begun)
        poll_until(50 + each)
        resume(consumer, {begun})
        poll_until(2 * each)

    assert read.total() == 2 * each
