"""PastObservations: what a rule reads of past payments, as it was when they were decided."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

from risksentinel.domain.named_list import Memberships, joined
from risksentinel.domain.signal import Silent
from risksentinel.ports.lists import ListBook
from risksentinel.ports.live_payment import LivePayment
from risksentinel.ports.rule_trials import Receipt, Stop, TrialRecords
from risksentinel.rules.history_reach import reach_of
from risksentinel.rules.rule import Rule
from risksentinel.rules.values import values_of
from risksentinel.scoring.facts import Facts
from risksentinel.scoring.partitions.flows import PastState
from risksentinel.scoring.replay import NotInReceipt, facts_of

# What reading a receipt that is not what a score writes raises.
_DAMAGED: Final = (KeyError, TypeError, ValueError, AttributeError)

_NO_MODEL: Final = Silent("a dry run asks no model")


class OutOfTime(Exception):
    """The time is over before the facts of a payment were known."""


@dataclass(frozen=True, slots=True)
class Seen:
    """A payment with the result of the rule; `facts` None: its facts are not known any more."""

    live: LivePayment
    facts: Facts | None
    result: bool | None


@dataclass(frozen=True, slots=True)
class PastObservations:
    """Reads the facts from the receipt of each decision.

    A receipt has only what the rules of then read. Other windows and habits are computed from the
    stored payments of the accounts; lists that no rule of then used are read as they are now.
    """

    records: TrialRecords
    lists: ListBook

    def __call__(
        self, rule: Rule, some: Sequence[LivePayment], stop: Stop, *, whole: bool = False
    ) -> list[Seen]:
        """Return the payments with the result of the rule, in order.

        With `whole`, the facts have the value of every field of the rule, not only of those that
        decide its result.

        Raises:
            OutOfTime: the time was over before.
        """
        receipts = self.records.receipts(some)
        facts = {
            each.payment.id: found
            for each in some
            if (found := _facts(each, receipts.get(each.payment.id), rule)) is not None
        }
        self._add_lists(facts, rule)
        if stop():
            raise OutOfTime
        seen: dict[str, Seen] = {}
        lacking: list[LivePayment] = []
        for each in some:
            known = facts.get(each.payment.id)
            if known is None:
                seen[each.payment.id] = Seen(each, None, None)
                continue
            try:
                if whole:
                    values_of(rule, known.observation)
                seen[each.payment.id] = Seen(each, known, rule.test(known.observation))
            except NotInReceipt:
                lacking.append(each)
        if lacking:
            seen |= self._completed(rule, lacking, facts, stop)
        return [seen[each.payment.id] for each in some]

    def _completed(
        self,
        rule: Rule,
        lacking: Sequence[LivePayment],
        facts: Mapping[str, Facts],
        stop: Stop,
    ) -> dict[str, Seen]:
        """The payments whose receipts lack a value, with the computed state of their accounts."""
        computed = self.records.histories(lacking, reach_of(rule.fields), stop)
        found = {}
        for each in lacking:
            if each.payment.id not in computed:
                raise OutOfTime
            known = _with_state(facts[each.payment.id], computed[each.payment.id])
            found[each.payment.id] = Seen(each, known, rule.test(known.observation))
        return found

    def _add_lists(self, facts: dict[str, Facts], rule: Rule) -> None:
        names = set(rule.lists)
        lacking = [each for each in facts.values() if _lacks(each.lists, names)]
        if not lacking:
            return
        found = self.lists.matches([each.transaction for each in lacking], names)
        for each, now in zip(lacking, found, strict=True):
            facts[each.transaction.id] = replace(each, lists=joined(each.lists, now))


def _facts(live: LivePayment, receipt: Receipt | None, rule: Rule) -> Facts | None:
    if receipt is None:
        return None
    if not rule.lists:
        inputs = {name: value for name, value in receipt["inputs"].items() if name != "lists"}
        receipt = {**receipt, "inputs": inputs}
    try:
        return facts_of(live.payment, receipt, (), _NO_MODEL)
    except _DAMAGED:
        return None


def _lacks(lists: Memberships | Silent, names: set[str]) -> bool:
    return isinstance(lists, Memberships) and not names <= set(lists.names)


def _with_state(facts: Facts, computed: PastState) -> Facts:
    """The facts of the receipt, with flows and habits that were computed from stored payments."""
    history = facts.history
    if isinstance(history, Silent):
        return facts
    completed = replace(
        history,
        paid=computed.paid,
        got=computed.got,
        received=computed.received,
        habits=computed.habits or history.habits,
    )
    completed.answers.update(history.answers)
    return replace(facts, history=completed)
