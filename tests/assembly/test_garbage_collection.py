"""Garbage collection of a process that is ready."""

import gc

from risksentinel.assembly.garbage_collection import THRESHOLDS, rare_collections


def test_collections_are_rare_within_the_block_only() -> None:
    """A program that embeds the engine has its own setting before and after."""
    before = gc.get_threshold()

    with rare_collections():
        within, excluded = gc.get_threshold(), gc.get_freeze_count()

    assert within == THRESHOLDS
    assert excluded
    assert (gc.get_threshold(), gc.get_freeze_count()) == (before, 0)
