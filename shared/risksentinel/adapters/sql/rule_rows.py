"""Conversion between a rule and its rows."""

from collections.abc import Mapping
from datetime import datetime
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
    return parsed_rule(
        row.document,
        rule_id=row.id,
        version=row.version,
        created_at=row.created_at,
        updated_at=row.updated_at,
    )


def parsed_rule(
    document: object, *, rule_id: str, version: int, created_at: datetime, updated_at: datetime
) -> StoredRule:
    """The rule of a stored document; unreadable where only a later release can read it."""
    try:
        return parse_rule(
            document,
            rule_id=rule_id,
            version=version,
            created_at=created_at,
            updated_at=updated_at,
        )
    except Malformed as malformed:
        stored = document if isinstance(document, Mapping) else {"document": document}
        return UnreadableRule(
            id=rule_id,
            version=version,
            name=str(stored.get("name", rule_id)),
            document=stored,
            fault=str(malformed),
            active=stored.get("active") is not False,
            created_at=created_at,
            updated_at=updated_at,
        )
