"""RuleTrial: what a rule would have fired on among past payments."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any, Final

from risksentinel.domain.transaction import Transaction
from risksentinel.domain.verdict import Decision, RiskLevel

MAX_PAYMENTS: Final = 50_000  # of one dry run
MAX_EXAMPLES: Final = 20
_DAY_SECONDS: Final = 86_400
_HOUR: Final = 1 / 24  # in days


@dataclass(frozen=True, slots=True)
class TrialExample:
    """A payment on which the rule fires, with the decision in force; `fraud` None: no label."""

    transaction: Transaction
    decision: Decision
    level: RiskLevel
    alert: bool
    fraud: bool | None


@dataclass(frozen=True, slots=True)
class RuleSteps:
    """One payment with the steps of a rule's condition; `result` None is unknown."""

    transaction_id: str
    decision: Decision
    level: RiskLevel
    result: bool | None
    steps: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class RuleTrial:
    """The figures of a rule over the payments dated from `first` to `last`.

    `unknown` are payments on which the result of the rule is unknown, and `without_facts` those
    whose facts are not known any more: the rule counts as not fired on both. `customers` are the
    senders of genuine payments on which the rule fires. `complete` is False where the time was over
    before all payments were looked at: the figures are those of the newest ones, down to
    `looked_down_to`.
    """

    payments: int
    first: datetime | None
    last: datetime | None
    fired: int
    amount: Decimal
    unknown: int
    without_facts: int
    fraud: int
    genuine: int
    not_alerted: int
    customers: Collection[str]
    examples: tuple[TrialExample, ...]
    complete: bool
    looked_down_to: str | None

    @property
    def share(self) -> float | None:
        """The share of payments on which the rule fires; None without payments."""
        return self.fired / self.payments if self.payments else None

    @property
    def precision(self) -> float | None:
        """The share of frauds among the labelled ones on which it fires; None without labels."""
        labelled = self.fraud + self.genuine
        return self.fraud / labelled if labelled else None

    @property
    def new_alerts_per_day(self) -> float:
        """The payments a day on which it fires and no alert was raised."""
        return self.not_alerted / self.days

    @property
    def days(self) -> float:
        """The days between the first and the last payment; at least one hour, for rates."""
        if self.first is None or self.last is None:
            return _HOUR
        return max((self.last - self.first).total_seconds() / _DAY_SECONDS, _HOUR)
