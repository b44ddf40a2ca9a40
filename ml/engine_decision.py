"""The engine's decision on a payment, by the default rules and without a model."""

from collections.abc import Sequence
from math import nan
from typing import Final

from risksentinel.domain.history import Snapshot
from risksentinel.domain.signal import Reading
from risksentinel.domain.transaction import EARLIEST, Transaction
from risksentinel.domain.verdict import Decision
from risksentinel.rules.defaults import DEFAULT_RULES
from risksentinel.rules.parse import parse_rule
from risksentinel.rules.rule import Rule
from risksentinel.scoring.facts import Facts
from risksentinel.scoring.policy import Policy
from risksentinel.scoring.score import score
from risksentinel.scoring.signals import SIGNALS

RULES: Final[Sequence[Rule]] = tuple(
    parse_rule(one, rule_id=name, version=1, created_at=EARLIEST, updated_at=EARLIEST)
    for name, one in DEFAULT_RULES.items()
)  # the default rules


def signal_risks(payment: Transaction, snapshot: Snapshot, policy: Policy) -> list[float]:
    """The risk of each signal without a model, in the order of SIGNALS; NaN if silent."""
    facts = Facts(payment, snapshot, RULES)
    opinions = (signal.opinion(facts, policy) for signal in SIGNALS.values())
    return [one.risk if isinstance(one, Reading) else nan for one in opinions]


def decision(payment: Transaction, snapshot: Snapshot, policy: Policy) -> Decision:
    """The engine's own decision without a model."""
    return score(Facts(payment, snapshot, RULES), policy, EARLIEST).decision
