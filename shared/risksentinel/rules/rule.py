"""Rule: one condition of the analysts with what it weighs."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any, Final

from risksentinel.rules.observation import Observation

Test = Callable[[Observation], bool | None]
NO_AMOUNT: Final = Decimal(0)


class Severity(StrEnum):
    """How grave it is when a rule fires. It orders the reasons; the action is what decides."""

    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"
    CRITICAL = "critical"


class Action(StrEnum):
    """What a rule does to the payment where it fires, apart from the score.

    `approve` wins over scores, escalations and reviewing rules, never over a declining rule.
    """

    FLAG = "flag"
    REVIEW = "review"
    DECLINE = "decline"
    APPROVE = "approve"


@dataclass(frozen=True, slots=True)
class Rule:
    """One version of one rule. `weight` and `floor` lie between 0 and 1.

    `test` answers True where the rule fires, False where it does not, and None where a field that
    decides is unknown. `fields` names what the condition reads, `lists` the named lists that it
    looks at. Below `min_amount` rand the test answers False, so that it need not be asked.
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
    fields: tuple[str, ...] = field(compare=False)
    action: Action = Action.FLAG
    lists: tuple[str, ...] = field(default=(), compare=False)
    min_amount: Decimal = field(default=NO_AMOUNT, compare=False)

    @property
    def reference(self) -> str:
        """The id@version that an explanation quotes."""
        return f"{self.id}@{self.version}"


@dataclass(frozen=True, slots=True)
class UnreadableRule:
    """A kept rule that this release cannot read: `fault` says why. It can only be taken away."""

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
        """The id@version, as every rule has it."""
        return f"{self.id}@{self.version}"


KeptRule = Rule | UnreadableRule


def lists_used(rule: KeptRule) -> tuple[str, ...]:
    """The names of the lists that a rule looks at; none of a rule that cannot be read."""
    return rule.lists if isinstance(rule, Rule) else ()
