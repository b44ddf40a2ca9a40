"""JSON Schemas of the event data of each topic."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Final

from pydantic import TypeAdapter

from risksentinel.domain.alert import AlertStatus, Disposition
from risksentinel.domain.label import Finding, LabelSource
from risksentinel.domain.statutory_report import ReportKind
from risksentinel.domain.verdict import Decision, RiskLevel
from risksentinel.events import (
    alert_raised,
    alert_updated,
    fraud_confirmed,
    payment_submitted,
    report_due,
    rules_changed,
    transaction_labelled,
    transaction_received,
    transaction_revised,
    transaction_scored,
    transaction_shadowed,
)
from risksentinel.payment_formats.payment_document import PaymentDocument

Schema = dict[str, Any]
_TEXT: Final[Schema] = {"type": "string"}
_MOMENT: Final[Schema] = {"type": "string", "format": "date-time"}
_DAY: Final[Schema] = {"type": "string", "format": "date"}
_RAND: Final[Schema] = {"type": "string", "pattern": r"^[0-9]+\.[0-9]{2}$"}
_SCORE: Final[Schema] = {"type": "number", "minimum": 0, "maximum": 1}
_VERSION: Final[Schema] = {"type": "integer", "minimum": 1}
_REASONS: Final[Schema] = {"type": "array", "items": _TEXT}


@dataclass(frozen=True, slots=True)
class Payload:
    """The event type of a topic, its data, and whether other systems send it to RiskSentinel."""

    type: str
    summary: str
    schema: Schema
    comes_in: bool = False


def _one_of(words: Iterable[str]) -> Schema:
    return {"type": "string", "enum": [str(word) for word in words]}


def _or_null(schema: Schema) -> Schema:
    return {"anyOf": [schema, {"type": "null"}]}


def _object(**properties: Schema) -> Schema:
    return {"type": "object", "required": [*properties], "properties": properties}


_PARTIES: Final = {
    "transaction_id": _TEXT,
    "sender_id": _TEXT,
    "receiver_id": _TEXT,
    "amount_zar": _RAND,
}
_MADE: Final[Schema] = TypeAdapter(PaymentDocument).json_schema(
    ref_template="#/components/schemas/{model}"
)
SCHEMAS: Final[Schema] = {
    **_MADE.get("$defs", {}),
    "PaymentDocument": {name: each for name, each in _MADE.items() if name != "$defs"},
}
_PAYMENT: Final[Schema] = {"$ref": "#/components/schemas/PaymentDocument"}
_OUTCOME: Final = _object(decision=_one_of(Decision), score=_SCORE, alert={"type": "boolean"})

PAYLOADS: Final[Mapping[str, Payload]] = MappingProxyType(
    {
        payment_submitted.TOPIC: Payload(
            payment_submitted.TYPE, "A payment to score", _PAYMENT, comes_in=True
        ),
        transaction_received.TOPIC: Payload(
            transaction_received.TYPE, "A payment that is not scored yet", _PAYMENT
        ),
        transaction_scored.TOPIC: Payload(
            transaction_scored.TYPE,
            "The verdict of a payment",
            _object(
                **_PARTIES,
                occurred_at=_MOMENT,
                score=_SCORE,
                risk_level=_one_of(RiskLevel),
                decision=_one_of(Decision),
                reasons=_REASONS,
                alert_id=_or_null(_TEXT),
                scored_at=_MOMENT,
            ),
        ),
        transaction_revised.TOPIC: Payload(
            transaction_revised.TYPE,
            "With all sources a payment is decided otherwise than it was without one of them",
            _object(
                transaction_id=_TEXT,
                revised={"type": "string", "enum": ["milder", "graver"]},
                decided_without={"type": "array", "items": _TEXT},
                first=_OUTCOME,
                second=_OUTCOME,
                reasons=_REASONS,
                alert_id=_or_null(_TEXT),
                scored_at=_MOMENT,
                revised_at=_MOMENT,
            ),
        ),
        transaction_shadowed.TOPIC: Payload(
            transaction_shadowed.TYPE,
            "What the version of the policy in shadow decides about a payment, without effect",
            _object(
                transaction_id=_TEXT,
                policy_version=_VERSION,
                live_version=_or_null(_VERSION),
                live=_OUTCOME,
                shadow=_OUTCOME,
                reasons=_REASONS,
                scored_at=_MOMENT,
            ),
        ),
        alert_raised.TOPIC: Payload(
            alert_raised.TYPE,
            "A new alert on a risky payment",
            _object(
                alert_id=_TEXT,
                **_PARTIES,
                score=_SCORE,
                severity=_one_of(RiskLevel),
                reasons=_REASONS,
                raised_at=_MOMENT,
                status=_one_of(AlertStatus),
            ),
        ),
        alert_updated.TOPIC: Payload(
            alert_updated.TYPE,
            "An analyst changed an alert",
            _object(
                alert_id=_TEXT,
                transaction_id=_TEXT,
                status=_one_of(AlertStatus),
                assignee=_or_null(_TEXT),
                disposition=_or_null(_one_of(Disposition)),
                version=_VERSION,
                updated_at=_MOMENT,
            ),
        ),
        report_due.TOPIC: Payload(
            report_due.TYPE,
            "A payment must be reported to the Financial Intelligence Centre",
            _object(
                report_id=_TEXT,
                kind=_one_of(ReportKind),
                section=_TEXT,
                **_PARTIES,
                threshold_zar=_RAND,
                due_on=_DAY,
                reason=_TEXT,
                decision=_one_of(Decision),
                created_at=_MOMENT,
            ),
        ),
        rules_changed.TOPIC: Payload(
            rules_changed.TYPE,
            "A rule has a new version",
            _object(
                rule_id=_TEXT,
                version=_VERSION,
                name=_TEXT,
                active={"type": "boolean"},
                updated_at=_MOMENT,
            ),
        ),
        fraud_confirmed.TOPIC: Payload(
            fraud_confirmed.TYPE,
            "A chargeback or a customer report: a payment was fraud",
            {
                **_object(
                    transaction_id=_TEXT,
                    source=_one_of([LabelSource.CHARGEBACK, LabelSource.CUSTOMER_REPORT]),
                    reported_at=_MOMENT,
                    reported_by=_or_null(_TEXT),
                ),
                "required": ["transaction_id", "source", "reported_at"],
            },
            comes_in=True,
        ),
        transaction_labelled.TOPIC: Payload(
            transaction_labelled.TYPE,
            "A payment was labelled as fraud or genuine",
            _object(
                transaction=_PAYMENT,
                source=_one_of(LabelSource),
                version=_VERSION,
                finding=_one_of(Finding),
                reported_by=_TEXT,
                reported_at=_MOMENT,
                written_at=_MOMENT,
                before=_or_null(_one_of(Finding)),
                standing=_or_null(_one_of(Finding)),
            ),
        ),
    }
)
