"""A history in memory that reads single accounts equals a complete rebuild."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Engine

from risksentinel.adapters.memory.history import MemoryHistory
from risksentinel.adapters.sql.kept_payments import SqlKeptPayments
from risksentinel.adapters.sql.label_records import SqlLabelRecords
from risksentinel.adapters.sql.ledger import SqlLedger
from risksentinel.adapters.sql.payments_in_order import payments_in_order
from risksentinel.domain.label import CHARGEBACK_WINDOW, Finding
from risksentinel.domain.transaction import Transaction
from risksentinel.domain.verdict import RiskLevel
from tests.adapters.history.histories import WINDOW, payment
from tests.adapters.history.histories import payments as of_few_accounts
from tests.adapters.sql.effort import EFFORT
from tests.adapters.sql.emptied import emptied
from tests.adapters.sql.samples import label_of, scored
from tests.strategies import NOW

SPAN = timedelta(days=90)
LATER = NOW + timedelta(hours=1)
decided = st.tuples(
    of_few_accounts,
    st.sampled_from([RiskLevel.LOW, RiskLevel.HIGH, RiskLevel.CRITICAL]),
    st.sampled_from([None, Finding.FRAUD, Finding.GENUINE]),
)


@EFFORT
@given(
    st.lists(decided, max_size=12, unique_by=lambda each: each[0].id),
    st.lists(of_few_accounts, min_size=1, max_size=6, unique_by=lambda each: each.id),
)
def test_what_is_read_account_by_account_is_what_a_whole_rebuild_knows(
    database: Engine,
    past: list[tuple[Transaction, RiskLevel, Finding | None]],
    next_ones: list[Transaction],
) -> None:
    """After a restart a known account must not look new: its habits and limits would be lost."""
    _keep(emptied(database), past)
    known = {each.id for each, _, _ in past}
    fresh = [each for each in next_ones if each.id not in known]
    read, rebuilt = _on_demand(database), _rebuilt(database)

    snapshots = [read.record([each])[0] for each in fresh]

    assert snapshots == rebuilt.record(fresh)
    assert read.record(fresh) == rebuilt.record(fresh)


def test_a_label_after_a_restart_reaches_an_account_that_was_not_read_yet(
    engine: Engine,
) -> None:
    """A label must not create an account without payments in memory."""
    paid = [_payment(each) for each in range(3)]
    _keep(engine, [(each, RiskLevel.LOW, None) for each in paid])
    history, whole = _on_demand(engine), _rebuilt(engine)
    with SqlLedger(engine).unit() as unit:
        unit.write_label(label_of(paid[0]))
    said = list(SqlLabelRecords(engine, CHARGEBACK_WINDOW).labelled(NOW - SPAN, LATER))

    history.label(said)
    whole.label(said)

    next_one = _payment(9)
    assert history.record([next_one]) == whole.record([next_one])


def test_a_payment_that_another_process_committed_meanwhile_counts_once(engine: Engine) -> None:
    """A payment that two processes score must count once."""
    paid = _payment(1)
    _keep(engine, [(paid, RiskLevel.LOW, None)])

    (snapshot,) = _on_demand(engine).record([paid])

    assert snapshot.velocity.count == 1


def test_an_account_that_was_forgotten_is_read_again(engine: Engine) -> None:
    """With more accounts than fit into memory, no account may look new each time."""
    paid = [replace(_payment(each), sender_id=f"S{each}") for each in range(3)]
    _keep(engine, [(each, RiskLevel.LOW, None) for each in paid])
    history = MemoryHistory(WINDOW, max_parties=2, kept=_kept(engine))
    for each in paid:
        history.record([replace(each, id=f"again-{each.id}")])

    (snapshot,) = history.record([replace(paid[0], id="third")])

    assert snapshot.sender.payments == 1  # what was committed; the second was not


def _payment(number: int) -> Transaction:
    return payment("A", "B", NOW - timedelta(minutes=9 - number), name=f"p{number}")


def _keep(engine: Engine, past: Sequence[tuple[Transaction, RiskLevel, Finding | None]]) -> None:
    for each, level, finding in past:
        with SqlLedger(engine).unit() as unit:
            unit.keep([scored(each, level=level, at=NOW)])
            if finding is not None:
                unit.write_label(replace(label_of(each), finding=finding))


def _kept(engine: Engine) -> SqlKeptPayments:
    return SqlKeptPayments(engine, lambda: LATER, SPAN)


def _on_demand(engine: Engine) -> MemoryHistory:
    return MemoryHistory(WINDOW, kept=_kept(engine))


def _rebuilt(engine: Engine) -> MemoryHistory:
    history = MemoryHistory(WINDOW)
    history.rebuild(payments_in_order(engine, LATER - SPAN))
    labels = SqlLabelRecords(engine, CHARGEBACK_WINDOW).labelled(LATER - SPAN, LATER)
    history.label(list(labels))
    return history
