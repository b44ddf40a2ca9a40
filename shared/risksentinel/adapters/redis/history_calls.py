"""HistoryCalls: a payment calls one script on its sender's keys and one on its receiver's.

The keys are `rs:{account}:` and `pays`, `is-paid`, `paid:payment` or `got:payment`; account and
payment are digests. So no text of a client gets into the hash tag that selects the slot of a
cluster, and no account number is readable. (A search over all account numbers can find it.)
"""

from base64 import urlsafe_b64encode
from dataclasses import dataclass
from datetime import timedelta
from hashlib import sha1, sha256
from importlib.resources import files
from struct import Struct
from typing import Final

from risksentinel.adapters.redis.client import Command
from risksentinel.domain.account_side import (
    MAX_DEVICES,
    MAX_HABITS,
    MAX_HELD,
    AccountSide,
    Bounds,
    Recording,
)
from risksentinel.domain.account_summary import ANSWER, AccountSummary
from risksentinel.domain.history import PriorState, Snapshot, snapshot_of
from risksentinel.domain.label import Finding
from risksentinel.domain.party_state import (
    MAX_DAYS,
    MAX_LABELS,
    PartyState,
    label_entry,
)
from risksentinel.domain.reviewed import Labelled
from risksentinel.domain.transaction import Transaction
from risksentinel.ports.history import Withheld

KEYS: Final = b"rs:{*}:*"
_LENGTHS: Final = Struct("<HHHH")  # lengths of both flows, the payments and the days; labels follow
_NAMED: Final = 12  # bytes of a digest in a key
_SPARE: Final = 16  # see account_side
_MAXIMA: Final = (b"%d" % MAX_DAYS, b"%d" % MAX_HABITS)
_SCRIPTS: Final = files("risksentinel.adapters.redis") / "history_scripts"


@dataclass(frozen=True, slots=True)
class Retention:
    """How long unused entries stay in Redis.

    An account without a payment for longer than `habits` has no history any more: until then a
    dormant account differs from a new one.
    """

    habits: timedelta = timedelta(days=400)  # after the account's last payment
    answers: timedelta = timedelta(days=7)  # until then a repeated payment gets its first snapshot


RETENTION: Final = Retention()


class HistoryCalls:
    """Builds the calls of payments, and reads their replies."""

    def __init__(self, window: timedelta, bounds: Bounds, retention: Retention) -> None:
        self._window_seconds = int(window.total_seconds())
        self._bounds, self._keep = bounds, _seconds(retention.habits)
        self._keep_answer = _seconds(retention.answers)
        names = ("record", "withhold", "label")
        self.scripts: Final = tuple(_script("entries") + _script(name) for name in names)
        self._record, self._withhold, self._label = (_call(script) for script in self.scripts)

    def of(self, payment: Transaction, *, keep_answer: bool = True) -> tuple[Command, Command]:
        """The calls for sender and receiver; a repetition changes nothing while answers stay."""
        paying, receiving = Recording.both(payment, self._bounds)
        sender, receiver = _prefix(payment.sender_id), _prefix(payment.receiver_id)
        itself = _name(f"{payment.id} {payment.sender_id} {payment.receiver_id}")
        keep = self._keep_answer if keep_answer else b"0"
        pays = (b"3", sender + b"pays", sender + b"paid:" + itself, sender + b"is-paid")
        is_paid = (b"2", receiver + b"is-paid", receiver + b"got:" + itself)
        return (
            Command(sender, (*self._record, *pays, *self._recorded(paying, keep))),
            Command(receiver, (*self._record, *is_paid, *self._recorded(receiving, keep))),
        )

    def of_withheld(self, withheld: Withheld) -> tuple[Command, ...]:
        """The calls that remove a payment from the habits of both accounts."""
        held = b"%d" % MAX_HELD if withheld.review else b"0"
        return tuple(
            Command(
                key, (*self._withhold, b"1", key, of.entry, of.device, _rand(of), held, self._keep)
            )
            for key, of in self._sides(withheld.transaction)
        )

    def of_label(self, labelled: Labelled) -> tuple[Command, ...]:
        """The calls that apply a label to both accounts; a repetition changes nothing."""
        payment, standing = labelled.transaction, labelled.standing
        entry = label_entry(payment, labelled.label.written_at, fraud=standing is Finding.FRAUD)
        most = b"0" if standing is None else b"%d" % MAX_LABELS
        genuine = standing is not None and standing is not Finding.FRAUD
        return tuple(
            Command(
                key,
                (
                    *(*self._label, b"1", key, entry, most, self._keep),
                    *(of.entry if genuine else b"", _rand(of), b"%d" % of.max_beneficiaries),
                    *(*_MAXIMA, b"%d" % MAX_DEVICES),
                ),
            )
            for key, of in self._sides(payment)
        )

    def snapshot(self, payment: Transaction, sent: bytes, got: bytes) -> Snapshot:
        """The snapshot in the replies to the two calls of a payment."""
        sender, received_by_sender = _side(sent)
        receiver, _ = _side(got)
        known = AccountSummary(*ANSWER.unpack_from(sent))
        paying, receiving = Recording.both(payment, self._bounds)
        entries = (paying.flowing, receiving.flowing)
        around = PriorState(known, sender, receiver, received_by_sender, entries)
        return snapshot_of(payment, around, self._window_seconds)

    def _sides(self, payment: Transaction) -> tuple[tuple[bytes, Recording], ...]:
        paying, receiving = Recording.both(payment, self._bounds)
        return (
            (_prefix(payment.sender_id) + b"pays", paying),
            (_prefix(payment.receiver_id) + b"is-paid", receiving),
        )

    def _recorded(self, of: Recording, keep_answer: bytes) -> tuple[bytes, ...]:
        most = of.max_beneficiaries
        return (
            *(of.entry, of.flowing, _rand(of), of.device, b"%d" % of.max_flow, b"%d" % most),
            *(self._keep, keep_answer, *_MAXIMA, b"%d" % MAX_DEVICES, b"%d" % (most // _SPARE)),
        )


def _side(reply: bytes) -> tuple[AccountSide, bytes]:
    """The state of the account before the payment, and the flow of its other side."""
    sizes = _LENGTHS.unpack_from(reply, ANSWER.size)
    parts, start = [], ANSWER.size + _LENGTHS.size
    for size in sizes:
        parts.append(reply[start : start + size])
        start += size
    flow, other, payments, days = parts
    return AccountSide(PartyState(payments, days, reply[start:]), flow), other


def _rand(of: Recording) -> bytes:
    return b"%r" % of.rand


def _script(name: str) -> bytes:
    return (_SCRIPTS / f"{name}.lua").read_bytes()


def _call(script: bytes) -> tuple[bytes, ...]:
    digest = sha1(script, usedforsecurity=False).hexdigest()
    return (b"EVALSHA", digest.encode())


def _name(text: str) -> bytes:
    return urlsafe_b64encode(sha256(text.encode()).digest()[:_NAMED])


def _prefix(account: str) -> bytes:
    return b"rs:{" + _name(account) + b"}:"


def _seconds(span: timedelta) -> bytes:
    return b"%d" % max(1, span // timedelta(seconds=1))
