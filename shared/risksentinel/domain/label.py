"""Label: what a payment turned out to be, who found out, and whose word counts."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from risksentinel.domain.transaction import LARGEST_CLOCK_SKEW, Transaction
from risksentinel.errors import Malformed, Violation

# Visa's dispute condition 10 (fraud) and Mastercard's reason code 4837 both end after 120 calendar
# days: Visa Core Rules, section 11; Mastercard Chargeback Guide, chapter 2. All schemes in a table:
# docs.adyen.com/developers/risk-management/dispute-management/chargeback-guidelines
CHARGEBACK_WINDOW: Final = timedelta(days=120)
SILENCE: Final = "chargeback_window"  # who says it where nobody said anything until it was over


class LabelSource(StrEnum):
    """Who found out."""

    ANALYST = "analyst"
    CUSTOMER_REPORT = "customer_report"
    CHARGEBACK = "chargeback"


# What the scheme settled counts more than what the payer says, and that more than what somebody
# concluded from the outside: an analyst who rings the payer reports what the payer said. (Dal
# Pozzolo et al., "Credit card fraud detection: a realistic modeling and a novel learning strategy",
# IEEE TNNLS 29(8), 2018, keep investigators' feedback and customers' disputes apart likewise.)
WEAKEST_FIRST: Final = (
    LabelSource.ANALYST,
    LabelSource.CUSTOMER_REPORT,
    LabelSource.CHARGEBACK,
)


class Finding(StrEnum):
    """What was found; `withdrawn` takes back what the same source said before."""

    FRAUD = "fraud"
    GENUINE = "genuine"
    WITHDRAWN = "withdrawn"


@dataclass(frozen=True, slots=True)
class Report:
    """What somebody says of a payment; without `reported_at` they found out just now."""

    transaction_id: str
    source: LabelSource
    finding: Finding
    reported_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Label:
    """One finding about one payment; `version` counts what its source has said of it.

    `occurred_at` is the payment's. `reported_at` is when the source found out, `written_at` when
    RiskSentinel heard of it: earlier than that nobody could have learnt from it.
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
        """Its name: the payment, the source and the version."""
        return f"{self.transaction_id}.{self.source}.v{self.version}"


@dataclass(frozen=True, slots=True)
class KnownOutcome:
    """What a payment turned out to be, by whose word, and since when that is known.

    `source` is None where nobody's word counts: its chargeback window went by in silence.
    """

    fraud: bool
    source: LabelSource | None
    known_at: datetime


@dataclass(frozen=True, slots=True)
class Reviewed:
    """A payment and all that was said of it, each source's words in their order."""

    transaction: Transaction
    said: tuple[Label, ...] = ()

    @property
    def standing(self) -> Label | None:
        """The label that counts: what the strongest source said last; None where nobody knows.

        A chargeback outranks a customer's report, and that an analyst's disposition, whenever
        they came; within a source the newest word counts.
        """
        for source in reversed(WEAKEST_FIRST):
            newest = self.newest(source)
            if newest is not None and newest.finding is not Finding.WITHDRAWN:
                return newest
        return None

    def newest(self, source: LabelSource) -> Label | None:
        """What this source said last."""
        mine = [label for label in self.said if label.source is source]
        return max(mine, key=lambda label: label.version, default=None)

    def next(self, report: Report, reported_by: str, now: datetime) -> Label | None:
        """The label that the report makes; None where it changes nothing.

        The same finding again changes nothing, nor does one from before the source's last word: a
        report that is delivered late or twice never undoes a newer one.

        Raises:
            Malformed: it was reported before the payment, or lies in the future.
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
        """The same payment, one label later."""
        return Reviewed(self.transaction, (*self.said, label))

    def labelled(self, label: Label) -> "Labelled":
        """What the next label changes."""
        before, after = self.standing, self.with_label(label).standing
        return Labelled(self.transaction, label, _finding(before), _finding(after))

    def was_fraud(self, now: datetime, window: timedelta = CHARGEBACK_WINDOW) -> bool | None:
        """Whether it was fraud; None while nobody can know.

        A payment that nobody reviewed is genuine only once its chargeback window is over.
        """
        standing = self.standing
        if standing is not None:
            return standing.finding is Finding.FRAUD
        return False if now >= self.transaction.occurred_at + window else None

    def outcome(self, now: datetime, window: timedelta = CHARGEBACK_WINDOW) -> KnownOutcome | None:
        """What it turned out to be; None while nobody can know.

        Known since the moment from which on everybody who asked heard the same as now: a word that
        confirms another makes nothing known, and one that was taken back in between did not last.
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
    """A payment whose label was just written, with what counted before it and what counts now."""

    transaction: Transaction
    label: Label
    before: Finding | None
    standing: Finding | None


def _finding(label: Label | None) -> Finding | None:
    return None if label is None else label.finding


def _refuse_impossible(reported_at: datetime, payment: Transaction, now: datetime) -> None:
    if reported_at < payment.occurred_at - LARGEST_CLOCK_SKEW:
        raise Malformed([Violation("reported_at", "must not lie before the payment")])
    if reported_at > now + LARGEST_CLOCK_SKEW:
        raise Malformed([Violation("reported_at", "must not lie in the future")])


def labelled(said: Iterable[Label], payments: Iterable[Transaction]) -> Iterator[Labelled]:
    """What each label changed, in the order of writing.

    A label is left out whose payment is not among these.
    """
    reviewed = {payment.id: Reviewed(payment) for payment in payments}
    for label in said:
        before = reviewed.get(label.transaction_id)
        if before is not None:
            reviewed[label.transaction_id] = before.with_label(label)
            yield before.labelled(label)
