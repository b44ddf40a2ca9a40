from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from threading import Barrier

import pytest
from sqlalchemy import Engine

from risksentinel.adapters.sql.ledger import SqlLedger
from risksentinel.errors import Malformed, Unavailable
from risksentinel.ports.stored_payment import StoredVerdict
from tests.adapters.sql.samples import NOW, alert_of, payment, scored


def test_units_that_race_for_the_same_ids_in_opposite_order_never_deadlock(engine: Engine) -> None:
    """Two brokers' batches hold the same payments, each in an order of its own."""
    ledger = SqlLedger(engine)

    def receive_or_keep(turn: int) -> int:
        names = [f"tx-{turn // 4}-{number}" for number in range(20)]
        order = names if turn % 2 else names[::-1]
        with ledger.unit() as unit:
            if turn % 4 < 2:
                return len(unit.receive([payment(name) for name in order], NOW))
            return len(unit.keep([scored(payment(name)) for name in order]))

    with ThreadPoolExecutor(4) as pool:
        kept = sum(pool.map(receive_or_keep, range(40)))

    known = ledger.known([f"tx-{group}-{number}" for group in range(10) for number in range(20)])
    assert len(known) == 200
    assert 200 <= kept <= 400
    assert all(each.verdict for each in known.values())


def test_a_deadlock_that_somebody_brings_about_lets_one_go_on_and_the_other_repeat(
    postgres_engine: Engine,
) -> None:
    """A unit that keeps twice can still do it, and must be told to try again."""
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


def test_what_a_unit_has_written_it_can_read(engine: Engine) -> None:
    """Rows are sent late and together, and nobody may notice."""
    risky = scored(payment())

    with SqlLedger(engine).unit() as unit:
        first = unit.keep([risky])
        again = unit.keep([risky])
        unit.receive([payment("waits")], NOW)
        late = unit.keep([scored(payment("waits"))])
        unit.raise_alerts([alert_of(risky)])

        assert unit.alert("alert-tx-1") == alert_of(risky)

    assert (first, again, late) == ({"tx-1"}, set(), {"waits"})


@pytest.mark.parametrize("count", [1, 7, 8, 300])
def test_any_number_of_rows_comes_back_as_it_was(engine: Engine, count: int) -> None:
    """Few go one way to the database and many another, and both must keep every character."""
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
    """Half a batch would be taken for all of it."""
    batch = [payment(f"tx-{number}") for number in range(count)]
    batch[-1] = replace(batch[-1], merchant_category="\ud800")

    with pytest.raises(Malformed), SqlLedger(engine).unit() as unit:
        unit.receive(batch, NOW)

    assert SqlLedger(engine).known([each.id for each in batch]) == {}
