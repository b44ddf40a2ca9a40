"""Facts: all data about one payment that scoring uses."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from risksentinel.domain.history import Snapshot
from risksentinel.domain.named_list import NO_LISTS, Memberships
from risksentinel.domain.signal import Opinion, Silent
from risksentinel.domain.transaction import Transaction
from risksentinel.rules.observation import Observation
from risksentinel.rules.rule import Rule

NO_MODEL = Silent("no model")


@dataclass(slots=True, unsafe_hash=True)  # not frozen: the observation is cached
class Facts:
    """Missing data are Silent, with the reason."""

    transaction: Transaction
    history: Snapshot | Silent
    rules: Sequence[Rule] | Silent
    model: Opinion = NO_MODEL
    lists: Memberships | Silent = NO_LISTS
    _observation: Observation | None = field(default=None, init=False, repr=False, compare=False)

    def with_model(self, opinion: Opinion) -> "Facts":
        """Return the facts with the model's opinion."""
        return Facts(self.transaction, self.history, self.rules, opinion, self.lists)

    def under(self, rules: Sequence[Rule], model: Opinion, lists: Memberships | Silent) -> "Facts":
        """Return the facts for other rules; the observation is shared if the lists are the same."""
        facts = Facts(self.transaction, self.history, rules, model, lists)
        if lists is self.lists:
            facts._observation = self._observation
        return facts

    @property
    def observation(self) -> Observation:
        """The input of the rules."""
        if self._observation is None:
            snapshot = None if isinstance(self.history, Silent) else self.history
            lists = NO_LISTS if isinstance(self.lists, Silent) else self.lists
            self._observation = Observation(self.transaction, snapshot, lists)
        return self._observation
