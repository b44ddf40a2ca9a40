"""Deciding: what the engine decides of a payment that a file says no decision of."""

from collections.abc import Sequence
from typing import Final

from risksentinel.domain.history import Snapshot
from risksentinel.domain.transaction import EARLIEST, Transaction
from risksentinel.domain.verdict import Decision
from risksentinel.rules.defaults import DEFAULT_RULES
from risksentinel.rules.parse import parse_rule
from risksentinel.rules.rule import Rule
from risksentinel.scoring.facts import Facts
from risksentinel.scoring.policy import Policy
from risksentinel.scoring.score import score

RULES: Final[Sequence[Rule]] = tuple(
    parse_rule(one, rule_id=name, version=1, created_at=EARLIEST, updated_at=EARLIEST)
    for name, one in DEFAULT_RULES.items()
)  # those that RiskSentinel starts with


def decision(payment: Transaction, snapshot: Snapshot, policy: Policy) -> Decision:
    """The engine's own decision without a model."""
    return score(Facts(payment, snapshot, RULES), policy, EARLIEST).decision
