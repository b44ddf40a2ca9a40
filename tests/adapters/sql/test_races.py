from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from threading import Barrier

import pytest
from sqlalchemy import Engine

from risksentinel.adapters.sql import hourly_figures
from risksentinel.adapters.sql.ledger import SqlLedger
from risksentinel.adapters.sql.outbox import SqlOutbox
from risksentinel.assembly.relay_queue import RelayQueue
from risksentinel.errors import Malformed, Unavailable
from risksentinel.ports.ledger import Raced
from risksentinel.ports.stored_payment import StoredVerdict
from risksentinel.usecases.relay_outbox import LEASE
from tests.adapters.sql.samples import NOW, event, payment, scored


def test_after_a_deadlock_one_unit_commits_and_the_other_repeats(
    postgres_engine: Engine,
) -> None:
    """A unit that keeps twice can cause one, and its caller must get Unavailable and retry."""
    ledger, both_began = SqlLedger(postgres_engine), Barrier(2)

    def keep_two(names: tuple[str, str]) -> str:
        try:
            with ledger.unit() as unit:
                unit.keep([scored(payment(names[0]))])
                both_began.wait()
                unit.keep([scored(payment(names[1]))])
        except Unavailable:
            return "again"
        return "kept"

    with ThreadPoolExecutor(2) as pool:
        outcomes = set(pool.map(keep_two, [("a", "b"), ("b", "a")]))

    assert outcomes == {"kept", "again"}
    assert set(ledger.known(["a", "b"])) == {"a", "b"}
    with ledger.unit() as unit:
        assert unit.keep([scored(payment("a")), scored(payment("b"))]) == set()


@pytest.mark.parametrize("count", [1, 3])
def test_units_that_took_the_same_payment_for_new_do_not_block_each_other(
    postgres_engine: Engine, monkeypatch: pytest.MonkeyPatch, count: int
) -> None:
    """One stores them, the other gets Raced, also if both add to the same row of figures."""
    monkeypatch.setattr(hourly_figures, "SHARDS", 1)
    ledger = SqlLedger(postgres_engine, RelayQueue(lambda: NOW))
    both_began = Barrier(2)

    def keep(number: int) -> str:
        both_began.wait()
        try:
            with ledger.unit(expects_new=True) as unit:
                unit.keep([scored(payment(f"tx-{number}-{place}")) for place in range(count)])
                unit.enqueue([event(f"ev-{number}")])
        except Raced:
            return "raced"
        return "stored"

    with ThreadPoolExecutor(2) as pool:
        outcomes = [sorted(pool.map(keep, [number, number])) for number in range(60)]

    assert outcomes == [["raced", "stored"]] * 60
    assert SqlOutbox(postgres_engine).depth() == 60


@pytest.mark.parametrize("leases", [True, False])
@pytest.mark.parametrize("count", [1, 2, 7, 8])
def test_payments_that_are_taken_for_new_come_back_as_they_were(
    engine: Engine, count: int, *, leases: bool
) -> None:
    """The id, the payment, the figures and the events are written by one statement."""
    queue = RelayQueue(lambda: NOW) if leases else None
    batch = [scored(payment(f"tx-{number}")) for number in range(count)]
    ledger = SqlLedger(engine, queue)

    with ledger.unit(expects_new=True) as unit:
        first = unit.keep(batch)
        unit.enqueue([event(f"ev-{number}", f"key-{number % 2}") for number in range(count)])

    known = ledger.known([each.transaction.id for each in batch])
    pending = SqlOutbox(engine).lease(9, NOW + 2 * LEASE, NOW + 3 * LEASE)
    assert first == set(known) == {each.transaction.id for each in batch}
    assert [each.event.id for each in pending] == [f"ev-{n}" for n in range(count)][: len(pending)]
    assert SqlOutbox(engine).depth() == count


@pytest.mark.parametrize("count", [1, 7, 8, 300])
def test_any_number_of_rows_comes_back_as_it_was(engine: Engine, count: int) -> None:
    """Few rows and many rows take different ways to the database; both keep every character."""
    odd = replace(payment(), merchant_category="tab\t new\nline \\N \\. {a} 'é' 💳", rail=None)
    batch = [scored(replace(odd, id=f"tx-{number}")) for number in range(count)]
    ledger = SqlLedger(engine)

    with ledger.unit() as unit:
        unit.keep(batch)

    known = ledger.known([each.transaction.id for each in batch])
    assert {name: each.verdict for name, each in known.items()} == {
        each.transaction.id: StoredVerdict(each, None) for each in batch
    }


@pytest.mark.parametrize("count", [1, 30])
def test_one_bad_row_leaves_none(engine: Engine, count: int) -> None:
    """A part of a batch would be taken for the whole batch."""
    batch = [payment(f"tx-{number}") for number in range(count)]
    batch[-1] = replace(batch[-1], merchant_category="\ud800")

    with pytest.raises(Malformed), SqlLedger(engine).unit() as unit:
        unit.receive(batch, NOW)

    assert SqlLedger(engine).known([each.id for each in batch]) == {}
