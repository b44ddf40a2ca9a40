"""Claims about time, made on machines that others use too."""

import pytest

# It holds if it holds once: a processor that somebody else has says nothing of our code.
in_time = pytest.mark.flaky(reruns=4, reruns_delay=1)
