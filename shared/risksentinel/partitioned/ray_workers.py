"""RayWorkers: both stages as tasks of a Ray cluster; what they return stays in its object store.

The driver holds counts and references only. Ray is Apache-2.0; of Ray and Spark, Ray was chosen by
measuring (docs/performance.md).
"""

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Generic

from risksentinel.domain.verdict import Decision
from risksentinel.partitioned.event_files import EventFiles
from risksentinel.scoring.partitions.senders import Result
from risksentinel.scoring.partitions.stages import Decisions, Known, Sides, Stages

_Refs = list[Any]  # ray.ObjectRef, which has no types


@dataclass(frozen=True, slots=True)
class Work(Generic[Result]):
    """What a worker opens for itself: the files, and the stages with the policy."""

    files: Callable[[], EventFiles]
    stages: Callable[[], Stages[Result]]


@contextmanager
def cluster(address: str | None, workers: int) -> Iterator[None]:
    """Use the cluster at `host:port` or `ray://host:port`; None: `workers` on this machine."""
    os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")  # noqa: TID251 - Ray's own, not ours
    import ray

    if address is None:
        ray.init(num_cpus=workers, include_dashboard=False, log_to_driver=False)
    else:
        ray.init(address=address, log_to_driver=False)
    try:
        yield
    finally:
        ray.shutdown()


class RayWorkers(Generic[Result]):
    """Meets `passes.Workers`."""

    def __init__(self, work: Work[Result], partitions: int) -> None:
        import ray

        self._get, self._work, self._count = ray.get, ray.put(work), partitions
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
        for counts, *parts in found.values():
            for of_sender, (count, part) in enumerate(zip(self._get(counts), parts, strict=True)):
                if count:
                    self._sides[of_sender].append(part)
                    self._new_sides[of_sender].append(part)

    def senders(self, *, again: bool) -> int:
        """Decide the payments; return how many decisions changed."""
        self._changed = [[] for _ in self._sides]
        found = {
            partition: self._senders.remote(
                self._work, partition, again, self._own[partition], len(known), *known, *new
            )
            for partition, (known, new) in enumerate(zip(self._sides, self._new_sides, strict=True))
            if new or not again
        }
        changed = 0
        for partition, (counts, results, own, *parts) in found.items():
            self._results[partition].append(results)
            self._own[partition] = own
            for of_receiver, (count, part) in enumerate(zip(self._get(counts), parts, strict=True)):
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
    partition: int,
    again: bool,  # noqa: FBT001
    own: Decisions,
    known: int,
    *parts: Sides,
) -> tuple[Any, ...]:
    sides = _merged(*parts[:known])
    asked = _merged(*parts[known:]) if again else None
    events = work.files().read(partition)
    found = work.stages().senders(partition, events, Known(sides, asked, own))
    counts = [len(each) for each in found.decisions]
    decisions: dict[int, Decision] = _merged(own, *found.decisions)
    return (counts, found.results, decisions, *found.decisions)


def _merged(*parts: dict[int, Any]) -> dict[int, Any]:
    """Return all entries; of an order the latest, as passes are in order."""
    merged: dict[int, Any] = {}
    for part in parts:
        merged |= part
    return merged
