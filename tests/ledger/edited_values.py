"""The columns that the ledger proves, and another value for each."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from decimal import Decimal
from types import MappingProxyType
from typing import Any, Final

from sqlalchemy import Table

from risksentinel.adapters.sql.tables import (
    audit_log,
    fraud_rule_versions,
    fraud_rules,
    labels,
    ledger_heads,
    ledger_leaves,
    ledger_state,
    ledger_tiles,
    risk_scores,
    transactions,
)

# The columns that entries, commitments, roots and signatures cover.
COVERED: Final[Mapping[Table, tuple[str, ...]]] = MappingProxyType(
    {
        audit_log: ("at", "actor", "action", "subject_kind", "subject_id", "details", "tag"),
        ledger_leaves: ("leaf_hash", "entry_id", "entry_at"),
        ledger_tiles: ("root",),
        ledger_heads: ("size", "root", "at", "signature"),
        ledger_state: ("size", "frontier", "last_entry", "root", "at", "signature"),
        risk_scores: (
            "score",
            "risk_level",
            "decision",
            "scored_at",
            "reasons",
            "receipt",
            "commitment_key",
        ),
        transactions: (
            "sender_id",
            "receiver_id",
            "amount_zar",
            "channel",
            "rail",
            "merchant_category",
            "receiver_country",
            "device_id",
            "occurred_at",
        ),
        labels: ("finding", "reported_by", "reported_at"),
        fraud_rule_versions: ("document", "active"),
        fraud_rules: ("document", "name", "active"),
    }
)


def other_value(name: str, value: Any, number: int) -> Any:  # noqa: ANN401, PLR0911 - any column's value
    """Another value of the column."""
    if value is None:
        return "x"
    if isinstance(value, bool):
        return not value
    if isinstance(value, bytes):
        if name in {"tag", "signature", "commitment_key"} and number % 2:
            return None
        place = number % len(value) if value else 0
        return value[:place] + bytes([(value[place] + 1) % 256]) + value[place + 1 :] or b"x"
    if isinstance(value, datetime):
        return value + timedelta(seconds=1 + number)
    if isinstance(value, Decimal):
        return value + 1 if name == "amount_zar" else (value + Decimal("0.0001")) % 1
    if isinstance(value, int):
        return value + 1 + number
    if isinstance(value, list):
        return [*value, "x"]
    if isinstance(value, dict):
        return {} if number % 3 == 0 and value else {**value, "x": number}
    return value + "x"
