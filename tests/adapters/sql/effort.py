"""EFFORT: how far a property goes where each example is written to a disk."""

from typing import Final

from hypothesis import settings

EFFORT: Final = settings(deadline=None, max_examples=40)  # a disk has its moments
