from collections.abc import Collection
from concurrent.futures import ThreadPoolExecutor
from threading import Event

from risksentinel.adapters.memory.history import MemoryHistory
from risksentinel.ports.history import Past, Remembered
from tests.adapters.history.histories import WINDOW, payment


def test_what_was_not_heard_of_for_longest_is_forgotten_first() -> None:
    """A process's memory is bounded, whatever senders come by."""
    history = MemoryHistory(WINDOW, max_parties=2)

    snapshots = history.record([payment(sender) for sender in "ABACB"])

    assert [snapshot.sender.payments for snapshot in snapshots] == [0, 0, 1, 0, 0]


class SlowPast:
    """Reads the history of account A only after a signal."""

    def __init__(self) -> None:
        self.asked, self.go_on = Event(), Event()

    def past(self, payers: Collection[str], payees: Collection[str]) -> Past:  # noqa: ARG002
        """One payment of each sender."""
        if "A" in payers:
            self.asked.set()
            assert self.go_on.wait(timeout=30)
        return Past([Remembered(payment(each)) for each in payers], ())


def test_payments_of_others_go_on_while_the_past_of_an_account_is_read() -> None:
    """An account with 100,000 payments takes seconds, and other payments must not wait for it."""
    kept = SlowPast()
    history = MemoryHistory(WINDOW, kept=kept)
    with ThreadPoolExecutor(1) as pool:
        slow = pool.submit(history.record, [payment("A", "C")])
        assert kept.asked.wait(timeout=30)

        (quick,) = history.record([payment("D", "E")])

        assert not slow.done()
        kept.go_on.set()
        (late,) = slow.result(timeout=30)
    assert [quick.sender.payments, late.sender.payments] == [1, 1]
