"""Rule: a condition of the analysts with weight, severity and action."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any, Final

from risksentinel.rules.observation import Observation

Test = Callable[[Observation], bool | None]
TestFor = Callable[[Observation], Test]
NO_AMOUNT: Final = Decimal(0)


class Severity(StrEnum):
    """The severity of a rule. It orders the reasons; the action decides."""

    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"
    CRITICAL = "critical"


class Action(StrEnum):
    """The effect of a fired rule on the decision, apart from the score.

    `approve` takes precedence over scores, escalations and `review`, never over `decline`.
    """

    FLAG = "flag"
    REVIEW = "review"
    DECLINE = "decline"
    APPROVE = "approve"


@dataclass(frozen=True, slots=True)
class Rule:
    """One version of one rule. `weight` and `floor` are between 0 and 1.

    `test` returns True if the rule fires, False if not, and None if a decisive field is unknown.
    `test_for` returns the same test with the comparisons of channel and rail already evaluated, for
    payments that have the channel and the rail of the observation. `fields` are the fields and
    `lists` the named lists of the condition. Below `min_amount` rand the test is always False, so
    that callers may skip it.
    """

    id: str
    version: int
    name: str
    description: str
    condition: Mapping[str, Any] = field(hash=False)
    weight: float
    severity: Severity
    floor: float | None
    active: bool
    created_at: datetime
    updated_at: datetime
    test: Test = field(compare=False, repr=False)
    test_for: TestFor = field(compare=False, repr=False)
    fields: tuple[str, ...] = field(compare=False)
    action: Action = Action.FLAG
    lists: tuple[str, ...] = field(default=(), compare=False)
    min_amount: Decimal = field(default=NO_AMOUNT, compare=False)

    @property
    def reference(self) -> str:
        """The reference in explanations: id@version."""
        return f"{self.id}@{self.version}"


@dataclass(frozen=True, slots=True)
class UnreadableRule:
    """A stored rule that this release cannot parse: `fault` says why. It can only be deleted."""

    id: str
    version: int
    name: str
    document: Mapping[str, Any] = field(hash=False)
    fault: str
    active: bool
    created_at: datetime
    updated_at: datetime

    @property
    def reference(self) -> str:
        """The reference in explanations: id@version."""
        return f"{self.id}@{self.version}"


StoredRule = Rule | UnreadableRule


def lists_used(rule: StoredRule) -> tuple[str, ...]:
    """Return the names of a rule's lists; none for an unreadable rule."""
    return rule.lists if isinstance(rule, Rule) else ()
