"""Conversion between payments, verdicts and their rows."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any, Final

from sqlalchemy import Row

from risksentinel.adapters.sql.commitments import commitment, new_keys
from risksentinel.adapters.sql.receipts import receipt_columns, receipt_of
from risksentinel.adapters.sql.stored_json import StoredJson, dumps
from risksentinel.adapters.sql.types import in_microseconds
from risksentinel.domain.money import Money
from risksentinel.domain.statutory_report import ReportKind, StatutoryReport, report_of
from risksentinel.domain.transaction import Channel, Rail, Transaction, TransactionStatus
from risksentinel.domain.verdict import Decision, RiskLevel, Scored, Verdict
from risksentinel.ports.ledger import Commitment

Values = dict[str, Any]
# Calling an enumeration takes five times as long, and dry runs read thousands of payments.
_CHANNELS: Final = {channel.value: channel for channel in Channel}
_RAILS: Final[dict[str | None, Rail | None]] = {None: None, **{rail.value: rail for rail in Rail}}


def received_row(payment: Transaction, at: datetime) -> Values:
    """The row of a payment that waits for its score."""
    return _transaction_row(payment, at, TransactionStatus.RECEIVED, None)


def scored_row(scored: Scored, at: datetime) -> Values:
    """The row of a scored payment that was received `at`."""
    verdict = scored.verdict
    return _transaction_row(scored.transaction, at, verdict.status, verdict.risk_level)


def verdict_rows(
    batch: Sequence[tuple[Scored, datetime]], committed: dict[str, Commitment]
) -> list[Values]:
    """The rows of the verdicts, each with the time when its payment was received.

    Their commitments are added to `committed`.
    """
    keys = new_keys(len(batch))
    rows = []
    for (scored, received_at), key in zip(batch, keys, strict=True):
        row = _verdict_row(scored, received_at, key)
        digest = commitment(
            key,
            (
                row["score"],
                row["risk_level"],
                row["decision"],
                in_microseconds(row["scored_at"]),
                row["reasons"],
            ),
            payment_values(scored.transaction),
            row["receipt"],
        )
        committed[scored.transaction.id] = Commitment(digest, received_at)
        rows.append(row)
    return rows


def payment_values(payment: Transaction) -> tuple[Any, ...]:
    """The values of OF_PAYMENT."""
    return (
        payment.id,
        payment.sender_id,
        payment.receiver_id,
        payment.amount.amount,
        payment.channel.value,
        payment.rail and payment.rail.value,
        payment.merchant_category,
        payment.receiver_country,
        payment.device_id,
        in_microseconds(payment.occurred_at),
    )


def _verdict_row(scored: Scored, received_at: datetime, key: bytes) -> Values:
    verdict = scored.verdict
    return {
        "transaction_id": verdict.transaction_id,
        "received_at": received_at,
        "score": verdict.score,
        "risk_level": verdict.risk_level.value,
        "decision": verdict.decision.value,
        "amount_zar": scored.transaction.amount.amount,
        "scored_at": verdict.scored_at,
        "reasons": StoredJson(dumps(verdict.reasons)),
        **receipt_columns(verdict.explanation),
        "commitment_key": key,
    }


def transaction_of(row: Row[Any]) -> Transaction:
    """The payment in a row that has the columns of `transactions`."""
    return Transaction(
        id=row.id,
        sender_id=row.sender_id,
        receiver_id=row.receiver_id,
        amount=Money(row.amount_zar),
        channel=_CHANNELS[row.channel],
        occurred_at=row.occurred_at,
        rail=_RAILS[row.rail],
        merchant_category=row.merchant_category,
        receiver_country=row.receiver_country,
        device_id=row.device_id,
        sim_swapped_at=row.sim_swapped_at,
        beneficiary_added_at=row.beneficiary_added_at,
    )


def verdict_of(row: Row[Any]) -> Verdict:
    """The verdict in a row with the payment's columns, its score's and `alert_id`."""
    receipt = receipt_of(row)
    return Verdict(
        transaction_id=row.id,
        score=row.score,
        risk_level=RiskLevel(row.risk_level),
        decision=Decision(row.decision),
        reasons=tuple(row.reasons),
        alert=row.alert_id is not None,
        explanation=receipt,
        scored_at=row.scored_at,
        reports=_reports_of(transaction_of(row), receipt.get("reports", ())),
    )


def _reports_of(payment: Transaction, listed: Sequence[Values]) -> tuple[StatutoryReport, ...]:
    """The statutory reports that the receipt lists; receipts of early releases list none."""
    return tuple(
        report_of(ReportKind(each["kind"]), payment, date.fromisoformat(each["due_on"]))
        for each in listed
    )


def _transaction_row(
    payment: Transaction, at: datetime, status: TransactionStatus, level: RiskLevel | None
) -> Values:
    return {
        **payment.to_mapping(),
        "received_at": at,
        "status": status.value,
        "risk_level": level and level.value,
    }
