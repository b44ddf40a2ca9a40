"""Party state: what is kept of one account for the model's features.

Three lists of fixed-size entries, each a byte string that grows at its end and is cut off at its
front. So a script in Redis keeps them without any arithmetic but one count and one sum a day, and
everything else is computed in one place, `risksentinel.scoring.features`. Integers and floats are
little-endian.

    payments  as they came, 20 bytes each: when (seconds since 1970), rand (a float of 4 bytes), the
              other account, the payment's identity (4 bytes of a digest each), the merchant's
              category (2 bytes of a digest, 0 for none), the channel and the rail (a number each,
              0 for none)
    days      by day, 14 bytes each: the day (since 1970, UTC), its payments, its rand (a double)
    labels    as they became known, 13 bytes each: when it became known, when the payment was made,
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
IDENTITY_OF_PAYMENT: Final = slice(12, 16)  # where a payment's entry has it
_IDENTITY_OF_LABEL: Final = slice(8, 12)
# A new channel or rail goes to the end of its enumeration: what is kept names them by number.
_CHANNELS: Final = {channel: number for number, channel in enumerate(Channel, 1)}
_RAILS: Final = {rail: number for number, rail in enumerate(Rail, 1)}


def second_of(moment: datetime) -> int:
    """Whole seconds since 1970 began in UTC."""
    return min(int(moment.timestamp()), LATEST_SECOND)


def party_digest(account: str) -> bytes:
    """An account by 4 bytes: two of 64 share them once in a million times."""
    return sha256(account.encode()).digest()[:4]


def payment_digest(payment: Transaction) -> bytes:
    """A payment by 4 bytes: the same id between other accounts is another payment."""
    named = f"{payment.id} {payment.sender_id} {payment.receiver_id}"
    return sha256(named.encode()).digest()[:4]


def category_code(category: str | None) -> int:
    """A merchant's category by 2 bytes; 0 where the payment states none."""
    if category is None:
        return 0
    return 1 + int.from_bytes(sha256(category.encode()).digest()[:4], "little") % 65_535


def channel_code(channel: Channel) -> int:
    """A channel by its number, from 1."""
    return _CHANNELS[channel]


def rail_code(rail: Rail | None) -> int:
    """A rail by its number, from 1; 0 where the payment states none."""
    return 0 if rail is None else _RAILS[rail]


def payment_entry(payment: Transaction, counterparty: str) -> bytes:
    """A payment as the habits of one of its two accounts keep it."""
    second, rand = second_of(payment.occurred_at), float(payment.amount.amount)
    before, after = around_party(payment, payment_digest(payment), second, rand)
    return before + party_digest(counterparty) + after


def around_party(
    payment: Transaction, itself: bytes, second: int, rand: float
) -> tuple[bytes, bytes]:
    """What stands before and after the other account's digest; `itself` is the payment's digest."""
    category = category_code(payment.merchant_category)
    codes = (channel_code(payment.channel), rail_code(payment.rail))
    return _BEFORE_PARTY.pack(second, rand), itself + _AFTER_PARTY.pack(category, *codes)


def label_entry(payment: Transaction, known_at: datetime, *, fraud: bool) -> bytes:
    """What a payment turned out to be, as its two accounts keep it."""
    identity = int.from_bytes(payment_digest(payment), "little")
    return LABEL.pack(second_of(known_at), second_of(payment.occurred_at), identity, fraud)


class PartyState(NamedTuple):
    """One account's lists; an account that was never heard of has empty ones."""

    payments: bytes = b""
    days: bytes = b""
    labels: bytes = b""

    @property
    def latest(self) -> "PartyState":
        """The state with the payments that are read: the latest 64."""
        if len(self.payments) <= MAX_PAYMENTS * PAYMENT.size:
            return self
        return PartyState(self.payments[-MAX_PAYMENTS * PAYMENT.size :], self.days, self.labels)

    @property
    def amounts(self) -> list[float]:
        """What the kept payments were of, in rand, as they came."""
        return [entry[1] for entry in PAYMENT.iter_unpack(self.payments)]

    def amounts_until(self, second: int) -> tuple[list[float], list[float]]:
        """All amounts, and those of payments that were made until then, in seconds since 1970."""
        if not self.payments:
            return [], []
        entries = list(PAYMENT.iter_unpack(self.payments))
        return [entry[1] for entry in entries], [each[1] for each in entries if each[0] <= second]

    def before(self, entry: bytes) -> "PartyState":
        """The state without this payment and what came after it, where it is kept."""
        identity = entry[IDENTITY_OF_PAYMENT]
        place = place_of(self.payments, identity, PAYMENT.size, IDENTITY_OF_PAYMENT.start)
        return PartyState(self.payments[:place], self.days, self.labels)

    def without_payment(self, entry: bytes, rand: float) -> "PartyState":
        """The state without one payment of so much rand; itself where the payment is not kept."""
        identity = entry[IDENTITY_OF_PAYMENT]
        place = place_of(self.payments, identity, PAYMENT.size, IDENTITY_OF_PAYMENT.start)
        if place is None:
            return self
        rest = taken_out(self.payments, place, PAYMENT.size)
        day = int.from_bytes(entry[:4], "little") // SECONDS_A_DAY
        return PartyState(rest, without_day(self.days, day, rand), self.labels)

    def with_label(self, entry: bytes) -> "PartyState":
        """The state after a label; it takes the place of the payment's earlier one."""
        if entry in self._labels():
            return self
        labels = self.without_label(entry).labels + entry
        return PartyState(self.payments, self.days, labels[-MAX_LABELS * LABEL.size :])

    def without_label(self, entry: bytes) -> "PartyState":
        """The state after the payment's label was withdrawn."""
        identity = entry[_IDENTITY_OF_LABEL]
        kept = b"".join(known for known in self._labels() if known[_IDENTITY_OF_LABEL] != identity)
        return PartyState(self.payments, self.days, kept)

    def _labels(self) -> list[bytes]:
        size = LABEL.size
        return [self.labels[at : at + size] for at in range(0, len(self.labels), size)]


def place_of(entries: bytes, digest: bytes, size: int, offset: int) -> int | None:
    """Where the entry begins that has this digest at this offset; None where none has."""
    found = entries.find(digest)
    while found >= 0 and found % size != offset:
        found = entries.find(digest, found + 1)
    return None if found < 0 else found - offset


def taken_out(entries: bytes, place: int, size: int) -> bytes:
    """The entries without the one that begins there."""
    return entries[:place] + entries[place + size :]


def with_day(days: bytes, day: int, rand: float) -> bytes:
    """The days in order, one payment more; a late one joins its own day while that is kept."""
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
    """The days in order, one payment less; a day without payments goes."""
    for start in range(0, len(days), DAY.size):
        known, count, total = DAY.unpack_from(days, start)
        if known == day:
            left = DAY.pack(day, count - 1, total - rand) if count > 1 else b""
            return days[:start] + left + days[start + DAY.size :]
    return days
