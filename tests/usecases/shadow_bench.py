"""Bench: scoring with a version in shadow that a test sets."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from itertools import count

from risksentinel.domain.shadowed import Shadowed
from risksentinel.errors import Unavailable
from risksentinel.ports.opinions import Edition, ShadowEdition
from risksentinel.rules.rule import Rule
from risksentinel.scoring.policy import Policy
from risksentinel.usecases.decide_payments import DecidePayments
from risksentinel.usecases.gather_facts import Scoring
from risksentinel.usecases.score_in_shadow import ScoreInShadow
from risksentinel.usecases.score_transactions import ScoreTransactions
from tests.fakes.memory_ledger import InMemoryLedger
from tests.fakes.meter import RememberingMeter
from tests.fakes.scoring import RULES, FixedLists, FixedModel, SwitchedHistory
from tests.strategies import NOW

SOURCE = "/risksentinel/score"
STRICT = Policy(high=Decimal("0.0001"), medium=Decimal("0.0001"), alert_threshold=Decimal("0.0001"))


@dataclass
class ShadowedRules:
    """A rule book with a version in shadow that a test sets."""

    shadow: ShadowEdition | None
    away: bool = False

    def edition(self) -> Edition:
        """The default rules, and the shadow."""
        if self.away:
            raise Unavailable("database")
        return Edition(RULES, replace(Policy(), version=1), self.shadow)


@dataclass
class Bench:
    """Scoring with a version in shadow; nothing runs beside the test."""

    rules: ShadowedRules
    ledger: InMemoryLedger = field(default_factory=InMemoryLedger)
    lists: FixedLists = field(default_factory=FixedLists)
    model: FixedModel = field(default_factory=FixedModel)
    meter: RememberingMeter = field(default_factory=RememberingMeter)
    history: SwitchedHistory = field(default_factory=SwitchedHistory)

    def __post_init__(self) -> None:
        self.shadow = ScoreInShadow(self.rules, self.lists, self.model, self.ledger, self.meter)
        scoring = Scoring(self.rules, self.history, self.model, Policy(), self.meter, self.lists)
        numbers = count(1)
        self.score = ScoreTransactions(
            DecidePayments(scoring),
            self.ledger,
            lambda: NOW,
            lambda: f"id-{next(numbers)}",
            self.shadow,
        )

    def passes(self) -> int:
        """Let the shadow decide all payments that wait."""
        return sum(iter(lambda: self.shadow.pass_once(lambda: None), 0))

    @property
    def stored(self) -> Sequence[Shadowed]:
        """The decisions in shadow."""
        return self.ledger.database.committed.shadowed


def in_shadow(policy: Policy, rules: Sequence[Rule] = RULES) -> ShadowedRules:
    """Version 2 in shadow."""
    return ShadowedRules(ShadowEdition(2, 3, rules, replace(policy, version=2)))
