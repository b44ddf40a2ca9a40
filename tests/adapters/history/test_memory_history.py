from risksentinel.adapters.memory_history import MemoryHistory
from tests.adapters.history.histories import WINDOW, payment


def test_what_was_not_heard_of_for_longest_is_forgotten_first() -> None:
    """A process's memory is bounded, whatever senders come by."""
    history = MemoryHistory(WINDOW, max_parties=2)

    snapshots = history.record([payment(sender) for sender in "ABACB"])

    assert [snapshot.sender.payments for snapshot in snapshots] == [0, 0, 1, 0, 0]
