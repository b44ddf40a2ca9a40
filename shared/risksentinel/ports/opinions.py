"""RuleBook, FraudModel: what decides and the model in use, for scoring."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from risksentinel.domain.signal import Opinion
from risksentinel.rules.rule import Rule
from risksentinel.scoring.facts import Facts
from risksentinel.scoring.policy import Policy


class FraudModel(Protocol):
    """The models that policies name."""

    def risks(self, batch: Sequence[Facts], choice: str) -> list[Opinion]:
        """One opinion for each payment, in order, from one run of the model.

        `choice` is `Policy.model`. Silent where that model is not in use, or the accounts' history
        is unknown. It never raises: a payment is scored without a model.
        """


@dataclass(frozen=True, slots=True)
class ShadowEdition:
    """The version in shadow; `revision` tells it from itself before it was a draft again."""

    version: int
    revision: int
    rules: Sequence[Rule]
    policy: Policy


@dataclass(frozen=True, slots=True)
class Edition:
    """What decides at a moment: the rules in force and the policy, both of one version.

    `shadow` is the version that decides beside it, without effect.
    """

    rules: Sequence[Rule]
    policy: Policy
    shadow: ShadowEdition | None = None


class RuleBook(Protocol):
    """The rules and the policy in force."""

    def edition(self) -> Edition:
        """An edition at most two seconds old; the last one read while the database is unavailable.

        Raises:
            Unavailable: the database did not answer, and no edition is loaded.
        """
