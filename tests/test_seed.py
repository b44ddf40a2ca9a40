from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import Engine, delete, update
from structlog.testing import capture_logs

from risksentinel.adapters.sql.append_only import unguarded
from risksentinel.adapters.sql.engine import writing
from risksentinel.adapters.sql.proposals import SqlProposalRecords
from risksentinel.adapters.sql.rule_records import SqlRuleRecords
from risksentinel.adapters.sql.tables import audit_log, fraud_rules
from risksentinel.assembly.container import Container
from risksentinel.assembly.rule_changes import decide_proposal, propose_change, write_rule
from risksentinel.errors import NotFound
from risksentinel.ports.proposals import ProposalFilter
from risksentinel.rules.defaults import DEFAULT_RULES
from risksentinel.rules.parse import document_of
from risksentinel.rules.rule import StoredRule
from risksentinel.seed import propose_seed, seed
from risksentinel.settings import Settings
from risksentinel.settings.authentication import Method

CASH = "za-cash-threshold"


@pytest.fixture
def container(url: str, engine: Engine) -> Iterator[Container]:  # noqa: ARG001 - it is emptied
    """A container on an empty database."""
    container = Container(Settings(database_url=url))
    yield container
    container.close()


def ids(container: Container) -> set[str]:
    """The ids of the existing rules."""
    return {
        rule.id
        for rule in SqlRuleRecords(container.engine).rules(None, 99, active_only=False).items
    }


def test_the_defaults_are_created_once(container: Container) -> None:
    """Every start runs the seed."""
    created = [seed(container), seed(container)]

    assert created == [len(DEFAULT_RULES), 0]
    assert ids(container) == set(DEFAULT_RULES)


def test_a_rule_of_an_analyst_that_has_a_defaults_name_stays(container: Container) -> None:
    """A rule of an analyst must never stop the engine from starting."""
    theirs = write_rule(container).create({**DEFAULT_RULES[CASH], "weight": 0.1}, "thandi")

    with capture_logs() as logs:
        created = seed(container)

    assert created == len(DEFAULT_RULES) - 1
    assert ids(container) == {*DEFAULT_RULES, theirs.id} - {CASH}
    assert [(log["event"], log["rule"]) for log in logs] == [("seed.rule_skipped", CASH)]


OLDER = {
    "name": "Large first payment to a new beneficiary",
    "description": "As an earlier release seeded it",
    "condition": {"field": "amount_zar", "operator": "gte", "value": "50000.00"},
    "weight": 0.9,
    "severity": "critical",
    "floor": 0.7,
}
TAKEOVER = "za-new-beneficiary"


def shown(rule: StoredRule) -> dict[str, object]:
    """The fields that a default rule sets."""
    return {name: document_of(rule)[name] for name in DEFAULT_RULES[rule.id]}


def test_an_unchanged_default_rule_is_replaced_by_that_of_this_release(
    container: Container,
) -> None:
    """An upgraded installation gets the rules of the new release."""
    write_rule(container).create(OLDER, "seed", TAKEOVER)

    with capture_logs() as logs:
        written = [seed(container), seed(container)]

    rule = SqlRuleRecords(container.engine).rule(TAKEOVER)
    assert written == [len(DEFAULT_RULES), 0]
    assert (rule.version, shown(rule)) == (2, DEFAULT_RULES[TAKEOVER])
    assert [(log["event"], log["rule"]) for log in logs] == [("seed.rule_replaced", TAKEOVER)]


def test_each_release_replaces_the_rules_of_the_previous_seed(container: Container) -> None:
    """At the second upgrade the rule has version 2, which the seed wrote too."""
    write_rule(container).create(OLDER, "seed", TAKEOVER)
    write_rule(container).replace(TAKEOVER, {**OLDER, "weight": 0.8}, 1, "seed")

    seed(container)

    rule = SqlRuleRecords(container.engine).rule(TAKEOVER)
    assert (rule.version, shown(rule)) == (3, DEFAULT_RULES[TAKEOVER])


