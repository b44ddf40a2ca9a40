from collections.abc import Sequence
from dataclasses import replace

import pytest
from sqlalchemy import Engine
from sqlalchemy.exc import IntegrityError

from risksentinel.adapters.sql.ledger import SqlLedger
from risksentinel.adapters.sql.outbox import SqlOutbox
from risksentinel.adapters.sql.transaction_records import SqlTransactionRecords
from risksentinel.domain.transaction import TransactionStatus
from risksentinel.domain.verdict import RiskLevel, Scored
from risksentinel.errors import Malformed
from tests.adapters.sql.samples import NOW, alert_of, event, payment, scored


def keep(ledger: SqlLedger, batch: Sequence[Scored]) -> set[str]:
    """Store verdicts and outbox events of the first ones, as scoring does."""
    with ledger.unit() as unit:
        first = unit.keep(batch)
        unit.enqueue([event(f"{name}.scored") for name in sorted(first)])
    return first


def test_a_waiting_payment_takes_its_status_from_the_verdict(engine: Engine) -> None:
    """Readers must see that the payment was decided, also in lists by risk level."""
    ledger, records = SqlLedger(engine), SqlTransactionRecords(engine)
    with ledger.unit() as unit:
        unit.receive([payment()], NOW)

    first = keep(ledger, [scored(payment(), "0.8000", RiskLevel.HIGH)])

    kept = records.transaction("tx-1")
    assert first == {"tx-1"}
    assert (kept.status, kept.risk_level) == (TransactionStatus.REVIEW, RiskLevel.HIGH)
    assert kept.received_at == NOW


def test_a_unit_that_fails_leaves_nothing(engine: Engine) -> None:
    """A verdict without its outbox event would never reach its consumers."""
    ledger = SqlLedger(engine)

    def fail() -> None:
        with ledger.unit() as unit:
            unit.keep([scored(payment())])
            unit.enqueue([event()])
            unit.raise_alerts([alert_of(scored(payment()))] * 2)

    with pytest.raises(IntegrityError):
        fail()

    assert ledger.known(["tx-1"]) == {}
    assert SqlOutbox(engine).depth() == 0


def test_more_ids_than_one_statement_carries_are_found(engine: Engine) -> None:
    """A batch may be longer than a database's list of parameters."""
    ledger = SqlLedger(engine)
    batch = [payment(f"tx-{number}") for number in range(1201)]

    with ledger.unit() as unit:
        unit.receive(batch, NOW)

    assert len(ledger.known([each.id for each in batch])) == 1201


def test_a_text_that_no_database_keeps_is_refused(engine: Engine) -> None:
    """The caller can correct the text; a retry cannot succeed."""
    broken = replace(payment(), merchant_category="\ud800")

    with pytest.raises(Malformed), SqlLedger(engine).unit() as unit:
        unit.receive([broken], NOW)
