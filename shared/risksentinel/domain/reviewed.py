"""Reviewed: a payment with all its labels, and which of them takes precedence."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from risksentinel.domain.label import (
    CHARGEBACK_WINDOW,
    WEAKEST_FIRST,
    Finding,
    Label,
    LabelSource,
    Report,
)
from risksentinel.domain.source_findings import SourceFindings
from risksentinel.domain.transaction import MAX_CLOCK_SKEW, Transaction
from risksentinel.errors import Malformed, Violation


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
        """Return the effective label: that of the strongest source; None without one.

        A chargeback takes precedence over a customer's report, and a report over an analyst's
        disposition, in any order of time. Where the strongest source contradicts itself, the label
        that an analyst gave after that is effective, and none before.
        """
        return self._effective[0]

    @property
    def in_conflict(self) -> bool:
        """Whether the strongest source contradicts itself and no analyst has decided since."""
        return self._effective[1]

    @property
    def _effective(self) -> tuple[Label | None, bool]:
        for source in reversed(WEAKEST_FIRST):
            said = self.findings(source)
            if said.contrary:
                decision = self._decision_since(said)
                return decision, decision is None
            if said.standing is not None:
                return said.standing, False
        return None, False

    def _decision_since(self, said: SourceFindings) -> Label | None:
        analyst = self.findings(LabelSource.ANALYST).standing
        if analyst is None or said.newest is None or analyst.written_at < said.newest.written_at:
            return None
        return analyst

    def findings(self, source: LabelSource) -> SourceFindings:
        """Return what the source says."""
        return SourceFindings.of(source, self.said)

    def next(self, report: Report, reported_by: str, now: datetime) -> Label | None:
        """Return the label of the report; None if the report changes nothing.

        A report that is delivered late or twice never reverts a newer one of its reporter.

        Raises:
            Malformed: the report is dated before the payment or in the future.
        """
        reported_at = report.reported_at or now
        _refuse_impossible(reported_at, self.transaction, now)
        if self._changes_nothing(report, reported_by, reported_at):
            return None
        last = self.findings(report.source).newest
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

    def _changes_nothing(self, report: Report, reported_by: str, reported_at: datetime) -> bool:
        said = self.findings(report.source)
        last = said.newest
        if last is None:
            return report.finding is Finding.WITHDRAWN
        mine = [label for label in self.said if label.source is report.source]
        if any(label.repeats(report.finding, reported_at) for label in mine):
            return True
        late = reported_at < last.moment
        if report.source is LabelSource.ANALYST:
            return late or (last.finding is report.finding and not self.in_conflict)
        if report.finding is Finding.WITHDRAWN:
            again = last.finding is Finding.WITHDRAWN and last.reported_by == reported_by
            return late or again or not said.findings
        if last.finding is Finding.WITHDRAWN and last.reported_by == reported_by and late:
            return True
        return report.finding in said.findings

    def with_label(self, label: Label) -> "Reviewed":
        """Return the payment with one more label."""
        return Reviewed(self.transaction, (*self.said, label))

    def labelled(self, label: Label) -> "Labelled":
        """Return the change that the next label makes."""
        before, after = self.standing, self.with_label(label).standing
        return Labelled(self.transaction, label, _finding(before), _finding(after))

    def was_fraud(self, now: datetime, window: timedelta = CHARGEBACK_WINDOW) -> bool | None:
        """Return whether the payment was fraud; None while that is unknown or in conflict.

        A payment without a label is genuine only after its chargeback window has passed.
        """
        standing, in_conflict = self._effective
        if in_conflict:
            return None
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
