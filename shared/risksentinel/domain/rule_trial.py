"""RuleTrial: what a rule would have fired on among past payments."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any, Final

from risksentinel.domain.days_between import days_between
from risksentinel.domain.transaction import Transaction
from risksentinel.domain.verdict import Decision, RiskLevel

MAX_PAYMENTS: Final = 50_000  # of one dry run
MAX_EXAMPLES: Final = 20


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
    """One payment with the steps of a rule's condition: see `rules.steps`."""

    transaction_id: str
    decision: Decision
    level: RiskLevel
    steps: Mapping[str, Any]

    @property
    def result(self) -> str:
        """The result of the rule: "true", "false" or "unknown"."""
        return str(self.steps["result"])

    @property
    def fires(self) -> bool:
        """Whether the rule fires: only where its result is true."""
        return self.result == "true"


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
        return self.not_alerted / days_between(self.first, self.last)
