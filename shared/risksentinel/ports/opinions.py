"""Who else has a say in a score: the rules in force, and the model in use."""

from collections.abc import Sequence
from typing import Protocol

from risksentinel.domain.signal import Opinion
from risksentinel.rules.rule import Rule
from risksentinel.scoring.facts import Facts


class FraudModel(Protocol):
    """The model in use."""

    def risks(self, batch: Sequence[Facts]) -> list[Opinion]:
        """One opinion a payment, in order, from all of them at once.

        Silent where there is no model, or nothing is known of the payment's accounts. It never
        raises: a payment goes on without a model.
        """


class RuleBook(Protocol):
    """The rules in force."""

    def active(self) -> Sequence[Rule]:
        """Rules that are at most two seconds old; the last good ones while the database is away."""
