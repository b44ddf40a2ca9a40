"""Claims about time, made on machines that others use too."""

import pytest


class TooSlow(AssertionError):
    """It took longer than it may, this time."""


def assert_within(seconds: float, most: float) -> None:
    """It took less."""
    if seconds >= most:
        raise TooSlow(f"{seconds:.3f} s, which is not below {most} s")


# It holds if it holds once: a processor that somebody else has says nothing of our code. Whatever
# else fails, fails at once.
in_time = pytest.mark.flaky(reruns=4, reruns_delay=1, only_rerun=["TooSlow"])
