"""VerifyTree: recomputes the tree, and compares its roots with tiles, heads and anchors."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field

from risksentinel.domain.ledger_entry import Head
from risksentinel.domain.ledger_fault import Fault
from risksentinel.domain.merkle import TILE_HEIGHT, Frontier
from risksentinel.ports.ledger_log import Leaf


@dataclass(slots=True)
class VerifyTree:
    """Takes the leaves in order. The expected heads are from the database and from anchors."""

    tiles: dict[tuple[int, int], bytes]
    expected: dict[int, list[tuple[str, Head]]] = field(default_factory=dict)  # by size
    frontier: Frontier = field(default_factory=Frontier)
    _good: int = 0  # the size up to which the tree agrees with all tiles and heads

    def expect(self, name: str, heads: Iterable[Head]) -> None:
        """Compare these heads with the tree."""
        for head in heads:
            self.expected.setdefault(head.size, []).append((name, head))

    def take(self, leaf: Leaf) -> Iterator[Fault]:
        """Append the leaf."""
        if leaf.sequence != self.frontier.size:
            missing = self.frontier.size
            yield Fault(missing, f"leaf {missing} of the ledger was removed")
            self.frontier.size = leaf.sequence  # its roots are wrong from here on
        for height, number, root in self.frontier.append(leaf.leaf_hash):
            if self.tiles.pop((height, number), None) != root:
                first = number << height if height == TILE_HEIGHT else self._good
                yield Fault(first, f"the leaves of tile {height}/{number} were changed")
        for name, head in self.expected.pop(self.frontier.size, ()):
            if head.root != self.frontier.root:
                yield Fault(
                    self._good,
                    f"the first {head.size} entries are not those of {name}: one of the entries "
                    f"{self._good} to {head.size - 1} was changed, removed or added",
                )
            else:
                self._good = head.size

    def end(self) -> Iterator[Fault]:
        """Compare what was not met: heads of more leaves than there are."""
        for size, heads in sorted(self.expected.items()):
            for name, _ in heads:
                if size:
                    yield Fault(
                        self.frontier.size,
                        f"{name} has {size} entries, the ledger has {self.frontier.size}: "
                        f"entries from {self.frontier.size} on were removed",
                    )
        for height, number in sorted(self.tiles):
            yield Fault(number << height, f"tile {height}/{number} belongs to no leaves")


def unsigned(name: str, heads: Iterable[Head], is_valid: Callable[[Head], bool]) -> Iterator[Fault]:
    """The heads whose signature is not the key's."""
    for head in heads:
        if head.size and not is_valid(head):
            yield Fault(head.size - 1, f"the signature of {name} of {head.size} entries is wrong")
