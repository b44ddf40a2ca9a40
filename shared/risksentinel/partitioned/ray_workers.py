"""RayWorkers: both stages as tasks of a Ray cluster; what they return stays in its object store.

The driver holds counts and references only. Ray is Apache-2.0; of Ray and Spark, Ray was chosen by
measuring (ADR 28).
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Generic, Protocol

from risksentinel.domain.verdict import Decision
from risksentinel.partitioned.event_files import EventFiles
from risksentinel.scoring.partitions.past_events import PastEvent
from risksentinel.scoring.partitions.senders import Result
from risksentinel.scoring.partitions.stages import Changed, Decisions, Known, Sides, Stages

_Refs = list[Any]  # ray.ObjectRef, which has no types
Moved = Callable[[str, int], None]
RECEIVERS, SENDERS = "receivers", "senders"  # the stages, for progress


class Kept(Protocol[Result]):
    """Where a worker keeps what it decided; a stopped run finds it there, and does not repeat it.

    The decisions of a pass depend on the events and the policy only, so that they are the same
    whenever they are computed.
    """

    def find(self, number: int, partition: int) -> tuple[int, Sequence[Decisions]] | None:
        """The number of results of this pass and partition, and its decisions; None without."""

    def keep(
        self, number: int, partition: int, events: Iterable[PastEvent], changed: Changed[Result]
    ) -> None:
        """Keep results and decisions; `events` has the payments of all results."""


@dataclass(frozen=True, slots=True)
class Work(Generic[Result]):
    """What a worker opens for itself: the files, and the stages with the policy.

    With `kept` results are there, and not in Ray's object store.
    """

    files: Callable[[], EventFiles]
    stages: Callable[[], Stages[Result]]
    kept: Callable[[], Kept[Result]] | None = None


def _unseen(_stage: str, _payments: int) -> None:
    """Show no progress."""


class RayWorkers(Generic[Result]):
    """Meets `passes.Workers`; `moved` gets the payments of each partition of the first pass."""

    def __init__(self, work: Work[Result], partitions: int, moved: Moved = _unseen) -> None:
        import ray

        self._get, self._work, self._count = ray.get, ray.put(work), partitions
        self._moved, self._pass = moved, 0
        self._receivers = ray.remote(_receivers).options(num_returns=1 + partitions)
        self._senders = ray.remote(_senders).options(num_returns=3 + partitions)
        self._merged = ray.remote(_merged)
        every = range(partitions)
        self._sides: list[_Refs] = [[] for _ in every]  # of all passes
        self._new_sides: list[_Refs] = [[] for _ in every]
        self._decisions: list[_Refs] = [[] for _ in every]  # of receivers, of all passes
        self._changed: list[_Refs] = [[] for _ in every]
        self._own: _Refs = [ray.put({}) for _ in every]  # decisions of senders
        self._results: list[_Refs] = [[] for _ in every]

    def receivers(self, *, again: bool) -> None:
        """Compute the states of receivers."""
        self._new_sides = [[] for _ in self._sides]
        found = {
            partition: self._receivers.remote(
                self._work, partition, again, len(known), *known, *self._changed[partition]
            )
            for partition, known in enumerate(self._decisions)
            if not again or self._changed[partition]
        }
        for refs, *parts in found.values():
            counts = self._get(refs)
            if not again:
                self._moved(RECEIVERS, sum(counts))
            for of_sender, (count, part) in enumerate(zip(counts, parts, strict=True)):
                if count:
                    self._sides[of_sender].append(part)
                    self._new_sides[of_sender].append(part)

    def senders(self, *, again: bool) -> int:
        """Decide the payments; return how many decisions changed."""
        self._changed = [[] for _ in self._sides]
        self._pass += 1
        found = {
            partition: self._senders.remote(
                self._work,
                (self._pass, partition),
                again,
                self._own[partition],
                len(known),
                *known,
                *new,
            )
            for partition, (known, new) in enumerate(zip(self._sides, self._new_sides, strict=True))
            if new or not again
        }
        changed = 0
        for partition, (refs, results, own, *parts) in found.items():
            payments, *counts = self._get(refs)
            if not again:
                self._moved(SENDERS, payments)
            self._results[partition].append(results)
            self._own[partition] = own
            for of_receiver, (count, part) in enumerate(zip(counts, parts, strict=True)):
                if count:
                    changed += count
                    self._changed[of_receiver].append(part)
        for known, new in zip(self._decisions, self._changed, strict=True):
            known.extend(new)
        return changed

    def results(self) -> Iterator[dict[int, Result]]:
        """Yield the results of one partition after the other, by the order of the payment."""
        for parts in self._results:
            yield self._get(self._merged.remote(*parts))


def in_turn(task: Callable[..., Any], arguments: Iterable[Sequence[Any]]) -> Iterator[Any]:
    """Run a function of the cluster on all of these arguments; yield the results in order."""
    import ray

    remote = ray.remote(task)
    yield from map(ray.get, [remote.remote(*each) for each in arguments])


def _receivers(
    work: Work[Result],
    partition: int,
    again: bool,  # noqa: FBT001 - a task takes its objects as single arguments
    known: int,
    *parts: Decisions,
) -> tuple[Any, ...]:
    decisions: Decisions = _merged(*parts[:known])
    changed = _merged(*parts[known:]) if again else None
    events = work.files().read(partition)
    found = work.stages().receivers(partition, events, decisions, changed)
    return ([len(each) for each in found], *found)


def _senders(
    work: Work[Result],
    at: tuple[int, int],  # the pass, and the partition
    again: bool,  # noqa: FBT001
    own: Decisions,
    known: int,
    *parts: Sides,
) -> tuple[Any, ...]:
    kept = None if work.kept is None else work.kept()
    found = None if kept is None else kept.find(*at)
    results: Mapping[int, Result] = {}
    if found is None:
        sides = _merged(*parts[:known])
        asked = _merged(*parts[known:]) if again else None
        events = list(work.files().read(at[1]))
        changed = work.stages().senders(at[1], events, Known(sides, asked, own))
        found = len(changed.results), changed.decisions
        if kept is None:
            results = changed.results
        else:
            kept.keep(*at, events, changed)
    payments, decisions = found
    merged: dict[int, Decision] = _merged(own, *decisions)
    return ([payments, *map(len, decisions)], results, merged, *decisions)


def _merged(*parts: dict[int, Any]) -> dict[int, Any]:
    """Return all entries; of an order the latest, as passes are in order."""
    merged: dict[int, Any] = {}
    for part in parts:
        merged |= part
    return merged
