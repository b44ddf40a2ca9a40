"""Habits: the states of a payment's two accounts, and the book that keeps them in memory."""

from collections import OrderedDict
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from risksentinel.domain.party_state import PartyState, label_entry, payment_entry
from risksentinel.domain.transaction import Transaction


@dataclass(frozen=True, slots=True)
class Habits:
    """What came before one payment: of its sender as a payer, of its receiver as a payee."""

    sender: PartyState
    receiver: PartyState


NEVER_HEARD_OF: Final = Habits(PartyState(), PartyState())


class HabitBook:
    """The habits of all accounts, in memory: the reference that Redis is held against.

    Who was not heard of for longest is forgotten. An account that pays and is paid has a state
    for each.
    """

    def __init__(self, most_parties: int) -> None:
        self._most = most_parties
        self._senders: OrderedDict[str, PartyState] = OrderedDict()
        self._receivers: OrderedDict[str, PartyState] = OrderedDict()

    def record(self, payment: Transaction) -> Habits:
        """Record a payment; answers what came before it, also when it is recorded again."""
        rand = float(payment.amount.amount)
        paid = payment_entry(payment, payment.receiver_id)
        got = payment_entry(payment, payment.sender_id)
        return Habits(
            self._recorded(self._senders, payment.sender_id, paid, rand),
            self._recorded(self._receivers, payment.receiver_id, got, rand),
        )

    def before(self, payment: Transaction) -> Habits:
        """What came before a payment that was recorded, without recording it again."""
        paid = payment_entry(payment, payment.receiver_id)
        got = payment_entry(payment, payment.sender_id)
        return Habits(
            self._senders.get(payment.sender_id, _NOTHING).before(paid),
            self._receivers.get(payment.receiver_id, _NOTHING).before(got),
        )

    def label(self, payment: Transaction, known_at: datetime, *, fraud: bool | None) -> None:
        """Learn what a payment turned out to be; None: what was said of it is withdrawn."""
        entry = label_entry(payment, known_at, fraud=bool(fraud))
        for states, name in (
            (self._senders, payment.sender_id),
            (self._receivers, payment.receiver_id),
        ):
            state = states.get(name, _NOTHING)
            changed = state.without_label(entry) if fraud is None else state.with_label(entry)
            self._keep(states, name, changed)

    def clear(self) -> None:
        """Forget everything."""
        self._senders.clear()
        self._receivers.clear()

    def _recorded(
        self, states: OrderedDict[str, PartyState], name: str, entry: bytes, rand: float
    ) -> PartyState:
        before, after = states.get(name, _NOTHING).recorded(entry, rand)
        self._keep(states, name, after)
        return before

    def _keep(self, states: OrderedDict[str, PartyState], name: str, state: PartyState) -> None:
        states[name] = state
        states.move_to_end(name)
        if len(states) > self._most:
            states.popitem(last=False)


_NOTHING = PartyState()
