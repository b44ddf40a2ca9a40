"""ImportTally: the counts of an import so far, in bounded memory."""

import math
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Final

from risksentinel.errors import Violation
from risksentinel.payment_files.batch_sender import SentBatch
from risksentinel.payment_files.payment import RefusedRow
from risksentinel.payment_files.row import BrokenRow, Row
from risksentinel.payment_files.sinks import ImportOutcome

MAX_REASONS: Final = 50
MAX_PLACES: Final = 5
_OTHER: Final = "other reasons"


@dataclass(slots=True)
class ReasonCount:
    """The count of one reason, and the first places of it."""

    count: int = 0
    places: list[int] = field(default_factory=list)

    def add(self, place: int) -> None:
        """Count one row."""
        self.count += 1
        if len(self.places) < MAX_PLACES:
            self.places.append(place)


@dataclass(slots=True)
class Durations:
    """Percentiles of any number of durations, exact to one per cent."""

    count: int = 0
    steps: Counter[int] = field(default_factory=Counter)

    def add(self, seconds: float) -> None:
        """Count one duration."""
        self.count += 1
        self.steps[round(100 * math.log(max(seconds, 1e-7)))] += 1

    def percentile(self, share: float) -> float | None:
        """The percentile in seconds; None without durations."""
        left = math.ceil(share * self.count)
        for step in sorted(self.steps):
            left -= self.steps[step]
            if left <= 0:
                return math.exp(step / 100)
        return None


@dataclass(slots=True)
class ImportTally:
    """Counts of rows by outcome."""

    read: int = 0
    outcomes: Counter[ImportOutcome] = field(default_factory=Counter)
    decisions: Counter[str] = field(default_factory=Counter)
    alerts: Counter[str] = field(default_factory=Counter)
    refused: dict[str, ReasonCount] = field(default_factory=dict)
    undelivered: dict[str, ReasonCount] = field(default_factory=dict)
    statuses: Counter[int] = field(default_factory=Counter)
    requests: Durations = field(default_factory=Durations)
    seconds: float = 0.0

    @property
    def not_delivered(self) -> int:
        """The number of payments without an answer, whether or not they were sent."""
        answered = (
            ImportOutcome.NEW,
            ImportOutcome.QUEUED,
            ImportOutcome.KNOWN,
            ImportOutcome.REFUSED,
        )
        return self.read - sum(self.outcomes[outcome] for outcome in answered)

    @property
    def all_refused(self) -> bool:
        """Whether rows were read and every one was refused."""
        return 0 < self.read == self.outcomes[ImportOutcome.REFUSED]

    def refuse(self, refusal: RefusedRow) -> None:
        """Count a refused row."""
        self.outcomes[ImportOutcome.REFUSED] += 1
        _group(self.refused, refusal.row, refusal.violations)

    def answer(self, sent: SentBatch) -> None:
        """Count the results of one batch."""
        self.requests.add(sent.seconds)
        for payment, result in zip(sent.payments, sent.results, strict=True):
            self.outcomes[result.outcome] += 1
            self.statuses[result.status] += 1
            if result.decision is not None:
                self.decisions[result.decision] += 1
            if result.raised_alert:
                self.alerts[result.risk_level or "low"] += 1
            if result.outcome is ImportOutcome.REFUSED:
                _group(self.refused, payment.row, result.violations)
            elif result.outcome is ImportOutcome.UNDELIVERED:
                _group(self.undelivered, payment.row, result.violations)


def _group(
    groups: dict[str, ReasonCount], row: Row | BrokenRow, violations: Iterable[Violation]
) -> None:
    for violation in violations or (Violation("", "no reason given"),):
        reason = str(violation) if str(violation) in groups or len(groups) < MAX_REASONS else _OTHER
        groups.setdefault(reason, ReasonCount()).add(row.place)
