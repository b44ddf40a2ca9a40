"""Party state: the stored state of one account for the model's features.

Three lists of fixed-size entries, each a byte string that grows at its end and is trimmed at its
front. A script in Redis maintains them with one count and one sum a day as its only arithmetic;
`risksentinel.scoring.features` computes everything else. Integers and floats are little-endian.

    payments  in order of arrival, 20 bytes each: time (seconds since 1970), rand (a float of 4
    bytes), the
              other account, the payment's identity (4 bytes of a digest each), the merchant's
              category (2 bytes of a digest, 0 for none), the channel and the rail (a number each,
              0 for none)
    days      by day, 14 bytes each: the day (since 1970, UTC), its payments, its rand (a double)
    labels    in order of writing, 13 bytes each: time of the label, time of the payment,
              the payment's identity, and 1 for fraud or 0 for genuine
"""

from datetime import datetime
from hashlib import sha256
from struct import Struct
from typing import Final, NamedTuple

from risksentinel.domain.transaction import Channel, Rail, Transaction

PAYMENT: Final = Struct("<IfIIHBB")
_BEFORE_PARTY: Final = Struct("<If")
_AFTER_PARTY: Final = Struct("<HBB")
DAY: Final = Struct("<HId")
LABEL: Final = Struct("<IIIB")
MAX_PAYMENTS: Final = 64
MAX_DAYS: Final = 40
MAX_LABELS: Final = 32
MAX_BYTES: Final = MAX_PAYMENTS * PAYMENT.size + MAX_DAYS * DAY.size + MAX_LABELS * LABEL.size

SECONDS_A_DAY: Final = 86_400
LATEST_SECOND: Final = 2**32 - 1  # in the year 2106
IDENTITY_OF_PAYMENT: Final = slice(12, 16)  # offset in a payment's entry
_IDENTITY_OF_LABEL: Final = slice(8, 12)
# Add a new channel or rail at the end of its enumeration: stored entries use their numbers.
_CHANNELS: Final = {channel: number for number, channel in enumerate(Channel, 1)}
_RAILS: Final = {rail: number for number, rail in enumerate(Rail, 1)}


def second_of(moment: datetime) -> int:
    """Return whole seconds since 1970 in UTC."""
    return min(int(moment.timestamp()), LATEST_SECOND)


def party_digest(account: str) -> bytes:
    """Return 4 bytes for an account: two of 64 accounts share them with a probability of 1e-6."""
    return sha256(account.encode()).digest()[:4]


def payment_digest(payment: Transaction) -> bytes:
    """Return 4 bytes for a payment: the same id between other accounts is another payment."""
    named = f"{payment.id} {payment.sender_id} {payment.receiver_id}"
    return sha256(named.encode()).digest()[:4]


def category_code(category: str | None) -> int:
    """Return 2 bytes for a merchant's category; 0 if the payment states none."""
    if category is None:
        return 0
    return 1 + int.from_bytes(sha256(category.encode()).digest()[:4], "little") % 65_535


def channel_code(channel: Channel) -> int:
    """Return the number of a channel, from 1."""
    return _CHANNELS[channel]


def rail_code(rail: Rail | None) -> int:
    """Return the number of a rail, from 1; 0 if the payment states none."""
    return 0 if rail is None else _RAILS[rail]


def payment_entry(payment: Transaction, counterparty: str) -> bytes:
    """Return the payment's entry in the habits of one of its two accounts."""
    second, rand = second_of(payment.occurred_at), float(payment.amount.amount)
    before, after = around_party(payment, payment_digest(payment), second, rand)
    return before + party_digest(counterparty) + after


def around_party(
    payment: Transaction, itself: bytes, second: int, rand: float
) -> tuple[bytes, bytes]:
    """Return the bytes before and after the other account's digest; `itself` is the payment's."""
    category = category_code(payment.merchant_category)
    codes = (channel_code(payment.channel), rail_code(payment.rail))
    return _BEFORE_PARTY.pack(second, rand), itself + _AFTER_PARTY.pack(category, *codes)


def label_entry(payment: Transaction, known_at: datetime, *, fraud: bool) -> bytes:
    """Return the label's entry in the state of the payment's two accounts."""
    identity = int.from_bytes(payment_digest(payment), "little")
    return LABEL.pack(second_of(known_at), second_of(payment.occurred_at), identity, fraud)


