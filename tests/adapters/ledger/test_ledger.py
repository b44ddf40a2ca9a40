"""The contract of `ports.Ledger`: in memory, on SQLite and on PostgreSQL."""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from threading import Barrier

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from risksentinel.domain.money import LARGEST, Money
from risksentinel.domain.transaction import Transaction
from risksentinel.domain.verdict import RiskLevel, Scored
from risksentinel.ports.ledger import AuditEntry, Ledger
from risksentinel.ports.stored_payment import StoredPayment, StoredVerdict
from tests.adapters.sql.effort import EFFORT
from tests.adapters.sql.samples import NOW, alert_of, event, payment, payments, scored
from tests.stores import Store


def keep(ledger: Ledger, batch: Sequence[Scored]) -> set[str]:
    """Store verdicts and an outbox event of each first one, as scoring does."""
    with ledger.unit() as unit:
        first = unit.keep(batch)
        unit.enqueue([event(f"{name}.scored") for name in sorted(first)])
    return first


@EFFORT
@given(st.lists(payments, max_size=5, unique_by=lambda payment: payment.id))
@example([replace(payment(), amount=Money(LARGEST))])
@example([replace(payment(), amount=Money(Decimal(0)))])
@example([payment(at=datetime(9998, 12, 31, 23, 59, 59, 999999, tzinfo=UTC))])
def test_a_payment_is_read_as_it_was_written(
    empty_store: Callable[[], Store], batch: list[Transaction]
) -> None:
    """A lost cent or a moved time would change the decision."""
    ledger = empty_store().ledger

    with ledger.unit() as unit:
        unit.receive(batch, NOW)

    assert ledger.known([each.id for each in batch]) == {
        each.id: StoredPayment(each, None) for each in batch
    }


def test_a_verdict_is_read_as_it_was_written(store: Store) -> None:
    """A caller that repeats a payment must get the first answer."""
    risky = scored(payment(), "0.9500", RiskLevel.CRITICAL)

    with store.ledger.unit() as unit:
        unit.keep([risky])
        unit.raise_alerts([alert_of(risky)])

    assert store.ledger.known(["tx-1", "unknown"]) == {
        "tx-1": StoredPayment(risky.transaction, StoredVerdict(risky, "alert-tx-1"))
    }


def test_receive_answers_the_ids_that_were_not_known(store: Store) -> None:
    """A payment that the broker delivers twice must wait once."""
    with store.ledger.unit() as unit:
        first = unit.receive([payment("b"), payment("a"), payment("b")], NOW)
        second = unit.receive([payment("b"), payment("c")], NOW)

    assert (first, second) == ({"a", "b"}, {"c"})


@EFFORT
@given(st.lists(st.lists(st.sampled_from("abcdef"), max_size=8), max_size=5))
def test_the_first_verdict_is_stored_and_published_once(
    empty_store: Callable[[], Store], batches: list[list[str]]
) -> None:
    """Kafka delivers at least once, in any division into batches."""
    store = empty_store()
    stored: dict[str, Scored] = {}
    for turn, names in enumerate(batches):
        batch = [scored(payment(name), f"0.{turn}{place:03}") for place, name in enumerate(names)]
        fresh = {name for name in names if name not in stored}
        for each in batch:
            stored.setdefault(each.transaction.id, each)

        assert keep(store.ledger, batch) == fresh

    known = store.ledger.known(list("abcdef"))
    assert {name: each.verdict for name, each in known.items()} == {
        name: StoredVerdict(each, None) for name, each in stored.items()
    }
    assert store.outbox.depth() == len(stored)


def test_eight_racing_writers_store_one_verdict_each(store: Store) -> None:
    """Two deliveries of one payment can be scored at the same moment."""
    ledger = store.ledger
    names = [f"tx-{number}" for number in range(50)]
    start = Barrier(8)

    def race(writer: int) -> set[str]:
        order = names if writer % 2 else names[::-1]
        batch = [scored(payment(name), f"0.{writer}000") for name in order]
        start.wait()
        return keep(ledger, batch[:25]) | keep(ledger, batch[25:])

    with ThreadPoolExecutor(8) as pool:
        won = list(pool.map(race, range(8)))

    known = ledger.known(names)
    assert sum(map(len, won)) == len(set().union(*won)) == len(known) == 50
    assert store.outbox.depth() == 50
    for writer, ids in enumerate(won):
        for name in ids:
            stored = known[name].verdict
            assert stored is not None
            assert stored.scored.verdict.score == Decimal(writer) / 10


