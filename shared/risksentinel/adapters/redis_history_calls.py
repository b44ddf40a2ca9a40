"""What a payment asks of Redis: one script on its sender's keys, one on its receiver's.

The keys are `rs:{account}:` and `habits`, `recent`, `payers`, `received`, `paid:payment` or
`got:payment`;
account and payment are digests. So nothing that a sender chooses stands within the braces that say
where a cluster keeps the key, and no account number is readable in it. (It is no secret to those
who try all numbers.)
"""

from base64 import urlsafe_b64encode
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from hashlib import sha1, sha256
from importlib.resources import files
from struct import Struct
from typing import Final

from risksentinel.adapters.memory_history import Bounds
from risksentinel.adapters.redis_client import Command
from risksentinel.domain.habits import Habits
from risksentinel.domain.history import (
    FAN_IN_WINDOW,
    ReceiverProfile,
    SenderProfile,
    Snapshot,
    VelocitySnapshot,
)
from risksentinel.domain.label import Finding, Labelled
from risksentinel.domain.party_state import (
    MOST_DAYS,
    MOST_LABELS,
    MOST_PAYMENTS,
    PartyState,
    label_entry,
    payment_entry,
)
from risksentinel.domain.transaction import Transaction

KEYS: Final = b"rs:{*}:*"
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND: Final = timedelta(microseconds=1)
_A_DAY: Final = timedelta(days=1)  # by the clock: for who comes late by the payments' own times
_FAN_IN: Final = FAN_IN_WINDOW // _MICROSECOND
_SENT: Final = Struct(">IddIdB")
_GOT: Final = Struct("<I")
_LENGTHS: Final = Struct("<HH")  # of the payments and the days that were kept; labels follow
_NAMED: Final = 12  # bytes of a digest in a key
_LIMITS_OF_PARTY: Final = (b"%d" % MOST_PAYMENTS, b"%d" % MOST_DAYS)
_BENEFICIARY: Final = 4  # of the few that one sender pays
_LISTED: Final = 8  # bytes of a digest in a list of one account's
_SCRIPTS: Final = files("risksentinel.adapters") / "redis_history_scripts"


@dataclass(frozen=True, slots=True)
class Retention:
    """For how long, by the clock, what nobody asks for any more is kept."""

    habits: timedelta = timedelta(days=90)  # from the sender's last payment on
    answers: timedelta = timedelta(days=7)  # within it a repeated payment gets its first snapshot


RETENTION: Final = Retention()


