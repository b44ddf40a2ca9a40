"""The rule book loads what the audit log has."""

from datetime import timedelta

import pytest
from sqlalchemy import Engine, delete, update
from structlog.testing import capture_logs

from risksentinel.adapters.sql.append_only import unguarded
from risksentinel.adapters.sql.carried_entries import carry_entries
from risksentinel.adapters.sql.engine import writing
from risksentinel.adapters.sql.ledger import SqlLedger
from risksentinel.adapters.sql.months import SqlMonths
from risksentinel.adapters.sql.rule_book import SqlRuleBook
from risksentinel.adapters.sql.tables import (
    audit_log,
    fraud_rule_versions,
    fraud_rules,
    rule_book,
)
from risksentinel.errors import Misconfigured
from risksentinel.rules.parse import document_of
from risksentinel.scoring.policy import Policy
from tests.adapters.sql.rule_books import Watch, write
from tests.adapters.sql.samples import NOW, rule


@pytest.mark.parametrize(
    "forged",
    [
        {"document": {**document_of(rule()), "weight": 0.0}},
        {"active": False},
        {"name": "another"},
        {"version": 7},
    ],
)
@pytest.mark.parametrize("loaded", [False, True])
def test_a_rule_that_was_changed_in_the_database_stays_as_the_audit_log_has_it(
    engine: Engine, forged: dict[str, object], *, loaded: bool
) -> None:
    """A row changed in SQL must not turn a decline into an approval."""
    watch = Watch()
    book = SqlRuleBook(engine, watch, Policy())
    write(engine, rule())
    if loaded:
        book.edition()
    with writing(engine) as connection:
        connection.execute(update(fraud_rules).values(forged))
        connection.execute(update(rule_book).values(revision=rule_book.c.revision + 1))
    watch.now += timedelta(seconds=1)

    with capture_logs() as logs:
        active = list(book.edition().rules)

    assert active == [rule()]
    assert [each["event"] for each in logs] == ["rule_book.rule_refused"]
    with pytest.raises(Misconfigured, match=r"r-1@[17] differs from the audit log"):
        book.is_whole()


def test_a_rule_without_an_audit_entry_is_not_in_force(engine: Engine) -> None:
    """An approving rule inserted in SQL must approve nothing."""
    book = SqlRuleBook(engine, Watch(), Policy())
    write(engine, rule())
    with SqlLedger(engine).unit() as unit:
        unit.write_rule(rule("r-2", "inserted"))

    assert list(book.edition().rules) == [rule()]
    with pytest.raises(Misconfigured, match="r-2@1 has no entry in the audit log"):
        book.is_whole()


def test_a_rule_that_was_deleted_in_the_database_stays_in_force(engine: Engine) -> None:
    """Rules are deactivated, with an entry; a row is never deleted."""
    watch = Watch()
    book = SqlRuleBook(engine, watch, Policy())
    write(engine, rule())
    book.edition()
    with writing(engine) as connection:
        connection.execute(delete(fraud_rule_versions))
        connection.execute(delete(fraud_rules))
        connection.execute(update(rule_book).values(revision=rule_book.c.revision + 1))
    watch.now += timedelta(seconds=1)

    assert list(book.edition().rules) == [rule()]
    with pytest.raises(Misconfigured, match="r-1@1 is missing in the database"):
        book.is_whole()


def test_a_rule_outlives_the_month_of_its_audit_entry(engine: Engine) -> None:
    """The retention of the audit log must take no rule out of force."""
    write(engine, rule())
    later = NOW + timedelta(days=100)
    months = SqlMonths(engine)
    spans = [span for span in months.old("audit_log", later, 1) if span.since <= NOW < span.until]
    if engine.dialect.name == "postgresql":  # the partition is shared with other tests
        carry_entries(engine, spans[0], later)
        with writing(engine) as connection, unguarded(connection):
            connection.execute(delete(audit_log).where(audit_log.c.at < later))
    else:
        months.drop(spans[0], later, 1)

    book = SqlRuleBook(engine, Watch(later), Policy())

    assert list(book.edition().rules) == [rule()]
    book.is_whole()
