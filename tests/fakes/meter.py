"""RememberingMeter: a meter that remembers its counts."""

from collections import Counter
from contextlib import AbstractContextManager, nullcontext


class RememberingMeter:
    """Counts stages, decisions and silences."""

    def __init__(self) -> None:
        self.stages: Counter[str] = Counter()
        self.decisions: Counter[str] = Counter()
        self.silences: Counter[str] = Counter()
        self.shadows: Counter[str] = Counter()

    def stage(self, name: str) -> AbstractContextManager[object]:
        """Count a stage."""
        self.stages[name] += 1
        return nullcontext()

    def decision(self, decision: str) -> None:
        """Count a decision."""
        self.decisions[decision] += 1

    def shadowed(self, outcome: str, count: int = 1) -> None:
        """Remember decisions in shadow."""
        self.shadows[outcome] += count

    def silent(self, signal: str) -> None:
        """Count a silence."""
        self.silences[signal] += 1
