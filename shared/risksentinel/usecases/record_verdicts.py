"""record: alerts, audit entries and outbox events in the commit of their verdicts."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from risksentinel.domain.alert import Alert
from risksentinel.domain.verdict import Scored
from risksentinel.events import alert_raised, transaction_scored
from risksentinel.ports.environment import TraceContexts
from risksentinel.ports.ledger import AuditEntry, Commitment, Unit
from risksentinel.text.rfc3339 import to_text


def record(
    unit: Unit,
    scored: Sequence[Scored],
    raised: Mapping[str, Alert],
    now: datetime,
    source: str,
    origins: TraceContexts,
) -> None:
    """Add alerts, audit entries and outbox events of payments that were just scored.

    Imported history is not published: consumers would act on it.
    """
    alerts = [raised[pair.transaction.id] for pair in scored if pair.transaction.id in raised]
    unit.raise_alerts(alerts)
    unit.audit(
        [
            _entry(pair, raised.get(id_ := pair.transaction.id), unit.commitment(id_), now, source)
            for pair in scored
        ]
    )
    by_payment = {alert.transaction_id: alert for alert in alerts}
    events = []
    tells_scores = unit.carries(transaction_scored.TOPIC)
    for pair in scored:
        if pair.verdict.learn_only:
            continue
        alert = by_payment.get(pair.transaction.id)
        origin = origins.get(pair.transaction.id)
        if tells_scores:
            events.append(
                transaction_scored.encode(pair, source, alert_id=id_of(alert), traceparent=origin)
            )
        if alert is not None:
            events.append(
                alert_raised.encode(
                    alert, event_id=f"{alert.id}.raised", source=source, traceparent=origin
                )
            )
    unit.enqueue(events)


def _entry(
    pair: Scored, alert: Alert | None, stored: Commitment, now: datetime, source: str
) -> AuditEntry:
    return AuditEntry(
        at=now,
        actor=source,
        action="transaction.scored",
        subject_kind="transaction",
        subject_id=pair.transaction.id,
        details={
            "score": f"{pair.verdict.score:.4f}",
            "risk_level": pair.verdict.risk_level.value,
            "decision": pair.verdict.decision.value,
            "commitment": stored.digest,
            "approved_by": pair.verdict.explanation["approved_by"],
            "alert_id": id_of(alert),
            "reports": [report.kind.value for report in pair.verdict.reports],
            **({"learn_only": True} if pair.verdict.learn_only else {}),
            **({} if stored.received_at == now else {"received_at": to_text(stored.received_at)}),
        },
    )


def id_of(alert: Alert | None) -> str | None:
    """The id of an alert; None without an alert."""
    return None if alert is None else alert.id
