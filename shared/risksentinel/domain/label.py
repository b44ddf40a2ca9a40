"""Label: whether a payment was fraud, by which source, and which source takes precedence."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from risksentinel.domain.transaction import MAX_CLOCK_SKEW, Transaction
from risksentinel.errors import Malformed, Violation

# Visa's dispute condition 10 (fraud) and Mastercard's reason code 4837 both end after 120 calendar
# days: Visa Core Rules, section 11; Mastercard Chargeback Guide, chapter 2. All schemes in a table:
# docs.adyen.com/developers/risk-management/dispute-management/chargeback-guidelines
CHARGEBACK_WINDOW: Final = timedelta(days=120)
SILENCE: Final = "chargeback_window"  # the source of an outcome that no label states


class LabelSource(StrEnum):
    """The source of a label."""

    ANALYST = "analyst"
    CUSTOMER_REPORT = "customer_report"
    CHARGEBACK = "chargeback"


# A chargeback takes precedence over a customer's report, and a report over an analyst's
# disposition, which often repeats it. (Dal Pozzolo et al., "Credit card fraud detection: a
# realistic modeling and a novel learning strategy", IEEE TNNLS 29(8), 2018, also separate
# investigators' feedback from customers' disputes.)
WEAKEST_FIRST: Final = (
    LabelSource.ANALYST,
    LabelSource.CUSTOMER_REPORT,
    LabelSource.CHARGEBACK,
)


class Finding(StrEnum):
    """The finding of a source; `withdrawn` cancels the source's earlier finding."""

    FRAUD = "fraud"
    GENUINE = "genuine"
    WITHDRAWN = "withdrawn"


@dataclass(frozen=True, slots=True)
class Report:
    """A report of a finding; without `reported_at`, the finding is of now."""

    transaction_id: str
    source: LabelSource
    finding: Finding
    reported_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Label:
    """One finding about one payment; `version` counts the findings of its source.

    `occurred_at` is the payment's. `reported_at` is the time of the finding, `written_at` the time
    when RiskSentinel stored the label: no model could learn from it earlier.
    """

    transaction_id: str
    source: LabelSource
    version: int
    finding: Finding
    reported_by: str
    reported_at: datetime
    occurred_at: datetime
    written_at: datetime

    @property
    def reference(self) -> str:
        """The label's id: payment, source and version."""
        return f"{self.transaction_id}.{self.source}.v{self.version}"


@dataclass(frozen=True, slots=True)
class KnownOutcome:
    """Whether a payment was fraud, by which source, and since when that is known.

    `source` is None if the payment counts as genuine because its chargeback window has passed.
    """

    fraud: bool
    source: LabelSource | None
    known_at: datetime


@dataclass(frozen=True, slots=True)
class Reviewed:
    """A payment and all its labels, those of each source in their order."""

    transaction: Transaction
    said: tuple[Label, ...] = ()

    @property
    def standing(self) -> Label | None:
        """Return the effective label: the latest of the strongest source; None without one.

        A chargeback takes precedence over a customer's report, and a report over an analyst's
        disposition, in any order of time; within a source the newest label counts.
        """
        for source in reversed(WEAKEST_FIRST):
            newest = self.newest(source)
            if newest is not None and newest.finding is not Finding.WITHDRAWN:
                return newest
        return None

    def newest(self, source: LabelSource) -> Label | None:
        """Return the newest label of the source."""
        mine = [label for label in self.said if label.source is source]
        return max(mine, key=lambda label: label.version, default=None)

    def next(self, report: Report, reported_by: str, now: datetime) -> Label | None:
        """Return the label of the report; None if the report changes nothing.

        A repeated finding changes nothing, and neither does a finding older than the source's
        newest label: a report that is delivered late or twice never reverts a newer one.

        Raises:
            Malformed: the report is dated before the payment or in the future.
        """
        reported_at = report.reported_at or now
        _refuse_impossible(reported_at, self.transaction, now)
        last = self.newest(report.source)
        if last is None and report.finding is Finding.WITHDRAWN:
            return None
        if last is not None and (last.finding is report.finding or reported_at < last.reported_at):
            return None
        return Label(
            transaction_id=self.transaction.id,
            source=report.source,
            version=1 if last is None else last.version + 1,
            finding=report.finding,
            reported_by=reported_by,
            reported_at=reported_at,
            occurred_at=self.transaction.occurred_at,
            written_at=now,
        )

    def with_label(self, label: Label) -> "Reviewed":
        """Return the payment with one more label."""
        return Reviewed(self.transaction, (*self.said, label))

    def labelled(self, label: Label) -> "Labelled":
        """Return the change that the next label makes."""
        before, after = self.standing, self.with_label(label).standing
        return Labelled(self.transaction, label, _finding(before), _finding(after))

    def was_fraud(self, now: datetime, window: timedelta = CHARGEBACK_WINDOW) -> bool | None:
        """Return whether the payment was fraud; None while that is unknown.

        A payment without a label is genuine only after its chargeback window has passed.
        """
        standing = self.standing
        if standing is not None:
            return standing.finding is Finding.FRAUD
        return False if now >= self.transaction.occurred_at + window else None

    def outcome(self, now: datetime, window: timedelta = CHARGEBACK_WINDOW) -> KnownOutcome | None:
        """Return the outcome; None while it is unknown.

        `known_at` is the time since which the outcome is the same as now: a label that confirms
        another does not move it, a withdrawal in between does.
        """
        fraud = self.was_fraud(now, window)
        if fraud is None:
            return None
        over = self.transaction.occurred_at + window
        moments = {over, *(label.written_at for label in self.said)}
        known_at = now
        for moment in sorted((each for each in moments if each <= now), reverse=True):
            if self._as_of(moment).was_fraud(moment, window) is not fraud:
                break
            known_at = moment
        standing = self.standing
        return KnownOutcome(fraud, None if standing is None else standing.source, known_at)

    def _as_of(self, moment: datetime) -> "Reviewed":
        said = tuple(label for label in self.said if label.written_at <= moment)
        return Reviewed(self.transaction, said)


@dataclass(frozen=True, slots=True)
class Labelled:
    """A payment with its new label, and the effective findings before and after that label."""

    transaction: Transaction
    label: Label
    before: Finding | None
    standing: Finding | None


def _finding(label: Label | None) -> Finding | None:
    return None if label is None else label.finding


def _refuse_impossible(reported_at: datetime, payment: Transaction, now: datetime) -> None:
    if reported_at < payment.occurred_at - MAX_CLOCK_SKEW:
        raise Malformed([Violation("reported_at", "must not lie before the payment")])
    if reported_at > now + MAX_CLOCK_SKEW:
        raise Malformed([Violation("reported_at", "must not lie in the future")])


def labelled(said: Iterable[Label], payments: Iterable[Transaction]) -> Iterator[Labelled]:
    """Return the change of each label, in order of writing.

    Labels of payments that are not given are left out.
    """
    reviewed = {payment.id: Reviewed(payment) for payment in payments}
    for label in said:
        before = reviewed.get(label.transaction_id)
        if before is not None:
            reviewed[label.transaction_id] = before.with_label(label)
            yield before.labelled(label)
