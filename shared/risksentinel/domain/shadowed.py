"""Shadowed: what the version in shadow decides about a payment, beside the decision in force."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from risksentinel.domain.days_between import days_between
from risksentinel.domain.verdict import Decision


@dataclass(frozen=True, slots=True)
class Outcome:
    """A decision with its score, and whether it raises an alert."""

    decision: Decision
    score: Decimal
    alert: bool


@dataclass(frozen=True, slots=True)
class Shadowed:
    """`live` is in force; `shadow` has no effect, and `reasons` are its reasons.

    `version` and `revision` are of the version in shadow, `live_version` of the one in force; None
    where the payment was decided before a first version was stored.
    """

    version: int
    revision: int
    live_version: int | None
    transaction_id: str
    sender_id: str
    amount: Decimal
    live: Outcome
    shadow: Outcome
    reasons: tuple[str, ...]
    scored_at: datetime

    @property
    def differs(self) -> bool:
        """Whether decision or alert are different."""
        return (self.live.decision, self.live.alert) != (self.shadow.decision, self.shadow.alert)


@dataclass(frozen=True, slots=True)
class OutcomeCount:
    """Payments with these decisions and alerts, in force and in shadow, and their rand."""

    live_decision: Decision
    live_alert: bool
    decision: Decision
    alert: bool
    payments: int
    amount: Decimal


@dataclass(frozen=True, slots=True)
class ShadowExample:
    """A payment that the two versions decide differently; `fraud` is None without a label."""

    transaction_id: str
    amount: Decimal
    live: Outcome
    shadow: Outcome
    reasons: tuple[str, ...]
    scored_at: datetime
    fraud: bool | None


@dataclass(frozen=True, slots=True)
class Comparison:
    """The decisions of a version in shadow beside those in force, on the same payments.

    `caught` are frauds, by their effective labels, that only the version in shadow raises an alert
    for, `missed` those that only the version in force does; `hit` and `spared` are the same for
    payments labelled genuine. `complete` is False where more labelled payments differ than are
    read.
    """

    since: datetime | None
    until: datetime | None
    counts: tuple[OutcomeCount, ...]
    caught: int
    missed: int
    hit: int
    spared: int
    complete: bool
    examples: tuple[ShadowExample, ...]

    @property
    def payments(self) -> int:
        """All payments that both decided."""
        return sum(each.payments for each in self.counts)

    @property
    def agreements(self) -> int:
        """The payments with the same decision and the same alert."""
        return sum(
            each.payments
            for each in self.counts
            if (each.live_decision, each.live_alert) == (each.decision, each.alert)
        )

    @property
    def live_alerts(self) -> int:
        """The alerts of the version in force."""
        return sum(each.payments for each in self.counts if each.live_alert)

    @property
    def alerts(self) -> int:
        """The alerts that the version in shadow would raise."""
        return sum(each.payments for each in self.counts if each.alert)

    @property
    def days(self) -> float:
        """The days between the first and the last payment; at least one hour, for rates."""
        return days_between(self.since, self.until)
