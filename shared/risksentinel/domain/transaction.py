"""Transaction: one payment, as the payer's bank states it."""

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Any, Final
from zoneinfo import ZoneInfo

from risksentinel.domain.money import Money
from risksentinel.errors import Malformed, Violation

MAX_CLOCK_SKEW: Final = timedelta(minutes=5)
EARLIEST: Final = datetime(1990, 1, 1, tzinfo=UTC)
SOUTH_AFRICA: Final = ZoneInfo("Africa/Johannesburg")
IDENTIFIER: Final = r"^[A-Za-z0-9+][A-Za-z0-9._:@+=-]{0,63}$"  # needs no encoding in a URL path
IDENTIFIER_IN_WORDS: Final = (
    "1 to 64 letters, digits and ._:@+=- that begin with a letter, a digit or +"
)
_IDENTIFIER: Final = re.compile(IDENTIFIER[:-1] + r"\Z")
_IDENTIFIERS: Final = ("id", "sender_id", "receiver_id", "device_id")
_EARLIER_TIMES: Final = ("sim_swapped_at", "beneficiary_added_at")
_TIMES: Final = ("occurred_at", *_EARLIER_TIMES)


class Channel(StrEnum):
    """Where the payer gave the order."""

    MOBILE_BANKING = "mobile_banking"
    INTERNET_BANKING = "internet_banking"
    USSD = "ussd"
    ATM = "atm"
    BRANCH = "branch"
    POS = "pos"
    ECOMMERCE = "ecommerce"
    WALLET = "wallet"


class Rail(StrEnum):
    """The payment system that carries the money; independent of the channel."""

    CARD = "card"
    PAYSHAP = "payshap"
    RTC = "rtc"
    EFT = "eft"
    RTGS = "rtgs"
    CASH = "cash"


class TransactionStatus(StrEnum):
    """The processing status of a payment."""

    RECEIVED = "received"
    APPROVED = "approved"
    REVIEW = "review"
    DECLINED = "declined"


@dataclass(frozen=True, slots=True)
class Transaction:
    """One payment. Identifiers match IDENTIFIER; times are UTC.

    `device_id` is the device that gave the order, `sim_swapped_at` the time when the sender's
    number last moved to another SIM card, and `beneficiary_added_at` the time when the sender saved
    the beneficiary. Each is None if the caller did not state it; the times are between EARLIEST and
    five minutes after the payment.
    """

    id: str
    sender_id: str
    receiver_id: str
    amount: Money
    channel: Channel
    occurred_at: datetime
    rail: Rail | None = None
    merchant_category: str | None = None
    receiver_country: str | None = None
    device_id: str | None = None
    sim_swapped_at: datetime | None = None
    beneficiary_added_at: datetime | None = None

    def __post_init__(self) -> None:
        identifiers = (self.id, self.sender_id, self.receiver_id, self.device_id)
        violations = [
            Violation(name, f"must be {IDENTIFIER_IN_WORDS}")
            for name, value in zip(_IDENTIFIERS, identifiers, strict=True)
            if value is not None and _IDENTIFIER.match(value) is None
        ]
        violations += _time_violations("occurred_at", self.occurred_at)
        if self.sim_swapped_at is not None or self.beneficiary_added_at is not None:
            latest = None if violations else self.occurred_at + MAX_CLOCK_SKEW
            for name in _EARLIER_TIMES:
                violations += _time_violations(name, getattr(self, name), latest)
        if violations:
            raise Malformed(violations)
        for name in _TIMES:
            at = getattr(self, name)
            if at is not None and at.tzinfo is not UTC:
                object.__setattr__(self, name, at.astimezone(UTC))

    @property
    def local_time(self) -> datetime:
        """The time of the payment in South Africa."""
        return self.occurred_at.astimezone(SOUTH_AFRICA)

    def refuse_if_ahead_of(self, now: datetime) -> None:
        """Refuse a payment that is dated more than five minutes after `now`.

        Raises:
            Malformed: the payment is dated more than five minutes in the future.
        """
        if self.occurred_at > now + MAX_CLOCK_SKEW:
            raise Malformed([Violation("occurred_at", "must not lie in the future")])

    def is_same_payment(self, other: "Transaction") -> bool:
        """Return whether both are one payment; only time and context may differ."""
        return self.identifying_fields == other.identifying_fields

    @property
    def identifying_fields(self) -> tuple[object, ...]:
        """The fields that identify a payment: both must be equal in a repeated request.

        The context of the order (device, SIM swap, beneficiary's time) may differ when the same
        payment is sent again, and is left out.
        """
        return (
            self.id,
            self.sender_id,
            self.receiver_id,
            self.amount,
            self.channel,
            self.rail,
            self.merchant_category,
            self.receiver_country,
        )

    def to_mapping(self) -> dict[str, Any]:
        """Return the fields by their names in the API and in the database, in the API's order.

        `amount_zar` is a Decimal, channel and rail are text, times are datetimes in UTC; fields
        that the caller did not state are None.
        """
        return {
            "id": self.id,
            "sender_id": self.sender_id,
            "receiver_id": self.receiver_id,
            "amount_zar": self.amount.amount,
            "channel": self.channel.value,
            "rail": self.rail and self.rail.value,
            "merchant_category": self.merchant_category,
            "receiver_country": self.receiver_country,
            "device_id": self.device_id,
            "sim_swapped_at": self.sim_swapped_at,
            "beneficiary_added_at": self.beneficiary_added_at,
            "occurred_at": self.occurred_at,
        }


def _time_violations(
    name: str, at: datetime | None, latest: datetime | None = None
) -> list[Violation]:
    if at is None:
        return []
    if at.tzinfo is None:
        return [Violation(name, "must carry a time zone, like 2026-05-01T08:30:00Z")]
    if at < EARLIEST:
        return [Violation(name, f"must not be before {EARLIEST:%Y-%m-%d}")]
    if latest is not None and at > latest:
        return [Violation(name, "must not be more than five minutes after occurred_at")]
    return []
