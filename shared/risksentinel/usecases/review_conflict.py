"""review_conflict: a payment whose labels contradict one another gets an open alert."""

from datetime import datetime

from risksentinel.domain.alert import Alert, AlertChange, AlertStatus
from risksentinel.domain.label import Label
from risksentinel.domain.verdict import RiskLevel
from risksentinel.events import alert_raised, alert_updated
from risksentinel.ports.environment import NewId
from risksentinel.ports.ledger import AuditEntry, Unit
from risksentinel.ports.stored_payment import StoredVerdict


def review_conflict(unit: Unit, label: Label, source: str, new_id: NewId, now: datetime) -> None:
    """Reopen the payment's alert, or raise one, so that an analyst decides.

    A payment without a score gets none: scoring may raise its alert later. `source` is the
    CloudEvents source of the event.
    """
    stored = unit.known([label.transaction_id])[label.transaction_id].verdict
    if stored is None:
        return
    if stored.alert_id is None:
        _raise(unit, _alert(stored, label, new_id(), now), source, now)
    else:
        _reopen(unit, stored.alert_id, source, now)


def _alert(stored: StoredVerdict, label: Label, alert_id: str, now: datetime) -> Alert:
    payment, verdict = stored.scored.transaction, stored.scored.verdict
    return Alert(
        id=alert_id,
        transaction_id=payment.id,
        sender_id=payment.sender_id,
        receiver_id=payment.receiver_id,
        amount_zar=payment.amount.amount,
        score=verdict.score,
        severity=RiskLevel.HIGH,
        reasons=(f"labels of the source {label.source} contradict one another: decide which",),
        raised_at=now,
    )


def _raise(unit: Unit, alert: Alert, source: str, now: datetime) -> None:
    unit.raise_alerts([alert])
    unit.audit([_entry(alert, "alert.raised", source, now)])
    unit.enqueue([alert_raised.encode(alert, event_id=f"{alert.id}.raised", source=source)])


def _reopen(unit: Unit, alert_id: str, source: str, now: datetime) -> None:
    alert = unit.alert(alert_id)
    if alert.status is not AlertStatus.RESOLVED:
        return
    opened = alert.changed(AlertChange(status=AlertStatus.OPEN), now)
    unit.change_alert(opened)
    unit.audit([_entry(opened, "alert.reopened", source, now)])
    unit.enqueue([alert_updated.encode(opened)])


def _entry(alert: Alert, action: str, actor: str, now: datetime) -> AuditEntry:
    return AuditEntry(
        at=now,
        actor=actor,
        action=action,
        subject_kind="alert",
        subject_id=alert.id,
        details={"reason": "labels contradict one another", "version": alert.version},
    )
