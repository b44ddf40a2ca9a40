"""The Hypothesis strategies of every test."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

from hypothesis import strategies as st

from risksentinel.domain.account_summary import AccountSummary
from risksentinel.domain.flow import ENTRY, Flow
from risksentinel.domain.history import ReceiverProfile, Snapshot, VelocitySnapshot
from risksentinel.domain.money import LARGEST, Money
from risksentinel.domain.sender_profile import SenderProfile
from risksentinel.domain.transaction import (
    EARLIEST,
    MAX_CLOCK_SKEW,
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


agos = st.none() | st.timedeltas(-MAX_CLOCK_SKEW, timedelta(days=4000))
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

_AT = 1_777_636_800 * 1_000_000  # microseconds since 1970
flow_entries = st.builds(
    ENTRY.pack,
    st.integers(-1_000, 40 * 86_400).map(lambda seconds: _AT - seconds * 1_000_000),
    st.integers(0, 10**9),
    st.integers(1, 4),
    st.integers(0, 2**32 - 1),
    st.integers(1, len(Channel)),
    st.integers(0, len(Rail)),
)
flows = st.builds(lambda entries: Flow(b"".join(entries), _AT), st.lists(flow_entries, max_size=6))
_seconds = st.just(0) | st.integers(1, 2**31)
knowns = st.builds(
    AccountSummary, st.integers(0, 1000), _seconds, _seconds, _seconds, st.integers(0, 1), _seconds
)
few_rand = st.floats(0, 1e9, allow_nan=False).map(lambda amount: round(amount, 4))
snapshots = st.builds(
    Snapshot,
    velocity=st.builds(
        VelocitySnapshot,
        count=st.integers(1, 1000),
        total=st.integers(0, 10**12).map(lambda value: Decimal(value).scaleb(-2)),
        window_seconds=st.sampled_from([1, 60, 300, 3600, 90]),
    ),
    sender=st.builds(SenderProfile.of, st.integers(0, 1000), st.lists(few_rand, max_size=64)),
    receiver=st.builds(ReceiverProfile, st.booleans() | st.none(), st.integers(1, 256)),
    known=knowns,
    paid=flows,
    got=flows,
    received=flows,
)

ten_thousandths = st.integers(1, 10_000).map(lambda value: Decimal(value).scaleb(-4))


_times = st.none() | st.floats(0.1, 100)
_ceilings = st.dictionaries(
    st.sampled_from([*Channel, *Rail]).map(str), st.integers(1, 10**6).map(Decimal)
)


@st.composite
def policies(draw: st.DrawFn) -> Policy:
    """Any figures that the settings let through."""
    medium, high, critical = sorted(draw(ten_thousandths) for _ in range(3))
    return Policy(
        medium=medium,
        high=high,
        critical=critical,
        alert_threshold=draw(ten_thousandths),
        velocity_max_count=draw(st.integers(1, 500)),
        velocity_max_total_zar=Decimal(draw(st.integers(1, 10**12))),
        anomaly_z_score=draw(st.floats(0.1, 100)),
        ml_weight=draw(st.sampled_from([0.0, 0.25, 0.4, 1 / 3, 1.0])),
        learnt_weights=draw(st.booleans()),
        escalate_velocity_review=draw(_times),
        escalate_velocity_decline=draw(_times),
        escalate_amount_to_habit=draw(st.none() | st.floats(1, 1e6)),
        escalate_amount_ceilings=draw(st.none() | _ceilings),
        escalate_strong_signals=draw(st.none() | st.floats(0.01, 1)),
        escalate_strong_without_past=draw(st.none() | st.floats(0.01, 1)),
    )
