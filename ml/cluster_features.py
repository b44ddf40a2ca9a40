"""cluster_backfill: the features of `backfill`, computed by partitions of accounts on Ray.

The functions are those of a backtest on a cluster (ADR 28): the first stage computes the state of
each receiver, the second the features and the decision of each payment, in the order of its sender.
"""

import heapq
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple
from uuid import uuid4

import numpy as np

from ml.arrow_storage import ROOT, ArrowStorage, storage_at
from ml.backfill import Advance, Backfill, Flags
from ml.dataset import UNKNOWN, Dataset, Integers
from ml.disk_matrix import empty_matrix
from ml.engine_decision import decision, signal_risks
from risksentinel.domain.history import Snapshot
from risksentinel.domain.verdict import Decision
from risksentinel.partitioned.event_files import EventFiles, partitions_for
from risksentinel.partitioned.ray_cluster import cluster
from risksentinel.partitioned.ray_workers import SENDERS, RayWorkers, Work
from risksentinel.scoring.features.batch import Options
from risksentinel.scoring.features.matrix import features
from risksentinel.scoring.partitions.passes import settle
from risksentinel.scoring.partitions.past_events import PastEvent, PastLabel, PastPayment
from risksentinel.scoring.partitions.stages import Stages
from risksentinel.scoring.policy import Policy
from risksentinel.scoring.signals import SIGNALS


class Features(NamedTuple):
    """The decision and the features of one payment; `risks` of each signal, if it is tried."""

    decision: Decision
    row: bytes  # float32, in the order of FEATURES
    risks: Sequence[float] | None


@dataclass(frozen=True, slots=True)
class Cluster:
    """A Ray cluster: its address or `local` with so many workers, and the storage of the events."""

    address: str
    storage: str
    workers: int = 2


@dataclass(frozen=True, slots=True)
class FeatureWork:
    """What each task of the cluster gets; `tried` are the orders of the payments to try."""

    storage: ArrowStorage
    folder: str
    partitions: int
    options: Options
    policy: Policy
    tried: frozenset[int]

    def files(self) -> EventFiles:
        """The payments and labels."""
        return EventFiles(self.storage, self.folder, self.partitions)

    def stages(self) -> Stages[Features]:
        """The two stages, with the features."""
        return Stages(self.measured, self.policy.velocity_window_seconds, self.partitions)

    def measured(self, asked: Sequence[tuple[PastPayment, Snapshot]]) -> list[Features]:
        """Meets `partitions.senders.Decide`."""
        payments = [past.payment for past, _ in asked]
        matrix = features(payments, [snapshot.habits for _, snapshot in asked], self.options)
        return [
            Features(
                decision(past.payment, snapshot, self.policy) if past.given is None else past.given,
                row.tobytes(),
                signal_risks(past.payment, snapshot, self.policy)
                if past.order in self.tried
                else None,
            )
            for (past, snapshot), row in zip(asked, matrix, strict=True)
        ]


def cluster_backfill(  # noqa: PLR0913 - what is computed, where, and where it is kept
    data: Dataset,
    options: Options,
    policy: Policy,
    advance: Advance,
    *,
    tried: Flags | None,
    file: Path,
    on: Cluster,
) -> Backfill:
    """Compute what `backfill` computes, to the last digit; the matrix is in `file`.

    Raises:
        Misconfigured: Ray is not installed, or the cluster or the storage cannot be used.
        Unavailable: the storage or the cluster does not answer.
    """
    storage, folder = storage_at(on.storage), f"{ROOT}/{uuid4().hex}"
    partitions = partitions_for(len(data))
    orders = np.empty(len(data), dtype=np.int64)
    places = np.flatnonzero(tried) if tried is not None else np.empty(0, dtype=np.int64)
    with cluster(on.address, on.workers):
        try:
            EventFiles(storage, folder, partitions).write(_events(data, orders))
            asked = frozenset(orders[places].tolist())
            work = FeatureWork(storage, folder, partitions, options, policy, asked)
            workers = RayWorkers[Features](
                Work(work.files, work.stages),
                partitions,
                lambda stage, count: advance(count if stage == SENDERS else 0),
            )
            settle(workers)
            return _gathered(workers, orders, file)
        finally:
            storage.remove(folder)


def _gathered(workers: RayWorkers[Features], orders: Integers, file: Path) -> Backfill:
    """Write the features of one partition after the other to their places."""
    count = len(orders)
    matrix = empty_matrix(count, file)
    decisions: list[Decision] = [Decision.APPROVE] * count
    risks = np.full((count, len(SIGNALS)), np.nan)
    for part in workers.results():
        for place, found in zip(
            np.searchsorted(orders, list(part)).tolist(), part.values(), strict=True
        ):
            matrix[place] = np.frombuffer(found.row, dtype=np.float32)
            decisions[place] = found.decision
            if found.risks is not None:
                risks[place] = found.risks
    return Backfill(matrix, decisions, np.full(count, None, dtype=object), risks)


def _events(data: Dataset, orders: Integers) -> Iterator[PastEvent]:
    """Yield payments and labels by time, and write the order of each payment to `orders`."""
    waiting: list[tuple[int, int, PastPayment]] = []
    given = data.decisions or [None] * len(data)
    at, known_at, fraud = data.at.tolist(), data.known_at.tolist(), data.fraud.tolist()
    order = 0
    for place, payment in enumerate(data.payments):
        while waiting and waiting[0][0] <= at[place]:
            known, _, past = heapq.heappop(waiting)
            yield _label(order, known, past)
            order += 1
        label = None if fraud[place] == UNKNOWN else bool(fraud[place])
        past = PastPayment(order, payment, payment.occurred_at, given[place], fraud=label)
        orders[place] = order
        yield past
        if label is not None:
            heapq.heappush(waiting, (known_at[place], place, past))
        order += 1


def _label(order: int, known_at: int, past: PastPayment) -> PastLabel:
    """A genuine label only clears a payment under review, as in `backfill`."""
    moment = datetime.fromtimestamp(known_at, UTC)
    return PastLabel(
        order, past.order, past.payment, moment, past.fraud, only_clears=past.fraud is False
    )
