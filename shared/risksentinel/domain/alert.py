"""Alert: a risky payment that an analyst must review, and the state of the review."""

from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from enum import Enum, StrEnum
from typing import Literal

from risksentinel.domain.verdict import RiskLevel, Scored
from risksentinel.errors import Conflict, Violation


class AlertStatus(StrEnum):
    """The state of an alert."""

    OPEN = "open"
    ACKNOWLEDGED = "acknowledged"
    RESOLVED = "resolved"


class Disposition(StrEnum):
    """The finding of the analyst."""

    CONFIRMED_FRAUD = "confirmed_fraud"
    FALSE_POSITIVE = "false_positive"
    INCONCLUSIVE = "inconclusive"


@dataclass(frozen=True, slots=True)
class Alert:
    """One alert; `version` counts its changes and guards against lost updates."""

    id: str
    transaction_id: str
    sender_id: str
    receiver_id: str
    amount_zar: Decimal
    score: Decimal
    severity: RiskLevel
    reasons: tuple[str, ...]
    raised_at: datetime
    status: AlertStatus = AlertStatus.OPEN
    assignee: str | None = None
    disposition: Disposition | None = None
    note: str | None = None
    updated_at: datetime | None = None
    version: int = 1

    @classmethod
    def raised(cls, alert_id: str, scored: Scored) -> "Alert":
        """Return a new alert of a scored payment."""
        transaction, verdict = scored.transaction, scored.verdict
        return cls(
            id=alert_id,
            transaction_id=transaction.id,
            sender_id=transaction.sender_id,
            receiver_id=transaction.receiver_id,
            amount_zar=transaction.amount.amount,
            score=verdict.score,
            severity=verdict.risk_level,
            reasons=verdict.reasons,
            raised_at=verdict.scored_at,
        )

    def changed(self, change: "AlertChange", at: datetime) -> "Alert":
        """Return the alert after an analyst's change.

        Any status may follow any other status. A resolved alert that is opened again keeps its
        disposition until the analyst gives another one.

        Raises:
            Conflict: the change resolves an alert that has no disposition.
        """
        status = change.status or self.status
        disposition = change.disposition or self.disposition
        if status is AlertStatus.RESOLVED and disposition is None:
            raise Conflict([Violation("disposition", "say what you found to resolve the alert")])
        return replace(
            self,
            status=status,
            disposition=disposition,
            assignee=self.assignee if change.assignee is KEEP else change.assignee,
            note=self.note if change.note is KEEP else change.note,
            updated_at=at,
            version=self.version + 1,
        )


class _Keep(Enum):
    """The value that means: unchanged."""

    KEEP = "keep"


KEEP = _Keep.KEEP


@dataclass(frozen=True, slots=True)
class AlertChange:
    """The change of an analyst; omitted fields stay unchanged, None removes the value."""

    status: AlertStatus | None = None
    disposition: Disposition | None = None
    assignee: str | Literal[_Keep.KEEP] | None = KEEP
    note: str | Literal[_Keep.KEEP] | None = KEEP
