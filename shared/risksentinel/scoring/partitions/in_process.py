"""InProcess: the stages of all partitions in this process, one after the other."""

from collections.abc import Sequence
from typing import Generic

from risksentinel.domain.verdict import Decision
from risksentinel.scoring.partitions.past_events import PastEvent
from risksentinel.scoring.partitions.senders import Result
from risksentinel.scoring.partitions.stages import Decisions, Known, Sides, Stages


class InProcess(Generic[Result]):
    """Meets `passes.Workers`; `results` has the result of each payment by its order."""

    def __init__(self, stages: Stages[Result], events: Sequence[PastEvent]) -> None:
        self.results: dict[int, Result] = {}
        self._stages, self._events = stages, events
        count = stages.partitions
        self._sides: list[Sides] = [{} for _ in range(count)]
        self._new_sides: list[Sides] = []
        self._decisions: list[Decisions] = [{} for _ in range(count)]
        self._changed: list[Decisions] = []

    def receivers(self, *, again: bool) -> None:
        """Compute the states of receivers."""
        self._new_sides = [{} for _ in self._sides]
        for partition, decisions in enumerate(self._decisions):
            changed = self._changed[partition] if again else None
            found = self._stages.receivers(partition, self._events, decisions, changed)
            for all_sides, new_sides, sides in zip(
                self._sides, self._new_sides, found, strict=True
            ):
                all_sides.update(sides)
                new_sides.update(sides)

    def senders(self, *, again: bool) -> int:
        """Decide the payments; return how many decisions changed."""
        changed: list[Decisions] = [{} for _ in self._sides]
        earlier: dict[int, Decision] = {}
        for decisions in self._decisions:
            earlier |= decisions
        for partition, sides in enumerate(self._sides):
            known = Known(sides, self._new_sides[partition] if again else None, earlier)
            found = self._stages.senders(partition, self._events, known)
            self.results.update(found.results)
            for of_receiver, decisions in zip(changed, found.decisions, strict=True):
                of_receiver.update(decisions)
        for decisions, new in zip(self._decisions, changed, strict=True):
            decisions.update(new)
        self._changed = changed
        return sum(map(len, changed))
