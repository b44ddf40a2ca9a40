"""The Merkle tree of RFC 6962, section 2.1: hashes of leaves and nodes, roots, inclusion proofs."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from hashlib import sha256
from typing import Final

EMPTY_ROOT: Final = sha256(b"").digest()
TILE_HEIGHT: Final = 8  # the roots of complete subtrees of height 8, 16, ... are stored: tiles
HASH_BYTES: Final = 32

Tile = tuple[int, int, bytes]  # the height of a complete subtree, its number in its row, its root
Node = Callable[[int, int], bytes]  # the root of a complete subtree, by height and number


def leaf_hash(entry: bytes) -> bytes:
    """The hash of a leaf."""
    return sha256(b"\x00" + entry).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """The hash of an inner node."""
    return sha256(b"\x01" + left + right).digest()


class Frontier:
    """The roots of the complete subtrees that make up a tree: all that appending needs."""

    def __init__(self, size: int = 0, roots: Iterable[bytes] = ()) -> None:
        self.size = size
        self.roots = list(roots)  # the largest subtree first

    def append(self, leaf: bytes) -> Sequence[Tile]:
        """Append a leaf hash; answers the tiles that it completes."""
        tiles: list[Tile] = []
        place, height, root = self.size, 0, leaf
        while place & 1:
            root = node_hash(self.roots.pop(), root)
            place, height = place >> 1, height + 1
            if height % TILE_HEIGHT == 0:
                tiles.append((height, place, root))
        self.roots.append(root)
        self.size += 1
        return tiles

    @property
    def root(self) -> bytes:
        """The root of the tree."""
        if not self.roots:
            return EMPTY_ROOT
        *others, root = self.roots
        for left in reversed(others):
            root = node_hash(left, root)
        return root

    def packed(self) -> bytes:
        """The roots in one text of bytes."""
        return b"".join(self.roots)

    @classmethod
    def unpacked(cls, size: int, packed: bytes) -> "Frontier":
        """The frontier of `size` leaves that `packed` wrote.

        Raises:
            ValueError: a tree of this size has another number of roots.
        """
        roots = [packed[at : at + HASH_BYTES] for at in range(0, len(packed), HASH_BYTES)]
        if len(roots) != size.bit_count() or len(packed) % HASH_BYTES:
            raise ValueError(f"{len(packed)} bytes are not the frontier of {size} leaves")
        return cls(size, roots)


def inclusion_proof(sequence: int, size: int, node: Node) -> list[bytes]:
    """The audit path of leaf `sequence`, counted from 0, in the tree of the first `size` leaves."""
    return list(_path(sequence, 0, size, node))


def proven_root(leaf: bytes, sequence: int, size: int, path: Sequence[bytes]) -> bytes:
    """The root that the path of a leaf leads to (RFC 9162, section 2.1.3.2).

    Raises:
        ValueError: the path is too short or too long.
    """
    place, last, root = sequence, size - 1, leaf
    for sibling in path:
        if last == 0:
            raise ValueError("the inclusion proof is too long")
        if place & 1 or place == last:
            root = node_hash(sibling, root)
            while place and not place & 1:
                place, last = place >> 1, last >> 1
        else:
            root = node_hash(root, sibling)
        place, last = place >> 1, last >> 1
    if last:
        raise ValueError("the inclusion proof is too short")
    return root


def _path(sequence: int, begin: int, end: int, node: Node) -> Iterator[bytes]:
    if end - begin == 1:
        return
    middle = begin + _left(end - begin)
    if sequence < middle:
        yield from _path(sequence, begin, middle, node)
        yield _root(middle, end, node)
    else:
        yield from _path(sequence, middle, end, node)
        yield _root(begin, middle, node)


def _root(begin: int, end: int, node: Node) -> bytes:
    count = end - begin
    if count.bit_count() == 1:
        height = count.bit_length() - 1
        return node(height, begin >> height)
    middle = begin + _left(count)
    return node_hash(_root(begin, middle, node), _root(middle, end, node))


def _left(count: int) -> int:
    """The largest power of two below `count`."""
    return 1 << ((count - 1).bit_length() - 1)
