"""The inputs of scoring that a test sets: rules, history, model and lists."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta

from risksentinel.adapters.memory.history import MemoryHistory
from risksentinel.domain.history import Snapshot
from risksentinel.domain.named_list import Memberships, fold, listable_texts
from risksentinel.domain.signal import Opinion, Silent
from risksentinel.domain.transaction import Transaction
from risksentinel.errors import Unavailable
from risksentinel.ports.history import Remembered, Withheld
from risksentinel.ports.opinions import Edition
from risksentinel.rules.defaults import DEFAULT_RULES
from risksentinel.rules.parse import parse_rule
from risksentinel.rules.rule import Rule
from risksentinel.scoring.facts import NO_MODEL, Facts
from risksentinel.scoring.policy import Policy
from tests.strategies import NOW

RULES = tuple(
    parse_rule(document, rule_id=rule_id, version=1, created_at=NOW, updated_at=NOW)
    for rule_id, document in DEFAULT_RULES.items()
)


@dataclass
class FixedRules:
    """A rule book that never changes."""

    rules: Sequence[Rule] = RULES
    policy: Policy = field(default_factory=Policy)

    def edition(self) -> Edition:
        """The rules, with the policy."""
        return Edition(self.rules, self.policy)


@dataclass
class FixedModel:
    """A model with a fixed opinion, or one for each version, which remembers the batches."""

    opinion: Opinion = NO_MODEL
    asked: list[Sequence[Facts]] = field(default_factory=list)
    versions: Mapping[str, Opinion] = field(default_factory=dict)  # by the policy's choice

    def risks(self, batch: Sequence[Facts], choice: str) -> list[Opinion]:
        """The opinion."""
        self.asked.append(batch)
        return [self.versions.get(choice, self.opinion)] * len(batch)


@dataclass
class FixedLists:
    """Lists without entries, or with a fixed answer for every payment."""

    answer: Memberships | Silent | None = None

    def matches(
        self, batch: Sequence[Transaction], names: Collection[str]
    ) -> list[Memberships | Silent]:
        """The answer; without one, that no text is on any list."""
        if self.answer is not None:
            return [self.answer] * len(batch)
        texts = [{fold(text) for text in listable_texts(each) if text} for each in batch]
        return [Memberships(tuple(names), tuple(asked)) for asked in texts]


@dataclass
class SwitchedHistory:
    """A history that can be switched off."""

    away: bool = False
    behind: MemoryHistory = field(default_factory=lambda: MemoryHistory(timedelta(seconds=300)))

    def record(self, batch: Sequence[Transaction]) -> list[Snapshot]:
        """Record, or do not answer."""
        if self.away:
            raise Unavailable("history store")
        return self.behind.record(batch)

    def withhold(self, batch: Sequence[Withheld]) -> None:
        """Take payments out of the habits, or do not answer."""
        if self.away:
            raise Unavailable("history store")
        self.behind.withhold(batch)

    def catch_up(self, batch: Sequence[Remembered]) -> None:
        """Record what it lacks, or do not answer."""
        self.record([each.transaction for each in batch])
        self.withhold([each.withheld for each in batch if each.withheld is not None])
