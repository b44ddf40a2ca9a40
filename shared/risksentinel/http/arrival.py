"""The member of a request's environment that has the time of its first byte."""

from typing import Final

ARRIVED: Final = "risksentinel.arrived"  # seconds of time.monotonic
