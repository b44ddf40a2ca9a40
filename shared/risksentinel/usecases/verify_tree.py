"""VerifyTree: recomputes the tree, and compares its roots with tiles, heads and anchors."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Final

from risksentinel.domain.ledger_entry import Head
from risksentinel.domain.ledger_fault import Fault
from risksentinel.domain.merkle import HASH_BYTES, TILE_HEIGHT, Frontier
from risksentinel.ports.ledger_log import ChainState, HeadSigner, Leaf

_WRONG: Final = bytes(HASH_BYTES)  # for the roots of leaves that are missing


@dataclass(slots=True)
class VerifyTree:
    """Takes the leaves in order. The expected heads are from the database and from anchors."""

    tiles: dict[tuple[int, int], bytes]
    signer: HeadSigner | None
    expected: dict[int, list[tuple[str, Head]]] = field(default_factory=dict)  # by size
    frontier: Frontier = field(default_factory=Frontier)
    _good: int = 0  # the size up to which the tree agrees with all heads

    def expect(self, name: str, heads: Iterable[Head]) -> Iterator[Fault]:
        """Compare these heads with the tree; a head that the key did not sign says nothing."""
        for head in heads:
            if self.signer is not None and head.size and not self.signer.is_valid(head):
                what = f"{name} of {head.size} entries was changed: its signature is wrong"
                yield Fault(head.size - 1, what)
            else:
                self.expected.setdefault(head.size, []).append((name, head))

    def take(self, sequence: int, leaf_hash: bytes) -> Iterator[Fault]:
        """Append a leaf."""
        if sequence != self.frontier.size:
            missing = self.frontier.size
            yield Fault(missing, f"leaf {missing} of the ledger was removed")
            self.frontier = Frontier(sequence, [_WRONG] * sequence.bit_count())
        for height, number, root in self.frontier.append(leaf_hash):
            if self.tiles.pop((height, number), None) != root:
                yield self._wrong_tile(height, number)
        for name, head in self.expected.pop(self.frontier.size, ()):
            if head.root == self.frontier.root:
                self._good = head.size
                continue
            what = (
                f"the first {head.size} entries are not those of {name}: one of the entries "
                f"{self._good} to {head.size - 1} was changed, removed or added"
            )
            yield Fault(self._good, what, head.size)

    def end(self, state: ChainState, last: Leaf | None) -> Iterator[Fault]:
        """Compare what was not met: heads of more leaves than there are, and more leaves."""
        size = self.frontier.size
        for expected, heads in sorted(self.expected.items()):
            for name, _ in heads if expected else ():
                what = (
                    f"{name} has {expected} entries, the ledger has {size}: entries from {size} on "
                    "were removed"
                )
                yield Fault(size, what)
        if size > state.head.size:
            yield Fault(state.head.size, f"leaves from {state.head.size} on were added")
        elif size == state.head.size and state.frontier != self.frontier.packed():
            yield Fault(None, "the frontier of the head was changed")
        if last is not None and state.last.entry != last.entry_id:
            yield Fault(None, "the last entry of the head was changed")
        for height, number in sorted(self.tiles):
            what = f"tile {height}/{number} was added: it belongs to no leaves"
            yield Fault(number << height, what, (number + 1) << height)

    def _wrong_tile(self, height: int, number: int) -> Fault:
        end = (number + 1) << height
        first = number << height if height == TILE_HEIGHT else min(self._good, end - 1)
        what = (
            f"tile {height}/{number} is not the root of its leaves: the tile or one of the entries "
            f"{first} to {end - 1} was changed"
        )
        return Fault(first, what, end)
