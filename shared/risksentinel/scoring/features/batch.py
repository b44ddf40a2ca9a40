"""Batch: payments and the states of their accounts as arrays, one row for each payment."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final, Self

import numpy as np
import numpy.typing as npt

from risksentinel.domain.history import Habits
from risksentinel.domain.model_version import MeasuredBy
from risksentinel.domain.party_state import (
    PartyState,
    category_code,
    channel_code,
    party_digest,
    second_of,
)
from risksentinel.domain.transaction import Transaction

Floats = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]
Integers = npt.NDArray[np.int64]
Columns = dict[str, npt.NDArray[Any]]

LANES: Final = 8  # numpy/core/src/umath/loops_utils.h.src: pairwise_sum, up to 128 columns
MIN_PAYMENTS: Final = 3  # fewer payments show no habit
DAY: Final = 86_400
_PAYMENT: Final = np.dtype(
    [
        ("at", "<u4"),
        ("rand", "<f4"),
        ("party", "<u4"),
        ("identity", "<u4"),
        ("category", "<u2"),
        ("channel", "u1"),
        ("rail", "u1"),
    ]
)
_DAY: Final = np.dtype([("day", "<u2"), ("count", "<u4"), ("rand", "<f8")])
_LABEL: Final = np.dtype([("known", "<u4"), ("at", "<u4"), ("identity", "<u4"), ("fraud", "u1")])


@dataclass(frozen=True, slots=True)
class Options:
    """Parameters of the features; training and serving must use the same.

    `utc_offset` gives the local hour and weekday, by default South Africa's; `label_delay` is the
    usual time from a payment to its label: younger payments do not count in fraud rates.
    """

    utc_offset: timedelta = timedelta(hours=2)
    label_delay: timedelta = timedelta(days=7)

    @classmethod
    def of(cls, by: MeasuredBy) -> Self:
        """Return the options of a model's manifest."""
        return cls(
            timedelta(seconds=by.utc_offset_seconds), timedelta(seconds=by.label_delay_seconds)
        )

    @property
    def measured_by(self) -> MeasuredBy:
        """The options as in a manifest."""
        return MeasuredBy(
            utc_offset_seconds=int(self.utc_offset.total_seconds()),
            label_delay_seconds=int(self.label_delay.total_seconds()),
        )


@dataclass(frozen=True, slots=True)
class Party:
    """Accounts of both sides. Each array has a row for each account and a column for each entry.

    The senders of all payments come first, then their receivers, so that features of both sides are
    computed at once, which halves the time for a single payment. See `sides`.

    Entries that do not exist, or were not known at the time of the payment, are False in `known`,
    `day_known` and `fraud_known`; `age` is in seconds before the payment.
    """

    known: Flags
    count: Integers
    age: Floats
    rand: Floats
    party: npt.NDArray[np.uint32]
    category: npt.NDArray[np.uint16]
    channel: npt.NDArray[np.uint8]
    at: Integers
    day_known: Flags
    days_ago: Integers
    day_count: Floats
    day_rand: Floats
    fraud_known: Flags
    fraud_age: Floats

    @classmethod
    def of(cls, states: Sequence[PartyState], now: Integers) -> Self:
        """Return the states as known at these seconds since 1970."""
        paid = _rows([state.payments for state in states], _PAYMENT)
        days = _rows([state.days for state in states], _DAY)
        labels = _rows([state.labels for state in states], _LABEL)
        moment = now[:, None]
        at = paid["at"].astype(np.int64)
        known = (at > 0) & (at <= moment)
        days_ago = moment // DAY - days["day"].astype(np.int64)
        heard = (labels["known"] > 0) & (labels["known"] <= moment) & (labels["fraud"] > 0)
        return cls(
            known=known,
            count=known.sum(axis=1),
            age=(moment - at).astype(np.float64),
            rand=np.where(known, paid["rand"], 0.0),
            party=paid["party"],
            category=paid["category"],
            channel=paid["channel"],
            at=at,
            # The day of the payment is incomplete: its payments are read one by one.
            day_known=(days["day"] > 0) & (days_ago > 0),
            days_ago=days_ago,
            day_count=days["count"].astype(np.float64),
            day_rand=days["rand"],
            fraud_known=heard,
            fraud_age=(moment - labels["at"].astype(np.int64)).astype(np.float64),
        )

    @property
    def senders(self) -> Self:
        """The first half of the rows: the senders, one row for each payment."""
        half = len(self.count) // 2
        return type(self)(*(getattr(self, name)[:half] for name in self.__slots__))

    @property
    def few(self) -> Flags:
        """Marks the accounts that have too few payments for habits."""
        return self.count < MIN_PAYMENTS


@dataclass(frozen=True, slots=True)
class Batch:
    """Payments, one in each row; times in seconds since 1970, amounts in rand."""

    now: Integers
    rand: Floats
    receiver_digest: npt.NDArray[np.uint32]
    category: npt.NDArray[np.uint16]
    channel: npt.NDArray[np.uint8]
    sender: Party
    both: Party
    options: Options

    @classmethod
    def of(
        cls, payments: Sequence[Transaction], habits: Sequence[Habits], options: Options
    ) -> Self:
        """Return the batch of the payments and the states before each."""
        now = np.array([second_of(payment.occurred_at) for payment in payments], dtype=np.int64)
        rand = [float(payment.amount.amount) for payment in payments]
        states = [each.sender for each in habits] + [each.receiver for each in habits]
        both = Party.of(states, np.concatenate((now, now)))
        return cls(
            now=now,
            # At least a cent, because of ratios; as precise as the stored amounts.
            rand=np.maximum(np.array(rand, dtype=np.float32), 0.01).astype(np.float64),
            receiver_digest=_digests([payment.receiver_id for payment in payments]),
            category=np.array([category_code(p.merchant_category) for p in payments], np.uint16),
            channel=np.array([channel_code(p.channel) for p in payments], np.uint8),
            sender=both.senders,
            both=both,
            options=options,
        )


def sides(values: npt.NDArray[Any]) -> npt.NDArray[Any]:
    """Split values of both sides into those of senders and those of receivers."""
    return values.reshape(2, -1)


def _rows(lists: Sequence[bytes], kind: np.dtype[Any]) -> npt.NDArray[Any]:
    """Return lists of entries as one array, the newest entry in the last column, padded with 0.

    The number of columns is a multiple of LANES: NumPy adds the columns in so many lanes, so that
    a sum of a row does not depend on the longest list of the batch, not even in its last digit.
    """
    lane = LANES * kind.itemsize
    longest = max(lane, *(-(-len(entries) // lane) * lane for entries in lists))
    body = b"".join([entries.rjust(longest, b"\0") for entries in lists])
    return np.frombuffer(body, dtype=kind).reshape(len(lists), -1)


def _digests(accounts: Sequence[str]) -> npt.NDArray[np.uint32]:
    return np.frombuffer(b"".join(map(party_digest, accounts)), dtype="<u4")