def test_units_that_race_for_the_same_ids_in_opposite_order_never_deadlock(store: Store) -> None:
    """The batches of two brokers contain the same payments in different orders."""
    ledger = store.ledger

    def receive_or_keep(turn: int) -> int:
        names = [f"tx-{turn // 4}-{number}" for number in range(20)]
        order = names if turn % 2 else names[::-1]
        with ledger.unit() as unit:
            if turn % 4 < 2:
                return len(unit.receive([payment(name) for name in order], NOW))
            return len(unit.keep([scored(payment(name)) for name in order]))

    with ThreadPoolExecutor(4) as pool:
        stored = sum(pool.map(receive_or_keep, range(40)))

    known = ledger.known([f"tx-{group}-{number}" for group in range(10) for number in range(20)])
    assert len(known) == 200
    assert 200 <= stored <= 400
    assert all(each.verdict for each in known.values())


def test_an_id_of_another_payment_keeps_the_stored_payment(store: Store) -> None:
    """A verdict must never be stored for a payment that it was not made for."""
    ledger = store.ledger
    with ledger.unit() as unit:
        unit.receive([payment("waits")], NOW)
        unit.keep([scored(payment("decided"))])
    before = ledger.known(["waits", "decided"])
    others = [replace(payment(name), amount=Money(Decimal(9))) for name in before]

    first = keep(ledger, [*map(scored, others), scored(payment("new"))])

    assert first == {"new"}
    assert ledger.known(["waits", "decided"]) == before


def test_a_unit_that_fails_stores_nothing(store: Store) -> None:
    """A verdict without its outbox event would never reach its consumers."""
    risky = scored(payment(), "0.9500", RiskLevel.CRITICAL)

    def fail() -> None:
        with store.ledger.unit() as unit:
            unit.keep([risky])
            unit.enqueue([event()])
            unit.raise_alerts([alert_of(risky)])
            unit.audit([AuditEntry(NOW, "score", "scored", "transaction", "tx-1", {})])
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()

    assert store.ledger.known(["tx-1"]) == {}
    assert store.outbox.depth() == 0
    assert (store.alerts(), store.audit()) == ([], [])


def test_a_unit_reads_what_it_has_written(store: Store) -> None:
    """Adapters may send rows late and together; a unit must not notice."""
    risky = scored(payment(), "0.9500", RiskLevel.CRITICAL)

    with store.ledger.unit() as unit:
        first = unit.keep([risky])
        again = unit.keep([risky])
        unit.receive([payment("waits")], NOW)
        late = unit.keep([scored(payment("waits"))])
        unit.raise_alerts([alert_of(risky)])

        assert unit.alert("alert-tx-1") == alert_of(risky)
        assert unit.known(["tx-1"])["tx-1"].verdict == StoredVerdict(risky, "alert-tx-1")

    assert (first, again, late) == ({"tx-1"}, set(), {"waits"})


def test_the_audit_log_stores_entries_in_order(store: Store) -> None:
    """An auditor reads years later who did what, and in which order."""
    resolved = AuditEntry(NOW, "thandi", "resolve", "alert", "a-1", {"disposition": "fraud"})
    assigned = AuditEntry(NOW, "sipho", "assign", "alert", "a-1", {"assignee": "thandi"})

    with store.ledger.unit() as unit:
        unit.audit([resolved])
    with store.ledger.unit() as unit:
        unit.audit([assigned])

    assert store.audit() == [resolved, assigned]


def test_empty_batches_change_nothing(store: Store) -> None:
    """A batch of which every event was refused is still a batch."""
    with store.ledger.unit() as unit:
        assert unit.receive([], NOW) == unit.keep([]) == set()
        unit.raise_alerts([])
        unit.owe_reports([])
        unit.enqueue([])
        unit.audit([])

    assert store.ledger.known([]) == {}
    assert store.outbox.depth() == 0
