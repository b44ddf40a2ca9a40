"""Facts of a receipt with one change of the payment, and everything else as it was.

The facts are those of `replay.facts_of`: flows have counted windows only. A figure that the change
makes unknown raises NotInReceipt where it is read.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import timedelta
from functools import partial
from typing import Final, cast

from risksentinel.domain.account_summary import AccountSummary
from risksentinel.domain.flow import Flow, Window
from risksentinel.domain.history import COOLING_OFF_SECONDS, Snapshot
from risksentinel.domain.money import Money
from risksentinel.domain.party_state import SECONDS_A_DAY, second_of
from risksentinel.domain.transaction import Rail, Transaction
from risksentinel.scoring.facts import Facts
from risksentinel.scoring.replay import CountedFlow, NotInReceipt

_HOUR: Final = 3_600
_NEW_PARTIES: Final = "new_parties_"


@dataclass(slots=True)
class _Changed:
    """A window in which the largest amount is not known."""

    count: int
    cents: int
    parties: int
    cash_count: int
    cash_cents: int

    @property
    def largest(self) -> int:
        """Raises NotInReceipt: the second largest amount is not stored."""
        raise NotInReceipt("the receipt does not have the second largest amount")


def with_amount(facts: Facts, amount: Money) -> Facts:
    """Return the facts with a lower amount."""
    payment, history = facts.transaction, facts.history
    changed = replace(payment, amount=amount)
    if not isinstance(history, Snapshot):
        return _with(facts, changed)
    lowered = partial(_lowered, payment, payment.amount.cents - amount.cents)
    total = history.velocity.total - payment.amount.amount + amount.amount
    if total < 0:
        raise NotInReceipt("the payment is not in the window of its receipt")
    snapshot = replace(
        history,
        velocity=replace(history.velocity, total=total),
        paid=_flow(history.paid, lowered),
        received=_flow(history.received, lowered),
    )
    if history.answers.get("runs"):  # a lower amount is as usual
        snapshot.answers["runs"] = 1
    return _with(facts, changed, snapshot)


def with_beneficiary_known(facts: Facts, days: int) -> Facts:
    """Return the facts if the sender had known the beneficiary for so many days."""
    payment, history = facts.transaction, facts.history
    if payment.beneficiary_added_at is not None:
        added = payment.occurred_at - timedelta(days=days)
        payment = replace(payment, beneficiary_added_at=min(payment.beneficiary_added_at, added))
    if not isinstance(history, Snapshot):
        return _with(facts, payment)
    first = _earlier(history.known.party_first, payment, days)
    new = second_of(payment.occurred_at) - first < COOLING_OFF_SECONDS
    snapshot = _same_answers(
        history,
        replace(
            history,
            known=history.known._replace(party_first=first),
            receiver=replace(history.receiver, new_for_sender=new),
            received=_without_new_sender(history, payment, days),
        ),
    )
    return _with(facts, payment, snapshot)


def with_device_known(facts: Facts, days: int) -> Facts:
    """Return the facts if the sender had used the device for so many days."""
    payment, history = facts.transaction, facts.history
    if not isinstance(history, Snapshot):
        return facts
    first = _earlier(history.known.device_first, payment, days)
    known = history.known._replace(device_first=first)
    return _with(facts, payment, _same_answers(history, replace(history, known=known)))


def at_another_hour(facts: Facts, hours: int) -> Facts:
    """Return the facts so many hours later, with the same past so long before."""
    moved, payment, history = timedelta(hours=hours), facts.transaction, facts.history
    changed = replace(
        payment,
        occurred_at=payment.occurred_at + moved,
        sim_swapped_at=payment.sim_swapped_at and payment.sim_swapped_at + moved,
        beneficiary_added_at=payment.beneficiary_added_at and payment.beneficiary_added_at + moved,
    )
    if not isinstance(history, Snapshot):
        return _with(facts, changed)
    payments, first, last, party, full, device = history.known
    first, last, party, device = (
        second and max(1, second + hours * _HOUR) for second in (first, last, party, device)
    )
    known = AccountSummary(payments, first, last, party, full, device)
    return _with(facts, changed, _same_answers(history, replace(history, known=known)))


def _with(facts: Facts, payment: Transaction, history: Snapshot | None = None) -> Facts:
    return Facts(payment, history or facts.history, facts.rules, facts.model, facts.lists)


def _same_answers(before: Snapshot, after: Snapshot) -> Snapshot:
    after.answers.update(before.answers)
    return after


def _earlier(first: int, payment: Transaction, days: int) -> int:
    since = max(1, second_of(payment.occurred_at) - days * SECONDS_A_DAY)
    return min(first or since, since)


def _flow(flow: Flow, changed: Callable[[Window], Window]) -> Flow:
    windows = {span: changed(window) for span, window in flow.counted.items()}
    return CountedFlow.known(windows, flow.figures)


def _lowered(payment: Transaction, less: int, window: Window) -> Window:
    before = payment.amount.cents
    if window.cents < before:
        raise NotInReceipt("the payment is not in a window of its receipt")
    cash = window.cash_cents - less if payment.rail is Rail.CASH else window.cash_cents
    changed = _Changed(window.count, window.cents - less, window.parties, window.cash_count, cash)
    if window.count > 1 and window.largest <= before:
        return cast("Window", changed)
    largest = window.largest if window.count > 1 else before - less
    return Window(changed.count, changed.cents, largest, window.parties, window.cash_count, cash)


def _without_new_sender(history: Snapshot, payment: Transaction, days: int) -> Flow:
    """The receiver's flow in which this sender is not new within less than so many days."""
    at, first = second_of(payment.occurred_at), history.known.party_first

    def known(name: str, figure: int | None) -> int | None:
        if figure is None or not name.startswith(_NEW_PARTIES):
            return figure
        span = int(name.removeprefix(_NEW_PARTIES))
        counted = (not first or at - first < span) and span < days * SECONDS_A_DAY
        return max(0, figure - counted)

    figures = {name: known(name, figure) for name, figure in history.received.figures.items()}
    return CountedFlow.known(history.received.counted, figures)
