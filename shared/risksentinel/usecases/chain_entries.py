"""ChainEntries: appends committed entries to the ledger's tree, in the order of their commits."""

from dataclasses import dataclass
from typing import Final

from risksentinel.domain.ledger_entry import Head
from risksentinel.domain.merkle import Frontier, Tile
from risksentinel.ports.environment import Clock
from risksentinel.ports.ledger_log import (
    Appended,
    ChainState,
    HeadSigner,
    Leaf,
    LedgerLog,
    Pending,
    Place,
)

MAX_AT_ONCE: Final = 2_000  # entries of one transaction: about 30 ms


@dataclass(frozen=True, slots=True)
class ChainEntries:
    """One pass appends at most MAX_AT_ONCE entries. Concurrent passes append no entry twice."""

    log: LedgerLog
    signer: HeadSigner | None
    clock: Clock

    def __call__(self) -> int:
        """Append the next entries; answers their number. Raises Unavailable."""
        pending = self.log.pending(MAX_AT_ONCE)
        if not pending.entries:
            return 0
        new = self._appended(pending)
        return len(new.leaves) if self.log.append(pending.state, new) else 0

    def _appended(self, pending: Pending) -> Appended:
        before = pending.state
        frontier = Frontier.unpacked(before.head.size, before.frontier)
        leaves: list[Leaf] = []
        tiles: list[Tile] = []
        for _, entry in pending.entries:
            leaf = Leaf(frontier.size, entry.id, entry.at, entry.leaf)
            tiles += frontier.append(leaf.leaf_hash)
            leaves.append(leaf)
        commit, last = pending.entries[-1]
        head = Head(frontier.size, frontier.root, self.clock())
        if self.signer is not None:
            head = self.signer.sign(head)
        return Appended(leaves, tiles, ChainState(head, frontier.packed(), Place(commit, last.id)))
