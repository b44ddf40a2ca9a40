"""AccountBook: both sides of all accounts, in memory. Redis is held against it."""

from collections import OrderedDict
from collections.abc import Callable, Container, Iterable
from datetime import datetime
from typing import Final

from risksentinel.domain.account_side import BOUNDS, AccountSide, Bounds, Known, Recording
from risksentinel.domain.history import Around
from risksentinel.domain.party_state import label_entry
from risksentinel.domain.transaction import Transaction

Sides = OrderedDict[str, AccountSide]
Change = Callable[[AccountSide, Recording], AccountSide]


class AccountBook:
    """What accounts did, each as the one that pays and as the one that is paid.

    Whichever account was not heard of for longest is forgotten, once there are more than `most`.
    """

    def __init__(self, most: int, bounds: Bounds = BOUNDS) -> None:
        self._most, self._bounds = most, bounds
        self._payers: Sides = OrderedDict()
        self._payees: Sides = OrderedDict()

    def unheard(self, batch: Iterable[Transaction]) -> tuple[set[str], set[str]]:
        """The accounts of these payments of which nothing is kept: senders, and receivers.

        A sender is looked up as a receiver too, for what it was paid.
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
        """Record a payment of the past for those of its accounts that are among these."""
        paying, receiving = Recording.both(payment, self._bounds)
        sender, receiver = payment.sender_id, payment.receiver_id
        if sender in payers:
            self._keep(self._payers, sender, self._payers.get(sender, _NOBODY).recorded(paying))
        if receiver in payees:
            side = self._payees.get(receiver, _NOBODY)
            self._keep(self._payees, receiver, side.recorded(receiving))

    def adopt(self, other: "AccountBook", payers: Iterable[str], payees: Iterable[str]) -> None:
        """Keep what the other book has of these senders and receivers.

        An account that is kept here already stays as it is.
        """
        for sides, known, names in (
            (self._payers, other._payers, payers),  # noqa: SLF001 - it is of the same class
            (self._payees, other._payees, payees),  # noqa: SLF001
        ):
            for name in names:
                if name not in sides:
                    self._keep(sides, name, known.get(name, _NOBODY))

    def record(self, payment: Transaction) -> Around:
        """Record a payment that was not recorded before; answers what its accounts kept so far."""
        paying, receiving = Recording.both(payment, self._bounds)
        sender = self._payers.get(payment.sender_id, _NOBODY)
        receiver = self._payees.get(payment.receiver_id, _NOBODY)
        entries = (paying.flowing, receiving.flowing)
        # An account that pays itself: what it got is read before both of its sides change.
        around = Around(sender.known(paying), sender, receiver, self._got(payment), entries)
        self._keep(self._payers, payment.sender_id, sender.recorded(paying))
        self._keep(self._payees, payment.receiver_id, receiver.recorded(receiving))
        return around

    def again(self, payment: Transaction, known: Known) -> Around:
        """What the payment's accounts kept before it was recorded, which was known then."""
        paying, receiving = Recording.both(payment, self._bounds)
        sender = self._payers.get(payment.sender_id, _NOBODY).before(paying)
        receiver = self._payees.get(payment.receiver_id, _NOBODY).before(receiving)
        entries = (paying.flowing, receiving.flowing)
        return Around(known, sender, receiver, self._got(payment), entries)

    def withhold(self, payment: Transaction, *, review: bool) -> None:
        """Take a payment out of the habits: declined, or under review until it is cleared."""
        self._change(
            payment,
            lambda side, of: side.withheld(of.entry, of.device, of.rand, review=review),
        )

    def label(self, payment: Transaction, known_at: datetime, *, fraud: bool | None) -> None:
        """Learn what a payment turned out to be; None withdraws what was said of it.

        A payment under review that was genuine becomes a habit.
        """
        entry = label_entry(payment, known_at, fraud=bool(fraud))

        def labelled(side: AccountSide, of: Recording) -> AccountSide:
            habits = side.habits
            changed = habits.without_label(entry) if fraud is None else habits.with_label(entry)
            side = side._replace(habits=changed)
            return side.cleared(of.entry, of.rand, of.max_beneficiaries) if fraud is False else side

        self._change(payment, labelled)

    def clear(self) -> None:
        """Forget everything."""
        self._payers.clear()
        self._payees.clear()

    def _got(self, payment: Transaction) -> bytes:
        return self._payees.get(payment.sender_id, _NOBODY).flow

    def _change(self, payment: Transaction, change: Change) -> None:
        paying, receiving = Recording.both(payment, self._bounds)
        for sides, name, of in (
            (self._payers, payment.sender_id, paying),
            (self._payees, payment.receiver_id, receiving),
        ):
            self._keep(sides, name, change(sides.get(name, _NOBODY), of))

    def _keep(self, sides: Sides, name: str, side: AccountSide) -> None:
        sides[name] = side
        sides.move_to_end(name)
        if len(sides) > self._most:
            sides.popitem(last=False)


_NOBODY: Final = AccountSide()
