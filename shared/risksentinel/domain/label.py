"""Label: whether a payment was fraud, by which source."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

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
    """A report of a finding; without `reported_at`, the finding is of now.

    `stated_reporter` is the name that the report itself states. It is recorded beside the
    authenticated reporter, and decides nothing.
    """

    transaction_id: str
    source: LabelSource
    finding: Finding
    reported_at: datetime | None = None
    stated_reporter: str | None = None


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

    @property
    def moment(self) -> datetime:
        """The time that orders labels: a finding is not later than its arrival."""
        return min(self.reported_at, self.written_at)

    def repeats(self, finding: Finding, reported_at: datetime) -> bool:
        """Whether a report of this finding and time is a repetition of this label."""
        return (self.finding, self.reported_at) == (finding, reported_at)
