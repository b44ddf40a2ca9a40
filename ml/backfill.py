"""backfill: the features and the history of each payment of a file as of the payment's time.

Training, evaluation and serving use one implementation of the history: domain.account_book. As in
the engine, a declined payment never becomes a habit, a reviewed one only once it is labelled
genuine.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final, NamedTuple

import numpy as np
import numpy.typing as npt

from ml.dataset import UNKNOWN, Dataset
from ml.disk_matrix import empty_matrix
from ml.engine_decision import decision, signal_risks
from risksentinel.domain.account_book import AccountBook
from risksentinel.domain.flow import Flow
from risksentinel.domain.history import Habits, PriorState, Snapshot, snapshot_of
from risksentinel.domain.transaction import Transaction
from risksentinel.domain.verdict import Decision
from risksentinel.scoring.features.batch import Options
from risksentinel.scoring.features.matrix import Matrix, features
from risksentinel.scoring.policy import Policy
from risksentinel.scoring.signals import SIGNALS

AT_ONCE: Final = 512
_ALL: Final = 2**31  # accounts: all of a file stay in memory
Advance = Callable[[int], None]  # moves a progress bar on by so many payments
Flags = npt.NDArray[np.bool_]


class BackfillStep(NamedTuple):
    """The habits around one payment, and its decision; `snapshot` is None if it was not wanted."""

    payment: Transaction
    habits: Habits
    decision: Decision
    snapshot: Snapshot | None = None


@dataclass(frozen=True, slots=True)
class Backfill:
    """Features and history of all payments of a file.

    `matrix` has one row for each payment; `decisions` are those of the file, or the engine's own
    without a model; `history` has the snapshot of each wanted payment, and None elsewhere; `risks`
    has the risk of each signal for each tried payment, and NaN elsewhere.
    """

    matrix: Matrix
    decisions: Sequence[Decision]
    history: npt.NDArray[Any]
    risks: npt.NDArray[np.float64]


def backfill(  # noqa: PLR0913 - what is computed, and where it is kept
    data: Dataset,
    options: Options,
    policy: Policy,
    advance: Advance,
    wanted: Flags | None = None,
    tried: Flags | None = None,
    *,
    file: Path | None = None,
) -> Backfill:
    """Compute all inputs of training and evaluation, in one pass over the file.

    With `file` the matrix is there, mapped into memory, and not in memory.
    """
    count = len(data)
    matrix = empty_matrix(count, file)
    history = np.full(count, None, dtype=object)
    risks = np.full((count, len(SIGNALS)), np.nan)
    nothing = np.zeros(count, dtype=np.bool_)
    keep, ask = (nothing if flags is None else flags for flags in (wanted, tried))
    decisions: list[Decision] = []
    waiting: list[tuple[Transaction, Habits]] = []
    for place, step in enumerate(steps(data, policy, keep | ask)):
        decisions.append(step.decision)
        waiting.append((step.payment, step.habits))
        if keep[place] and step.snapshot is not None:
            history[place] = _uncounted(step.snapshot)
        if ask[place] and step.snapshot is not None:
            risks[place] = signal_risks(step.payment, step.snapshot, policy)
        if len(waiting) == AT_ONCE or place + 1 == count:
            payments, habits = zip(*waiting, strict=True)
            matrix[place + 1 - len(waiting) : place + 1] = features(payments, habits, options)
            advance(len(waiting))
            waiting = []
    return Backfill(matrix, decisions, history, risks)


def steps(data: Dataset, policy: Policy, wanted: Flags) -> Iterator[BackfillStep]:
    """Yield every payment in order; the engine's `score` decides where the file has no decision."""
    accounts = _Accounts(data)
    given_decisions: Sequence[Decision | None] = data.decisions or [None] * len(data)
    each = zip(data.payments, given_decisions, wanted.tolist(), strict=True)
    for place, (payment, given, keep) in enumerate(each):
        around = accounts.record(place, payment)
        if given is not None and not keep:
            accounts.decided(place, payment, given)
            yield BackfillStep(
                payment, Habits(around.sender.habits.latest, around.receiver.habits.latest), given
            )
            continue
        snapshot = snapshot_of(payment, around, policy.velocity_window_seconds)
        decided = decision(payment, snapshot, policy) if given is None else given
        accounts.decided(place, payment, decided)
        yield BackfillStep(payment, snapshot.habits, decided, snapshot)


class _Accounts:
    """The accounts of a file; each label is applied at the time at which it became known."""

    def __init__(self, data: Dataset) -> None:
        self._data, self._book = data, AccountBook(_ALL)
        labelled = np.flatnonzero(data.fraud != UNKNOWN)
        order = labelled[np.argsort(data.known_at[labelled], kind="stable")]
        self._order: list[int] = order.tolist()
        self._known_at: list[int] = data.known_at[order].tolist()
        self._at: list[int] = data.at.tolist()
        self._applied = 0
        self._learnt: dict[int, Transaction] = {}  # whose label, if it comes, changes something

    def record(self, place: int, payment: Transaction) -> PriorState:
        """Apply the labels that are known by then, and record the payment."""
        while self._applied < len(self._order) and self._known_at[self._applied] <= self._at[place]:
            self._apply(self._order[self._applied], self._known_at[self._applied])
            self._applied += 1
        if self._data.fraud[place] == 1:
            self._learnt[place] = payment
        return self._book.record(payment)

    def decided(self, place: int, payment: Transaction, decision: Decision) -> None:
        """Remove a payment that was not approved from the habits."""
        if decision is Decision.APPROVE:
            return
        review = decision is Decision.REVIEW
        self._book.withhold(payment, review=review)
        if review and self._data.fraud[place] != UNKNOWN:
            self._learnt[place] = payment

    def _apply(self, place: int, second: int) -> None:
        # A genuine label only clears a payment under review: fraud rates count payments by
        # their age.
        payment = self._learnt.pop(place, None)
        if payment is not None:
            known_at = datetime.fromtimestamp(second, UTC)
            self._book.label(payment, known_at, fraud=bool(self._data.fraud[place]))


def _uncounted(snapshot: Snapshot) -> Snapshot:
    """The snapshot without its counted windows, which take ten times its memory."""
    paid, got, received = (
        Flow(flow.entries, flow.at) for flow in (snapshot.paid, snapshot.got, snapshot.received)
    )
    return replace(snapshot, paid=paid, got=got, received=received)
