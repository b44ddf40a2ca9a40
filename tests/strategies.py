"""The Hypothesis strategies of every test."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

from hypothesis import strategies as st

from risksentinel.domain.history import (
    ReceiverProfile,
    SenderProfile,
    Snapshot,
    VelocitySnapshot,
)
from risksentinel.domain.money import LARGEST, Money
from risksentinel.domain.transaction import (
    EARLIEST,
    LARGEST_CLOCK_SKEW,
    Channel,
    Rail,
    Transaction,
)
from risksentinel.scoring.policy import Policy

NOW = datetime(2026, 5, 1, 12, 0, tzinfo=UTC)
_ALPHABET = "ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz0123456789._:@+=-"

identifiers = st.builds(
    lambda first, rest: first + rest,
    st.sampled_from("ABCxyz019"),
    st.text(_ALPHABET, max_size=63),
)
few_parties = st.sampled_from(["A", "B", "C", "D"])
cents = st.integers(0, int(LARGEST * 100)) | st.integers(0, 10_000_000)
money = st.builds(Money.of_cents, cents)
moments = st.integers(0, 36 * 365 * 86_400 * 10**6).map(
    lambda micros: datetime(1990, 1, 1, tzinfo=UTC) + timedelta(microseconds=micros)
)
near_moments = st.integers(0, 3 * 3600).map(lambda seconds: NOW - timedelta(seconds=seconds))
categories = st.none() | st.sampled_from(["5411", "grocery_pos", "travel"])
countries = st.none() | st.sampled_from(["ZA", "GB", "NG"])


def _with_context(
    payment: Transaction, device: str | None, swapped: timedelta | None, added: timedelta | None
) -> Transaction:
    """The payment with its device, and with times so long before it, none before 1990."""

    def before(ago: timedelta | None) -> datetime | None:
        return None if ago is None else max(EARLIEST, payment.occurred_at - ago)

    return replace(
        payment,
        device_id=device,
        sim_swapped_at=before(swapped),
        beneficiary_added_at=before(added),
    )


agos = st.none() | st.timedeltas(-LARGEST_CLOCK_SKEW, timedelta(days=4000))
bare_transactions = st.builds(
    Transaction,
    id=identifiers,
    sender_id=identifiers,
    receiver_id=identifiers,
    amount=money,
    channel=st.sampled_from(Channel),
    occurred_at=moments,
    rail=st.none() | st.sampled_from(Rail),
    merchant_category=categories,
    receiver_country=countries,
)
transactions = st.builds(_with_context, bare_transactions, st.none() | identifiers, agos, agos)

few_rand = st.floats(0, 1e9, allow_nan=False).map(lambda amount: round(amount, 4))
snapshots = st.builds(
    Snapshot,
    velocity=st.builds(
        VelocitySnapshot,
        count=st.integers(1, 1000),
        total=st.integers(0, 10**12).map(lambda value: Decimal(value).scaleb(-2)),
        window_seconds=st.sampled_from([1, 60, 300, 3600, 90]),
    ),
    sender=st.builds(
        SenderProfile.of, st.integers(0, 1000), st.lists(few_rand, max_size=64)
    ),
    receiver=st.builds(ReceiverProfile, st.booleans(), st.integers(1, 256)),
)

ten_thousandths = st.integers(1, 10_000).map(lambda value: Decimal(value).scaleb(-4))


@st.composite
def policies(draw: st.DrawFn) -> Policy:
    """Any figures that the settings let through."""
    high, critical = sorted([draw(ten_thousandths), draw(ten_thousandths)])
    return Policy(
        high=high,
        critical=critical,
        alert_threshold=draw(ten_thousandths),
        velocity_max_count=draw(st.integers(1, 100_000)),
        velocity_max_total_zar=Decimal(draw(st.integers(1, 10**12))),
        anomaly_z_score=draw(st.floats(0.1, 100)),
        ml_weight=draw(st.sampled_from([0.0, 0.25, 0.4, 1 / 3, 1.0])),
        learnt_weights=draw(st.booleans()),
    )
