"""The tree of RFC 6962, held against published vectors and against its definition."""

from collections.abc import Sequence
from hashlib import sha256
from typing import Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from risksentinel.domain.merkle import (
    EMPTY_ROOT,
    TILE_HEIGHT,
    Frontier,
    inclusion_proof,
    leaf_hash,
    node_hash,
    proven_root,
)

# The inputs and roots of certificate-transparency's merkle_tree_test, which others repeat.
INPUTS: Final = [
    bytes.fromhex(each)
    for each in (
        "",
        "00",
        "10",
        "2021",
        "3031",
        "40414243",
        "5051525354555657",
        "606162636465666768696a6b6c6d6e6f",
    )
]
ROOTS: Final = (
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
)


def defined_root(leaves: Sequence[bytes]) -> bytes:
    """The root as RFC 6962, section 2.1, defines it."""
    if len(leaves) < 2:
        return leaves[0] if leaves else EMPTY_ROOT
    left = 1 << ((len(leaves) - 1).bit_length() - 1)
    return node_hash(defined_root(leaves[:left]), defined_root(leaves[left:]))


def test_the_roots_are_the_published_ones() -> None:
    """Third parties check proofs with their own implementation."""
    frontier = Frontier()

    roots = []
    for entry in INPUTS:
        frontier.append(leaf_hash(entry))
        roots.append(frontier.root.hex())

    assert tuple(roots) == ROOTS
    assert sha256(b"").digest() == EMPTY_ROOT


@given(st.integers(1, 600), st.data())
def test_each_leaf_is_proven_to_the_root(size: int, data: st.DataObject) -> None:
    """A proof is made from stored subtrees, and checked without them."""
    leaves = [leaf_hash(b"%d" % number) for number in range(size)]
    frontier, tiles = Frontier(), {}
    for leaf in leaves:
        for height, number, root in frontier.append(leaf):
            tiles[height, number] = root
        frontier = Frontier.unpacked(frontier.size, frontier.packed())
    sequence = data.draw(st.integers(0, size - 1))

    def node(height: int, number: int) -> bytes:
        return defined_root(leaves[number << height : (number + 1) << height])

    path = inclusion_proof(sequence, size, node)

    assert frontier.root == defined_root(leaves)
    assert proven_root(leaves[sequence], sequence, size, path) == frontier.root
    assert tiles == {
        (TILE_HEIGHT, number): node(TILE_HEIGHT, number) for number in range(size >> TILE_HEIGHT)
    }


def test_a_path_of_another_length_proves_nothing() -> None:
    """A path that is too long could hide another leaf."""
    with pytest.raises(ValueError, match="too long"):
        proven_root(EMPTY_ROOT, 0, 1, [EMPTY_ROOT])
    with pytest.raises(ValueError, match="too short"):
        proven_root(EMPTY_ROOT, 0, 2, [])
    with pytest.raises(ValueError, match="not the frontier"):
        Frontier.unpacked(2, b"")
