from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import Engine
from structlog.testing import capture_logs

from infra.seed import seed
from risksentinel.adapters.sql_rule_records import SqlRuleRecords
from risksentinel.assembly.backbone import Backbone
from risksentinel.errors import NotFound
from risksentinel.rules.defaults import DEFAULT_RULES
from risksentinel.rules.rule import KeptRule
from risksentinel.runtime.settings import Settings

CASH = "za-cash-threshold"


@pytest.fixture
def backbone(url: str, engine: Engine) -> Iterator[Backbone]:  # noqa: ARG001 - it is emptied
    """Everything behind the functions, on an empty database."""
    backbone = Backbone(Settings(database_url=url))
    yield backbone
    backbone.close()


def ids(backbone: Backbone) -> set[str]:
    """The rules that there are."""
    return {rule.id for rule in backbone.rule_records.rules(None, 99, active_only=False).items}


def test_the_defaults_are_created_once(backbone: Backbone) -> None:
    """Each start seeds."""
    created = [seed(backbone), seed(backbone)]

    assert created == [len(DEFAULT_RULES), 0]
    assert ids(backbone) == set(DEFAULT_RULES)


def test_a_rule_of_an_analyst_that_has_a_defaults_name_stays(backbone: Backbone) -> None:
    """What analysts write must never keep the engine from its start."""
    theirs = backbone.write_rule.create({**DEFAULT_RULES[CASH], "weight": 0.1}, "thandi")

    with capture_logs() as logs:
        created = seed(backbone)

    assert created == len(DEFAULT_RULES) - 1
    assert ids(backbone) == {*DEFAULT_RULES, theirs.id} - {CASH}
    assert [(log["event"], log["rule"]) for log in logs] == [("seed.rule_left_out", CASH)]


def test_two_processes_may_seed_at_once(
    backbone: Backbone, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Replicas start together, and both find the rules missing."""

    def missing(_records: SqlRuleRecords, _rule_id: str) -> KeptRule:
        raise NotFound("there is no such rule")

    monkeypatch.setattr(SqlRuleRecords, "rule", missing)
    with ThreadPoolExecutor(2) as threads:
        created = list(threads.map(seed, [backbone, backbone]))

    assert sum(created) == len(DEFAULT_RULES)
    assert ids(backbone) == set(DEFAULT_RULES)
