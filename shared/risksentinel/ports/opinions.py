"""RuleBook, FraudModel: the rules in force and the model in use, for scoring."""

from collections.abc import Sequence
from typing import Protocol

from risksentinel.domain.signal import Opinion
from risksentinel.rules.rule import Rule
from risksentinel.scoring.facts import Facts


class FraudModel(Protocol):
    """The model in use."""

    def risks(self, batch: Sequence[Facts]) -> list[Opinion]:
        """One opinion for each payment, in order, from one run of the model.

        Silent where no model is in use, or the accounts' history is unknown. It never raises: a
        payment is scored without a model.
        """


class RuleBook(Protocol):
    """The rules in force."""

    def active(self) -> Sequence[Rule]:
        """Rules at most two seconds old; the last ones read while the database is unavailable."""
