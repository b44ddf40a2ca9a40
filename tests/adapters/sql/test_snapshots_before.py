"""The history of a stored payment is computed again as it was, on SQLite and PostgreSQL."""

from datetime import timedelta
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine, select

from risksentinel.adapters.memory.history import MemoryHistory
from risksentinel.adapters.sql.engine import reading
from risksentinel.adapters.sql.live_payments import live_payment_of
from risksentinel.adapters.sql.packed_receipt import pack, unpack
from risksentinel.adapters.sql.snapshots_before import SqlSnapshotsBefore
from risksentinel.adapters.sql.tables import risk_scores, transactions
from risksentinel.adapters.sql.transaction_records import SqlTransactionRecords
from risksentinel.scoring.score import score
from tests.backtest.filled import AGES, POLICY, scoring
from tests.backtest.test_as_stored import lived, lives

WINDOW = timedelta(seconds=POLICY.velocity_window_seconds)


@settings(max_examples=40, deadline=None)
@given(life=lives(), data=st.data())
def test_a_payment_gets_the_snapshot_that_it_had(
    database: Engine, life: list[Any], data: st.DataObject
) -> None:
    """Later payments of its accounts are stored, and must not count; nor may it count twice."""
    lived(database, life)
    scored = select(transactions, risk_scores.c.scored_at).join(
        risk_scores, risk_scores.c.transaction_id == transactions.c.id
    )
    with reading(database) as connection:
        rows = connection.execute(scored).all()
    asked = data.draw(st.lists(st.sampled_from(rows), unique=True)) if rows else []
    at = {row.id: row.scored_at for row in asked}
    some = [live_payment_of(row) for row in asked]

    found = SqlSnapshotsBefore(database, WINDOW, AGES)(some) if some else {}

    assert found.keys() == at.keys()
    records = SqlTransactionRecords(database)
    facts, policy = scoring(POLICY, MemoryHistory(WINDOW)).facts_after(
        [each.payment for each in some], [found[each.payment.id] for each in some]
    )
    for fact in facts:
        name = fact.transaction.id
        again = score(fact, policy, at[name]).explanation
        stored = records.explanation(name)
        for member in ("signals", "inputs"):
            assert unpack(pack({member: again[member]})) == {member: stored[member]}
