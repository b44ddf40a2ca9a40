from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from threading import Barrier

import pytest
from sqlalchemy import Engine

from risksentinel.adapters.sql.ledger import SqlLedger
from risksentinel.errors import Malformed, Unavailable
from risksentinel.ports.stored_payment import StoredVerdict
from tests.adapters.sql.samples import NOW, payment, scored


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
