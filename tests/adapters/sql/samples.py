"""Payments, verdicts, alerts, events and rules to store; and Hypothesis strategies for them."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from typing import Final

from hypothesis import strategies as st

from risksentinel.domain.alert import Alert
from risksentinel.domain.label import Finding, Label, LabelSource
from risksentinel.domain.money import Money
from risksentinel.domain.report_filing import StoredReport
from risksentinel.domain.statutory_report import ReportKind, StatutoryReport
from risksentinel.domain.transaction import EARLIEST, Channel, Rail, Transaction
from risksentinel.domain.verdict import DECISIONS, Decision, RiskLevel, Scored, Verdict
from risksentinel.events.event import Event
from risksentinel.rules.parse import parse_rule
from risksentinel.rules.rule import Rule
from tests.strategies import identifiers, money

NOW: Final = datetime(2026, 5, 1, 8, 30, tzinfo=UTC)
TODAY: Final = NOW.date()


def payment(name: str = "tx-1", sender: str = "acc-1", at: datetime = NOW) -> Transaction:
    """One payment of R250."""
    return Transaction(
        id=name,
        sender_id=sender,
        receiver_id="acc-9",
        amount=Money(Decimal(250)),
        channel=Channel.USSD,
        occurred_at=at,
        rail=Rail.PAYSHAP,
    )


def scored(
    transaction: Transaction,
    score: str = "0.4200",
    level: RiskLevel = RiskLevel.LOW,
    at: datetime = NOW,
) -> Scored:
    """The payment with a verdict."""
    verdict = Verdict(
        transaction_id=transaction.id,
        score=Decimal(score),
        risk_level=level,
        decision=DECISIONS[level],
        reasons=(f"scored {score}",),
        alert=level is not RiskLevel.LOW,
        explanation={"score": float(score), "signals": {"rules": {"status": "ok"}}},
        scored_at=at,
    )
    return Scored(transaction, verdict)


def alert_of(what: Scored) -> Alert:
    """The alert of a risky payment."""
    return Alert.raised(f"alert-{what.transaction.id}", what)


def label_of(transaction: Transaction) -> Label:
    """What an analyst found of the payment."""
    return Label(
        transaction_id=transaction.id,
        source=LabelSource.ANALYST,
        version=1,
        finding=Finding.FRAUD,
        reported_by="thandi",
        reported_at=transaction.occurred_at,
        occurred_at=transaction.occurred_at,
        written_at=transaction.occurred_at,
    )


def report_of(
    transaction: Transaction, kind: ReportKind = ReportKind.CTR, due_on: date = TODAY
) -> StoredReport:
    """An open report of the payment."""
    report = StatutoryReport(
        kind=kind,
        transaction_id=transaction.id,
        sender_id=transaction.sender_id,
        receiver_id=transaction.receiver_id,
        amount=transaction.amount,
        due_on=due_on,
    )
    return StoredReport(f"report-{transaction.id}", report, Decision.APPROVE, NOW)


def event(name: str = "ev-1", key: str = "acc-1", topic: str = "transactions.scored") -> Event:
    """One outbox event."""
    return Event(
        topic=topic,
        id=name,
        type="za.risksentinel.transaction.scored.v1",
        source="/risksentinel/score",
        subject="tx-1",
        key=key,
        time=NOW,
        data={"transaction_id": "tx-1"},
    )


def rule(
    rule_id: str = "r-1", name: str = "large at night", made: timedelta = timedelta(0)
) -> Rule:
    """The first version of an active rule, made so long after NOW."""
    return parse_rule(
        {
            "name": name,
            "condition": {"field": "amount_zar", "operator": "gt", "value": "1000.00"},
            "weight": 0.5,
            "severity": "high",
        },
        rule_id=rule_id,
        version=1,
        created_at=NOW + made,
        updated_at=NOW + made,
    )


def next_version(of: Rule, *, weight: float = 0.5, active: bool = True) -> Rule:
    """The next version of the rule, a minute later."""
    later = NOW + timedelta(minutes=1)
    return replace(of, version=of.version + 1, updated_at=later, weight=weight, active=active)


texts = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=40)
zones = st.timedeltas(timedelta(hours=-23), timedelta(hours=23)).map(timezone)
moments = st.datetimes(
    EARLIEST.replace(tzinfo=None) + timedelta(days=4),
    NOW.replace(year=9998, tzinfo=None),
    timezones=zones,
)
earlier_moments = st.datetimes(
    EARLIEST.replace(tzinfo=None) + timedelta(days=1),
    EARLIEST.replace(tzinfo=None) + timedelta(days=2),
    timezones=zones,
)
payments = st.builds(
    Transaction,
    id=identifiers,
    sender_id=identifiers,
    receiver_id=identifiers,
    amount=money,
    channel=st.sampled_from(Channel),
    occurred_at=moments,
    rail=st.none() | st.sampled_from(Rail),
    merchant_category=st.none() | texts,
    receiver_country=st.none() | texts,
    device_id=st.none() | identifiers,
    sim_swapped_at=st.none() | earlier_moments,
    beneficiary_added_at=st.none() | earlier_moments,
)
events = st.builds(
    Event,
    topic=identifiers,
    id=identifiers,
    type=identifiers,
    source=identifiers,
    subject=identifiers,
    key=identifiers,
    time=moments.map(lambda at: at.astimezone(UTC)),
    data=st.dictionaries(texts, texts | st.integers(-(2**53), 2**53) | st.none() | st.booleans()),
    dataschema=st.none() | identifiers,
    traceparent=st.none() | identifiers,
    extensions=st.dictionaries(st.just("region"), texts),
)
