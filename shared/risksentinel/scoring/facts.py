"""Facts: all data about one payment that scoring uses."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from risksentinel.domain.history import Snapshot
from risksentinel.domain.named_list import NO_LISTS, Memberships
from risksentinel.domain.signal import Opinion, Silent
from risksentinel.domain.transaction import Transaction
from risksentinel.rules.observation import Observation
from risksentinel.rules.rule import Rule

NO_MODEL = Silent("no model")


@dataclass(frozen=True)
class Facts:
    """Missing data are Silent, with the reason."""

    transaction: Transaction
    history: Snapshot | Silent
    rules: Sequence[Rule] | Silent
    model: Opinion = NO_MODEL
    lists: Memberships | Silent = NO_LISTS

    def with_model(self, opinion: Opinion) -> "Facts":
        """Return the facts with the model's opinion."""
        return Facts(self.transaction, self.history, self.rules, opinion, self.lists)

    @cached_property
    def observation(self) -> Observation:
        """The input of the rules."""
        snapshot = None if isinstance(self.history, Silent) else self.history
        lists = NO_LISTS if isinstance(self.lists, Silent) else self.lists
        return Observation(self.transaction, snapshot, lists)
