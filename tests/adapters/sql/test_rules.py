from datetime import timedelta

import pytest
from sqlalchemy import Engine, select

from risksentinel.adapters.sql.engine import reading
from risksentinel.adapters.sql.ledger import SqlLedger
from risksentinel.adapters.sql.rule_records import SqlRuleRecords
from risksentinel.adapters.sql.tables import fraud_rule_versions
from risksentinel.errors import NotFound
from risksentinel.rules.rule import Rule
from tests.adapters.sql.samples import next_version, rule


def write(engine: Engine, *rules: Rule) -> None:
    """Write each in a unit of its own."""
    for each in rules:
        with SqlLedger(engine).unit() as unit:
            unit.write_rule(each)


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


def test_rules_are_paged_newest_first(engine: Engine) -> None:
    """The newest rule is the one that users look for."""
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
        unit.rule("unknown")
    with pytest.raises(NotFound):
        SqlRuleRecords(engine).rule("unknown")
