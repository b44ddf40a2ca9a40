"""AccountBook: the state of all accounts, in memory. Tests verify the Redis adapter against it."""

from collections import OrderedDict
from collections.abc import Callable, Container, Iterable
from datetime import datetime
from typing import Final

from risksentinel.domain.account_side import BOUNDS, AccountSide, Bounds, Recording
from risksentinel.domain.account_summary import AccountSummary
from risksentinel.domain.history import PriorState
from risksentinel.domain.party_state import label_entry
from risksentinel.domain.transaction import Transaction

Sides = OrderedDict[str, AccountSide]
Change = Callable[[AccountSide, Recording], AccountSide]


class AccountBook:
    """The payments of each account as payer and as payee.

    Above `most` accounts the least recently used account is evicted.
    """

    def __init__(self, most: int, bounds: Bounds = BOUNDS) -> None:
        self._most, self._bounds = most, bounds
        self._payers: Sides = OrderedDict()
        self._payees: Sides = OrderedDict()

    @property
    def accounts(self) -> int:
        """The number of senders, or that of receivers if it is larger."""
        return max(len(self._payers), len(self._payees))

    def without_state(self, batch: Iterable[Transaction]) -> tuple[set[str], set[str]]:
        """Return the senders and the receivers of these payments that have no state here.

        A sender is also looked up as a receiver, for the payments that it received.
        """
        payers, payees = set(), set()
        for payment in batch:
            sender, receiver = payment.sender_id, payment.receiver_id
            if sender not in self._payers:
                payers.add(sender)
            if sender not in self._payees:
                payees.add(sender)
            if receiver not in self._payees:
                payees.add(receiver)
        return payers, payees

    def recall(self, payment: Transaction, payers: Container[str], payees: Container[str]) -> None:
        """Record an earlier payment for those of its accounts that are in the given sets."""
        paying, receiving = Recording.both(payment, self._bounds)
        sender, receiver = payment.sender_id, payment.receiver_id
        if sender in payers:
            self._keep(self._payers, sender, self._payers.get(sender, _NO_ACCOUNT).recorded(paying))
        if receiver in payees:
            side = self._payees.get(receiver, _NO_ACCOUNT)
            self._keep(self._payees, receiver, side.recorded(receiving))

    def adopt(self, other: "AccountBook", payers: Iterable[str], payees: Iterable[str]) -> None:
        """Copy the state of these senders and receivers from the other book.

        An account that has a state here keeps it.
        """
        for sides, known, names in (
            (self._payers, other._payers, payers),  # noqa: SLF001 - the other object is of this class
            (self._payees, other._payees, payees),  # noqa: SLF001
        ):
            for name in names:
                if name not in sides:
                    self._keep(sides, name, known.get(name, _NO_ACCOUNT))

    def record(self, payment: Transaction) -> PriorState:
        """Record a new payment; return the state of its accounts before it."""
        paying, receiving = Recording.both(payment, self._bounds)
        sender = self._payers.get(payment.sender_id, _NO_ACCOUNT)
        receiver = self._payees.get(payment.receiver_id, _NO_ACCOUNT)
        entries = (paying.flowing, receiving.flowing)
        # For an account that pays itself, the received payments are read before both sides change.
        around = PriorState(sender.known(paying), sender, receiver, self._got(payment), entries)
        self._keep(self._payers, payment.sender_id, sender.recorded(paying))
        self._keep(self._payees, payment.receiver_id, receiver.recorded(receiving))
        return around

    def state_before(self, payment: Transaction, known: AccountSummary) -> PriorState:
        """Return the state of the accounts before the payment, which was recorded earlier."""
        paying, receiving = Recording.both(payment, self._bounds)
        sender = self._payers.get(payment.sender_id, _NO_ACCOUNT).before(paying)
        receiver = self._payees.get(payment.receiver_id, _NO_ACCOUNT).before(receiving)
        entries = (paying.flowing, receiving.flowing)
        return PriorState(known, sender, receiver, self._got(payment), entries)

    def withhold(self, payment: Transaction, *, review: bool) -> None:
        """Remove a payment from the habits: it was declined, or is under review until cleared."""
        self._change(
            payment,
            lambda side, of: side.withheld(of.entry, of.device, of.rand, review=review),
        )

    def label(self, payment: Transaction, known_at: datetime, *, fraud: bool | None) -> None:
        """Store whether a payment was fraud; None removes the label.

        A payment under review that was genuine becomes a habit.
        """
        entry = label_entry(payment, known_at, fraud=bool(fraud))
        self._change(payment, lambda side, of: side.labelled(entry, of, fraud=fraud))

    def clear(self) -> None:
        """Remove the state of all accounts."""
        self._payers.clear()
        self._payees.clear()

    def _got(self, payment: Transaction) -> bytes:
        return self._payees.get(payment.sender_id, _NO_ACCOUNT).flow

    def _change(self, payment: Transaction, change: Change) -> None:
        paying, receiving = Recording.both(payment, self._bounds)
        for sides, name, of in (
            (self._payers, payment.sender_id, paying),
            (self._payees, payment.receiver_id, receiving),
        ):
            self._keep(sides, name, change(sides.get(name, _NO_ACCOUNT), of))

    def _keep(self, sides: Sides, name: str, side: AccountSide) -> None:
        sides[name] = side
        sides.move_to_end(name)
        if len(sides) > self._most:
            sides.popitem(last=False)


_NO_ACCOUNT: Final = AccountSide()