class HistoryCalls:
    """Makes the calls of payments, and reads what they are answered."""

    def __init__(self, window: timedelta, bounds: Bounds, retention: Retention) -> None:
        reach = window + bounds.lateness
        self._window_seconds = int(window.total_seconds())
        self._window, self._reach = window // _MICROSECOND, b"%d" % (reach // _MICROSECOND)
        self._keep_answer = _seconds(retention.answers)
        party, label = _script("party"), _script("label")
        self.scripts: Final = (party + _script("sender"), party + _script("receiver"), label)
        self._send, self._receive = _call(self.scripts[0], 3), _call(self.scripts[1], 3)
        self._label, self._keep_habits = _call(label, 1), _seconds(retention.habits)
        self._limits_of_sender = (
            b"%d" % bounds.recent,
            b"%d" % bounds.beneficiaries,
            _seconds(retention.habits),
            _seconds(reach + _A_DAY),
        )
        self._limits_of_receiver = (b"%d" % bounds.payers, _seconds(FAN_IN_WINDOW + _A_DAY))

    def of(self, payment: Transaction, *, keep_answer: bool = True) -> tuple[Command, Command]:
        """The sender's call and the receiver's: done again, they do nothing if answers are kept."""
        sender, receiver = _digest(payment.sender_id), _digest(payment.receiver_id)
        itself = _digest(f"{payment.id} {payment.sender_id} {payment.receiver_id}")
        keep = self._keep_answer if keep_answer else b"0"
        return (
            self._by_sender(payment, sender, receiver[:_BENEFICIARY], itself, keep),
            self._by_receiver(payment, receiver, sender[:_LISTED], itself, keep),
        )

    def of_label(self, labelled: Labelled) -> tuple[Command, Command]:
        """The calls that tell both accounts; done again, they do nothing."""
        payment, standing = labelled.transaction, labelled.standing
        entry = label_entry(payment, labelled.label.written_at, fraud=standing is Finding.FRAUD)
        most = b"0" if standing is None else b"%d" % MOST_LABELS
        keys = (
            (_prefix(_digest(payment.sender_id)), b"habits"),
            (_prefix(_digest(payment.receiver_id)), b"received"),
        )
        sender, receiver = (
            Command(own, (*self._label, own + field, entry, most, self._keep_habits))
            for own, field in keys
        )
        return sender, receiver

    def snapshot(self, sent: bytes, got: bytes) -> Snapshot:
        """What the two calls of one payment answered."""
        payments, high, low, count, mean, new = _SENT.unpack_from(sent)
        (payers,) = _GOT.unpack_from(got)
        total = Decimal((int(high) << 32) + int(low)).scaleb(-2)
        sender = _party(sent, _SENT.size)
        return Snapshot(
            velocity=VelocitySnapshot(payments, total, self._window_seconds),
            sender=SenderProfile.of(count, mean, sender.amounts),
            receiver=ReceiverProfile(new_for_sender=bool(new), senders_24h=payers),
            habits=Habits(sender, _party(got, _GOT.size)),
        )

    def _by_sender(
        self, payment: Transaction, sender: bytes, receiver: bytes, itself: bytes, keep: bytes
    ) -> Command:
        own, at = _prefix(sender), _microseconds(payment.occurred_at)
        words = (
            *self._send,
            own + b"habits",
            own + b"recent",
            own + b"paid:" + _name(itself),
            b"%d" % at,
            b"%d" % (at - self._window),
            self._reach,
            payment.amount.cents.to_bytes(8, "big"),
            b"%r" % float(payment.amount.amount),
            receiver,
            *self._limits_of_sender,
            keep,
            payment_entry(payment, payment.receiver_id),
            *_LIMITS_OF_PARTY,
        )
        return Command(own, words)

    def _by_receiver(
        self, payment: Transaction, receiver: bytes, sender: bytes, itself: bytes, keep: bytes
    ) -> Command:
        own, at = _prefix(receiver), _microseconds(payment.occurred_at)
        words = (
            *self._receive,
            own + b"payers",
            own + b"got:" + _name(itself),
            own + b"received",
            b"%d" % at,
            b"%d" % (at - _FAN_IN),
            sender,
            *self._limits_of_receiver,
            keep,
            payment_entry(payment, payment.sender_id),
            b"%r" % float(payment.amount.amount),
            *_LIMITS_OF_PARTY,
            self._keep_habits,
        )
        return Command(own, words)


def _party(reply: bytes, start: int) -> PartyState:
    """What the account kept before the payment."""
    payments, days = _LENGTHS.unpack_from(reply, start)
    first_day = start + _LENGTHS.size + payments
    return PartyState(
        payments=reply[start + _LENGTHS.size : first_day],
        days=reply[first_day : first_day + days],
        labels=reply[first_day + days :],
    )


def _script(name: str) -> bytes:
    return (_SCRIPTS / f"{name}.lua").read_bytes()


def _call(script: bytes, keys: int) -> tuple[bytes, ...]:
    digest = sha1(script, usedforsecurity=False).hexdigest()
    return (b"EVALSHA", digest.encode(), b"%d" % keys)


def _digest(text: str) -> bytes:
    return sha256(text.encode()).digest()


def _name(digest: bytes) -> bytes:
    return urlsafe_b64encode(digest[:_NAMED])


def _prefix(account: bytes) -> bytes:
    return b"rs:{" + _name(account) + b"}:"


def _microseconds(moment: datetime) -> int:
    return (moment - _EPOCH) // _MICROSECOND


def _seconds(span: timedelta) -> bytes:
    return b"%d" % max(1, span // timedelta(seconds=1))