def changed(container: Container) -> None:
    """An analyst changes the weight."""
    write_rule(container).patch(TAKEOVER, {"weight": 0.1}, None, "thandi")


def deactivated(container: Container) -> None:
    """An analyst deactivates the rule."""
    write_rule(container).deactivate(TAKEOVER, None, "thandi")


@pytest.mark.parametrize("touch", [changed, deactivated])
def test_a_default_rule_that_an_analyst_changed_stays(
    container: Container, touch: Callable[[Container], None]
) -> None:
    """An upgrade must not undo a change; the log names the rule."""
    write_rule(container).create(OLDER, "seed", TAKEOVER)
    touch(container)
    theirs = SqlRuleRecords(container.engine).rule(TAKEOVER)

    with capture_logs() as logs:
        seed(container)

    assert document_of(SqlRuleRecords(container.engine).rule(TAKEOVER)) == document_of(theirs)
    assert [(log["event"], log["rule"]) for log in logs] == [("seed.rule_kept", TAKEOVER)]


def test_a_rule_whose_author_is_no_longer_known_stays(container: Container) -> None:
    """The audit log has a retention; without an author the rule counts as changed."""
    write_rule(container).create(OLDER, "seed", TAKEOVER)
    write_rule(container).replace(TAKEOVER, {**OLDER, "weight": 0.8}, 1, "seed")
    with writing(container.engine) as connection, unguarded(connection):
        connection.execute(delete(audit_log))

    seed(container)

    assert SqlRuleRecords(container.engine).rule(TAKEOVER).version == 2


def test_an_analysts_rule_with_the_new_name_of_a_default_rule_stays(
    container: Container,
) -> None:
    """A release may rename a rule; the engine starts with the old rule."""
    write_rule(container).create({**OLDER, "name": "Old name"}, "seed", TAKEOVER)
    write_rule(container).create({**OLDER, "name": DEFAULT_RULES[TAKEOVER]["name"]}, "thandi")

    with capture_logs() as logs:
        seed(container)

    assert SqlRuleRecords(container.engine).rule(TAKEOVER).name == "Old name"
    assert [(log["event"], log["rule"]) for log in logs] == [("seed.rule_skipped", TAKEOVER)]


def test_two_processes_may_seed_at_once(
    container: Container, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Replicas start together, and both find the rules missing."""

    def missing(_records: SqlRuleRecords, _rule_id: str) -> StoredRule:
        raise NotFound("there is no such rule")

    monkeypatch.setattr(SqlRuleRecords, "rule", missing)
    with ThreadPoolExecutor(2) as threads:
        created = list(threads.map(seed, [container, container]))

    assert sum(created) == len(DEFAULT_RULES)
    assert ids(container) == set(DEFAULT_RULES)


def test_with_four_eyes_a_release_changes_no_rule_alone(url: str, container: Container) -> None:
    """An operator that deploys an image would otherwise change the rules alone."""
    guarded = Container(Settings(database_url=url, auth=frozenset({Method.KEYS})))
    assert seed(guarded) == len(DEFAULT_RULES)
    older = {**DEFAULT_RULES[CASH], "weight": 0.123}
    with writing(container.engine) as connection:
        mine = fraud_rules.c.id == CASH
        connection.execute(update(fraud_rules).where(mine).values(document=older))

    with capture_logs() as logs:
        assert seed(guarded) == 0
    assert [each["rule"] for each in logs if each["event"] == "seed.needs_approval"] == [CASH]

    propose = propose_change(guarded)
    assert propose is not None
    assert propose_seed(guarded, propose, "operator:thandi") == 1
    page = SqlProposalRecords(guarded.engine).proposals(ProposalFilter(), None, 9)
    decide_proposal(guarded).approve(page.items[0].id, "sipho")
    assert document_of(SqlRuleRecords(guarded.engine).rule(CASH)) != older
    assert seed(guarded) == 0
    guarded.close()
