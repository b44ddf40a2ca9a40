"""Scoring: gathers the facts about payments before they are decided."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from risksentinel.deadline import Step, within
from risksentinel.domain.account_side import MAX_HABITS
from risksentinel.domain.history import Snapshot
from risksentinel.domain.named_list import NO_LISTS, Memberships
from risksentinel.domain.party_state import MAX_PAYMENTS
from risksentinel.domain.signal import Absence, Silent
from risksentinel.domain.transaction import Transaction
from risksentinel.errors import Late, Unavailable
from risksentinel.ports.environment import Meter
from risksentinel.ports.history import History
from risksentinel.ports.lists import ListBook
from risksentinel.ports.opinions import FraudModel, RuleBook
from risksentinel.rules.rule import Rule
from risksentinel.scoring.facts import Facts
from risksentinel.scoring.policy import Policy

HISTORY_SILENT: Final = Silent("the history store did not answer", absence=Absence.MISSING)
HISTORY_LATE: Final = Silent("the history store did not answer in time", absence=Absence.LATE)
RULES_SILENT: Final = Silent("the rules could not be read", absence=Absence.MISSING)
RULES_LATE: Final = Silent("the rules were not read in time", absence=Absence.LATE)
MAX_OF_ONE_ACCOUNT: Final = MAX_HABITS - MAX_PAYMENTS


@dataclass(frozen=True, slots=True)
class Scoring:
    """The sources of the facts: rules, history, model and lists.

    `policy` is the process's own, for the time in which no edition of the rule book is loaded.
    """

    rules: RuleBook
    history: History
    model: FraudModel
    policy: Policy
    meter: Meter
    lists: ListBook

    def facts(self, fresh: Sequence[Transaction]) -> tuple[list[Facts], Policy]:
        """Record the payments in the history; the facts of each, and the policy to decide by."""
        return self.facts_after(fresh, self._history(fresh))

    def facts_after(
        self, fresh: Sequence[Transaction], histories: Sequence[Snapshot | Silent]
    ) -> tuple[list[Facts], Policy]:
        """The same, with the recorded history of each payment."""
        with within(Step.RULES):
            rules, policy = self._edition()
            lists = self._lists(fresh, rules)
        facts = [
            Facts(payment, history, rules, lists=found)
            for payment, history, found in zip(fresh, histories, lists, strict=True)
        ]
        return self.with_opinions(facts, policy), policy

    def with_opinions(self, facts: Sequence[Facts], policy: Policy) -> list[Facts]:
        """The facts with the model's opinions, from one run of the model."""
        if policy.ml_weight == 0:
            return list(facts)
        with within(Step.MODEL):
            opinions = self.model.risks(facts, policy.model)
        return [
            fact if opinion == fact.model else fact.with_model(opinion)
            for fact, opinion in zip(facts, opinions, strict=True)
        ]

    def _edition(self) -> tuple[Sequence[Rule] | Silent, Policy]:
        try:
            edition = self.rules.edition()
        except Late:
            return RULES_LATE, self.policy
        except Unavailable:
            return RULES_SILENT, self.policy
        return edition.rules, edition.policy

    def _lists(
        self, fresh: Sequence[Transaction], rules: Sequence[Rule] | Silent
    ) -> Sequence[Memberships | Silent]:
        names = set() if isinstance(rules, Silent) else {n for rule in rules for n in rule.lists}
        return self.lists.matches(fresh, names) if names else [NO_LISTS] * len(fresh)

    def _history(self, fresh: Sequence[Transaction]) -> Sequence[Snapshot | Silent]:
        # A payment does not wait for the store: signals that need the history are silent.
        try:
            with within(Step.HISTORY):
                return self.history.record(fresh)
        except Late:
            return [HISTORY_LATE] * len(fresh)
        except Unavailable:
            return [HISTORY_SILENT] * len(fresh)


def rounds(fresh: Sequence[Transaction]) -> Iterator[list[Transaction]]:
    """Split a batch so that no account has more than MAX_OF_ONE_ACCOUNT payments in a round.

    All payments of a round are recorded in the history before the first one is decided. If a round
    had more payments of one account, they would displace the account's habits, even if all of them
    are declined afterwards.
    """
    some: list[Transaction] = []
    counts: dict[tuple[str, str], int] = {}
    for payment in fresh:
        sides = (("pays", payment.sender_id), ("is paid", payment.receiver_id))
        if any(counts.get(side, 0) == MAX_OF_ONE_ACCOUNT for side in sides):
            yield some
            some, counts = [], {}
        some.append(payment)
        for side in sides:
            counts[side] = counts.get(side, 0) + 1
    if some:
        yield some
