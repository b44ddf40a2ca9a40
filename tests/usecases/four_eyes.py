"""Shared by the tests of four eyes: the use cases on a database, and what is in force in it."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import count
from typing import Any

from sqlalchemy import Engine

from risksentinel.adapters.sql.ledger import SqlLedger
from risksentinel.adapters.sql.list_records import SqlListRecords
from risksentinel.adapters.sql.list_unit import SqlListLedger
from risksentinel.adapters.sql.policy_records import SqlPolicyRecords
from risksentinel.adapters.sql.proposals import SqlProposalLedger, SqlProposalRecords
from risksentinel.adapters.sql.rule_records import SqlRuleRecords
from risksentinel.domain.proposal import ProposalKind, ProposedChange
from risksentinel.ports.model_registry import ModelRegistry
from risksentinel.rules.parse import document_of
from risksentinel.usecases.decide_proposal import DecideProposal
from risksentinel.usecases.named_models import NamedModels
from risksentinel.usecases.propose_change import ProposeChange
from risksentinel.usecases.write_list import WriteList
from risksentinel.usecases.write_rule import WriteRule

NOW = datetime(2026, 5, 1, 12, 0, tzinfo=UTC)
RULE: dict[str, Any] = {
    "name": "Large",
    "condition": {"field": "amount_zar", "operator": "gt", "value": "100.00"},
    "weight": 0.5,
    "severity": "high",
}


@dataclass(frozen=True, slots=True)
class Bench:
    """The use cases of one database."""

    engine: Engine
    propose: ProposeChange
    decide: DecideProposal
    write_rule: WriteRule
    write_list: WriteList
    records: SqlProposalRecords

    def in_force(self) -> dict[str, Any]:
        """Every rule and every entry."""
        rules = SqlRuleRecords(self.engine).rules(None, 1_000, active_only=False).items
        lists = SqlListRecords(self.engine)
        return {
            "rules": {each.id: document_of(each) for each in rules},
            "lists": {
                each.name: [entry.value for entry in lists.entries(each, None, 1_000).items]
                for each in lists.lists()
            },
        }


Registry = Callable[[], ModelRegistry]


def no_registry() -> ModelRegistry:
    """For tests whose policies name no version of the model."""
    raise AssertionError("a policy that names no version read the registry")


def named_models(engine: Engine, registry: Registry) -> NamedModels:
    """The check of the models of the database's policies; every published version is served."""
    return NamedModels(SqlPolicyRecords(engine), registry, "payments", lambda _: None)


def bench(
    engine: Engine, clock: Callable[[], datetime] = lambda: NOW, registry: Registry = no_registry
) -> Bench:
    """The use cases on this database."""
    numbers = count(1)

    def new_id() -> str:
        return f"id-{next(numbers):06}"

    ledger = SqlProposalLedger(SqlLedger(engine))
    require = named_models(engine, registry).require_for
    return Bench(
        engine,
        ProposeChange(ledger, clock, new_id, require),
        DecideProposal(ledger, clock, new_id, require),
        WriteRule(SqlLedger(engine), clock, new_id),
        WriteList(SqlListLedger(engine), clock, new_id),
        SqlProposalRecords(engine),
    )


def of_rule(kind: ProposalKind, rule_id: str, change: dict[str, Any]) -> ProposedChange:
    """A change of a rule."""
    return ProposedChange(kind, rule_id, change)
