"""write_rule: the next version of a rule, its history, and the revision that readers poll."""

from collections.abc import Mapping
from typing import Final

from sqlalchemy import Connection, insert, select, true, update

from risksentinel.adapters.sql.insert import insert_new
from risksentinel.adapters.sql.rule_rows import rule_row, version_row
from risksentinel.adapters.sql.tables import fraud_rule_versions, fraud_rules, rule_book
from risksentinel.errors import Conflict, StaleVersion, Violation
from risksentinel.rules.parse import document_of
from risksentinel.rules.rule import StoredRule
from risksentinel.rules.rule_limits import refuse_too_many

NEXT_REVISION: Final = update(rule_book).values(revision=rule_book.c.revision + 1)


def write_rule(connection: Connection, rule: StoredRule) -> None:
    """Store the version, in the connection's current transaction.

    Raises:
        Conflict: another active rule has its name, its id exists, or the active rules would be
            too many.
        StaleVersion: it is not the version after the newest.
    """
    connection.execute(NEXT_REVISION)  # the lock of this row orders writers of rules
    if rule.active:
        _refuse_a_taken_name(connection, rule)
        _refuse_too_many(connection, rule)
    if rule.version == 1:
        _create(connection, rule)
    else:
        _replace(connection, rule)
    connection.execute(insert(fraud_rule_versions).values(version_row(rule)))


def _refuse_a_taken_name(connection: Connection, rule: StoredRule) -> None:
    query = select(fraud_rules.c.id).where(
        fraud_rules.c.name == rule.name,
        fraud_rules.c.active == true(),
        fraud_rules.c.id != rule.id,
    )
    if connection.execute(query).first() is not None:
        raise Conflict([Violation("name", "another active rule has this name")])


def _refuse_too_many(connection: Connection, rule: StoredRule) -> None:
    others = select(fraud_rules.c.document).where(
        fraud_rules.c.active == true(), fraud_rules.c.id != rule.id
    )
    active = connection.execute(others).scalars().all()
    refuse_too_many([each for each in active if isinstance(each, Mapping)], document_of(rule))


def _create(connection: Connection, rule: StoredRule) -> None:
    # Two processes that seed at the same time use the same ids: the first one's rule is stored.
    if not insert_new(connection, fraud_rules, [rule_row(rule)]):
        raise Conflict([Violation("id", "another rule has this id")])


def _replace(connection: Connection, rule: StoredRule) -> None:
    change = update(fraud_rules).where(
        fraud_rules.c.id == rule.id, fraud_rules.c.version == rule.version - 1
    )
    if connection.execute(change.values(rule_row(rule))).rowcount != 1:
        raise StaleVersion("the rule was changed by another request")
