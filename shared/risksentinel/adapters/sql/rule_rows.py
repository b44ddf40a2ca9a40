"""Conversion between a rule and its rows."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Row

from risksentinel.errors import Malformed
from risksentinel.rules.parse import document_of, parse_rule
from risksentinel.rules.rule import StoredRule, UnreadableRule

Values = dict[str, Any]


def rule_row(rule: StoredRule) -> Values:
    """Every column of `fraud_rules`."""
    return {
        "id": rule.id,
        "version": rule.version,
        "name": rule.name,
        "active": rule.active,
        "document": document_of(rule),
        "created_at": rule.created_at,
        "updated_at": rule.updated_at,
    }


def version_row(rule: StoredRule) -> Values:
    """Every column of `fraud_rule_versions`."""
    return {
        "rule_id": rule.id,
        "version": rule.version,
        "document": document_of(rule),
        "active": rule.active,
        "at": rule.updated_at,
    }


def rule_of(row: Row[Any]) -> StoredRule:
    """The rule in a row of `fraud_rules`; unreadable where only a later release can read it."""
    try:
        return parse_rule(
            row.document,
            rule_id=row.id,
            version=row.version,
            created_at=row.created_at,
            updated_at=row.updated_at,
        )
    except Malformed as malformed:
        return _unreadable(row, str(malformed))


def _unreadable(row: Row[Any], fault: str) -> UnreadableRule:
    whole = isinstance(row.document, Mapping)
    return UnreadableRule(
        id=row.id,
        version=row.version,
        name=row.name,
        document=row.document if whole else {"document": row.document},
        fault=fault,
        active=row.active,
        created_at=row.created_at,
        updated_at=row.updated_at,
    )
