from datetime import timedelta

import pytest
from sqlalchemy import Engine, select

from risksentinel.adapters.sql.engine import reading
from risksentinel.adapters.sql.ledger import SqlLedger
from risksentinel.adapters.sql.rule_records import SqlRuleRecords
from risksentinel.adapters.sql.tables import fraud_rule_versions
from risksentinel.errors import Conflict, NotFound, StaleVersion
from risksentinel.rules.parse import document_of
from risksentinel.rules.rule import Rule
from tests.adapters.sql.samples import next_version, rule


def write(engine: Engine, *rules: Rule) -> None:
    """Write each in a unit of its own."""
    for each in rules:
        with SqlLedger(engine).unit() as unit:
            unit.write_rule(each)


def test_a_rule_comes_back_as_it_was(engine: Engine) -> None:
    """A rule that changes on its way decides other payments than its author meant."""
    write(engine, rule())

    with SqlLedger(engine).unit() as unit:
        assert unit.rule("r-1") == rule()
    assert SqlRuleRecords(engine).rule("r-1") == rule()


def test_every_version_is_kept(engine: Engine) -> None:
    """An old explanation quotes a rule by its version."""
    first = rule()
    second = next_version(first, weight=0.9)

    write(engine, first, second)

    with reading(engine) as connection:
        rows = connection.execute(select(fraud_rule_versions)).all()
    assert SqlRuleRecords(engine).rule("r-1") == second
    assert [(row.version, row.document["weight"], row.at) for row in rows] == [
        (1, 0.5, first.updated_at),
        (2, 0.9, second.updated_at),
    ]


def test_a_version_that_is_not_the_next_is_refused(engine: Engine) -> None:
    """Two analysts change one rule; the second must see what the first one wrote."""
    write(engine, rule(), next_version(rule(), weight=0.9))

    with pytest.raises(StaleVersion):
        write(engine, next_version(rule(), weight=0.1))

    assert document_of(SqlRuleRecords(engine).rule("r-1"))["weight"] == 0.9


def test_two_active_rules_cannot_have_one_name(engine: Engine) -> None:
    """An alert that names a rule must mean one."""
    write(engine, rule("r-1", "night"))

    with pytest.raises(Conflict):
        write(engine, rule("r-2", "night"))

    assert SqlRuleRecords(engine).rules(None, 9, active_only=False).items == [rule("r-1", "night")]


def test_the_name_of_an_inactive_rule_is_free(engine: Engine) -> None:
    """A rule that was switched off must not stand in the way of its better successor."""
    write(engine, rule("r-1", "night"), next_version(rule("r-1", "night"), active=False))

    write(engine, rule("r-2", "night"))

    assert SqlRuleRecords(engine).rules(None, 9, active_only=True).items == [rule("r-2", "night")]


def test_rules_are_paged_newest_first(engine: Engine) -> None:
    """The rule that was just made is the one looked for."""
    made = [
        rule(f"r-{number}", f"name {number}", made=timedelta(minutes=number // 2))
        for number in range(5)
    ]
    write(engine, *made)
    records = SqlRuleRecords(engine)

    first = records.rules(None, 3, active_only=True)
    second = records.rules(first.following, 3, active_only=True)

    assert [*first.items, *second.items] == made[::-1]
    assert second.following is None


def test_an_unknown_rule_is_not_found(engine: Engine) -> None:
    """Nothing there and nothing known are two answers."""
    with pytest.raises(NotFound), SqlLedger(engine).unit() as unit:
        unit.rule("nobody")
    with pytest.raises(NotFound):
        SqlRuleRecords(engine).rule("nobody")
