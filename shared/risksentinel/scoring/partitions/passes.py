"""settle: both stages again until no decision changes.

A decision changes the state of the receiver, and so the facts of later payments to it. The first
pass counts every payment as approved for its receiver; each further pass decides again what the
changed decisions of the pass before concern. After pass n at least the first n payments are decided
as one process decides them, and all after the last pass: then every payment was decided with the
states that its own decisions give. In practice few passes are needed, and each is smaller.
"""

from typing import Final, Protocol

MAX_PASSES: Final = 1_000


class Workers(Protocol):
    """Runs the two stages in all partitions, and keeps what they return."""

    def receivers(self, *, again: bool) -> None:
        """Compute the states of receivers; `again`: of those with changed decisions only."""

    def senders(self, *, again: bool) -> int:
        """Decide; `again`: only where a state changed. Return how many decisions changed."""


def settle(workers: Workers) -> int:
    """Run passes until no decision changes; return their number.

    Raises:
        RuntimeError: the decisions still change after MAX_PASSES.
    """
    for number in range(1, MAX_PASSES + 1):
        workers.receivers(again=number > 1)
        if not workers.senders(again=number > 1):
            return number
    raise RuntimeError(f"decisions still change after {MAX_PASSES} passes")
