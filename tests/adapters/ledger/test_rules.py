"""The contract of rules in a unit."""

import pytest

from risksentinel.errors import Conflict, StaleVersion
from risksentinel.rules import rule_limits
from risksentinel.rules.rule import Rule
from tests.adapters.sql.samples import next_version, rule
from tests.stores import Store


def write(store: Store, *rules: Rule) -> None:
    """Write each rule in a unit of its own."""
    for each in rules:
        with store.ledger.unit() as unit:
            unit.write_rule(each)


def test_a_rule_is_read_as_it_was_written(store: Store) -> None:
    """A rule that changes in the store would decide other payments than its author meant."""
    write(store, rule())

    with store.ledger.unit() as unit:
        assert unit.rule("r-1") == rule()
    assert store.rules() == [rule()]


def test_the_newest_version_is_read(store: Store) -> None:
    """A change is based on the version in force."""
    second = next_version(rule(), weight=0.9)

    write(store, rule(), second)

    with store.ledger.unit() as unit:
        assert unit.rule("r-1") == second
    assert store.rules() == [second]


def test_a_version_that_is_not_the_next_is_refused(store: Store) -> None:
    """The second of two analysts must see the change of the first."""
    second = next_version(rule(), weight=0.9)
    write(store, rule(), second)

    with pytest.raises(StaleVersion):
        write(store, next_version(rule(), weight=0.1))

    assert store.rules() == [second]


def test_an_id_is_created_once(store: Store) -> None:
    """Two processes that seed at the same time use the same ids."""
    write(store, rule("r-1", "night"))

    with pytest.raises(Conflict):
        write(store, rule("r-1", "day"))

    assert store.rules() == [rule("r-1", "night")]


def test_two_active_rules_cannot_have_one_name(store: Store) -> None:
    """An alert that names a rule must mean one rule."""
    write(store, rule("r-1", "night"))

    with pytest.raises(Conflict):
        write(store, rule("r-2", "night"))

    assert store.rules() == [rule("r-1", "night")]


def test_the_name_of_an_inactive_rule_is_free(store: Store) -> None:
    """A deactivated rule must not block the name for its successor."""
    write(store, rule("r-1", "night"), next_version(rule("r-1", "night"), active=False))

    write(store, rule("r-2", "night"))

    assert [each.id for each in store.rules() if each.active] == ["r-2"]


def test_active_rules_have_a_limit_and_inactive_ones_do_not_count(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each payment pays for each active rule; a change of a rule replaces its old version."""
    monkeypatch.setattr(rule_limits, "MAX_ACTIVE_RULES", 2)
    write(store, rule("r-1", "night"), rule("r-2", "day"))

    with pytest.raises(Conflict, match="deactivate one"):
        write(store, rule("r-3", "noon"))

    write(store, next_version(rule("r-2", "day"), weight=0.9))
    write(store, next_version(rule("r-1", "night"), active=False), rule("r-3", "noon"))
    assert {each.id for each in store.rules() if each.active} == {"r-2", "r-3"}
