"""Conversion between an alert and its row."""

from typing import Any

from sqlalchemy import Row

from risksentinel.domain.alert import Alert, AlertStatus, Disposition
from risksentinel.domain.verdict import RiskLevel


def alert_row(alert: Alert) -> dict[str, Any]:
    """Every column of `alerts`."""
    return {
        "id": alert.id,
        "transaction_id": alert.transaction_id,
        "sender_id": alert.sender_id,
        "receiver_id": alert.receiver_id,
        "amount_zar": alert.amount_zar,
        "score": alert.score,
        "severity": alert.severity.value,
        "reasons": alert.reasons,
        "status": alert.status.value,
        "assignee": alert.assignee,
        "disposition": alert.disposition and alert.disposition.value,
        "note": alert.note,
        "raised_at": alert.raised_at,
        "updated_at": alert.updated_at,
        "version": alert.version,
    }


def alert_of(row: Row[Any]) -> Alert:
    """The alert in a row of `alerts`."""
    return Alert(
        id=row.id,
        transaction_id=row.transaction_id,
        sender_id=row.sender_id,
        receiver_id=row.receiver_id,
        amount_zar=row.amount_zar,
        score=row.score,
        severity=RiskLevel(row.severity),
        reasons=tuple(row.reasons),
        raised_at=row.raised_at,
        status=AlertStatus(row.status),
        assignee=row.assignee,
        disposition=None if row.disposition is None else Disposition(row.disposition),
        note=row.note,
        updated_at=row.updated_at,
        version=row.version,
    )