class PartyState(NamedTuple):
    """The lists of one account; empty for an account without payments."""

    payments: bytes = b""
    days: bytes = b""
    labels: bytes = b""

    @property
    def latest(self) -> "PartyState":
        """Return the state with the latest 64 payments, which are those that are read."""
        if len(self.payments) <= MAX_PAYMENTS * PAYMENT.size:
            return self
        return PartyState(self.payments[-MAX_PAYMENTS * PAYMENT.size :], self.days, self.labels)

    @property
    def amounts(self) -> list[float]:
        """Return the amounts of the stored payments in rand, in order of arrival."""
        return [entry[1] for entry in PAYMENT.iter_unpack(self.payments)]

    def amounts_until(self, second: int) -> tuple[list[float], list[float]]:
        """Return all amounts, and those of payments up to `second`."""
        if not self.payments:
            return [], []
        entries = list(PAYMENT.iter_unpack(self.payments))
        return [entry[1] for entry in entries], [each[1] for each in entries if each[0] <= second]

    def before(self, entry: bytes) -> "PartyState":
        """Return the state without this payment and all later entries, if it is stored."""
        identity = entry[IDENTITY_OF_PAYMENT]
        place = place_of(self.payments, identity, PAYMENT.size, IDENTITY_OF_PAYMENT.start)
        return PartyState(self.payments[:place], self.days, self.labels)

    def without_payment(self, entry: bytes, rand: float) -> "PartyState":
        """Return the state without one payment of `rand`; unchanged if it is not stored."""
        identity = entry[IDENTITY_OF_PAYMENT]
        place = place_of(self.payments, identity, PAYMENT.size, IDENTITY_OF_PAYMENT.start)
        if place is None:
            return self
        rest = taken_out(self.payments, place, PAYMENT.size)
        day = int.from_bytes(entry[:4], "little") // SECONDS_A_DAY
        return PartyState(rest, without_day(self.days, day, rand), self.labels)

    def with_label(self, entry: bytes) -> "PartyState":
        """Return the state with the label, which replaces an earlier label of the payment."""
        if entry in self._labels():
            return self
        labels = self.without_label(entry).labels + entry
        return PartyState(self.payments, self.days, labels[-MAX_LABELS * LABEL.size :])

    def without_label(self, entry: bytes) -> "PartyState":
        """Return the state without the payment's label."""
        identity = entry[_IDENTITY_OF_LABEL]
        kept = b"".join(known for known in self._labels() if known[_IDENTITY_OF_LABEL] != identity)
        return PartyState(self.payments, self.days, kept)

    def _labels(self) -> list[bytes]:
        size = LABEL.size
        return [self.labels[at : at + size] for at in range(0, len(self.labels), size)]


def place_of(entries: bytes, digest: bytes, size: int, offset: int) -> int | None:
    """Return the position of the entry with this digest at this offset; None without one."""
    found = entries.find(digest)
    while found >= 0 and found % size != offset:
        found = entries.find(digest, found + 1)
    return None if found < 0 else found - offset


def taken_out(entries: bytes, place: int, size: int) -> bytes:
    """Return the entries without the one at the position."""
    return entries[:place] + entries[place + size :]


def with_day(days: bytes, day: int, rand: float) -> bytes:
    """Return the days with one more payment; a late one counts in its own day if stored."""
    end = len(days)
    while end:
        start = end - DAY.size
        known, count, total = DAY.unpack_from(days, start)
        if known == day:
            return days[:start] + DAY.pack(day, count + 1, total + rand) + days[end:]
        if known < day:
            break
        end = start
    longer = days[:end] + DAY.pack(day, 1, rand) + days[end:]
    return longer[-MAX_DAYS * DAY.size :]


def without_day(days: bytes, day: int, rand: float) -> bytes:
    """Return the days with one payment less; a day without payments is removed."""
    for start in range(0, len(days), DAY.size):
        known, count, total = DAY.unpack_from(days, start)
        if known == day:
            left = DAY.pack(day, count - 1, total - rand) if count > 1 else b""
            return days[:start] + left + days[start + DAY.size :]
    return days
