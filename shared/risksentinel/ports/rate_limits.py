"""RateLimit: how much one caller may use."""

from typing import Protocol


class RateLimit(Protocol):
    """Counts what each caller uses."""

    def take(self, caller: str, cost: int) -> float | None:
        """Count `cost` for the caller; the seconds to wait if that is too much, else None.

        What is refused is not counted. A cost beyond the whole limit counts as the whole limit.
        """
