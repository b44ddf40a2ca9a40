"""A rule, to rows and back."""

from typing import Any

from sqlalchemy import Row

from risksentinel.rules.parse import document_of, parse_rule
from risksentinel.rules.rule import Rule

Values = dict[str, Any]


def rule_row(rule: Rule) -> Values:
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


def version_row(rule: Rule) -> Values:
    """Every column of `fraud_rule_versions`."""
    return {
        "rule_id": rule.id,
        "version": rule.version,
        "document": document_of(rule),
        "active": rule.active,
        "at": rule.updated_at,
    }


def rule_of(row: Row[Any]) -> Rule:
    """The rule in a row of `fraud_rules`."""
    return parse_rule(
        row.document,
        rule_id=row.id,
        version=row.version,
        created_at=row.created_at,
        updated_at=row.updated_at,
    )
