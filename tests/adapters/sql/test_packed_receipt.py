import json
import zlib
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from sqlalchemy import Engine, select, text, update

from infra.bench.pure_score import twenty_rules
from risksentinel.adapters.memory.history import MemoryHistory
from risksentinel.adapters.sql import packed_receipt
from risksentinel.adapters.sql.engine import reading, writing
from risksentinel.adapters.sql.ledger import SqlLedger
from risksentinel.adapters.sql.model_readings import model_readings
from risksentinel.adapters.sql.packed_receipt import dictionary, pack, unpack
from risksentinel.adapters.sql.stored_json import dumps
from risksentinel.adapters.sql.tables import risk_scores
from risksentinel.adapters.sql.transaction_records import SqlTransactionRecords
from risksentinel.scoring.facts import Facts
from risksentinel.scoring.policy import Policy
from risksentinel.scoring.score import score
from tests.adapters.sql.effort import EFFORT
from tests.adapters.sql.emptied import emptied
from tests.adapters.sql.samples import NOW, payment, scored
from tests.scoring.test_score import all_facts
from tests.strategies import policies

PACKED_ONCE = bytes.fromhex(
    "01787d091778f2c332665152a16b88dace87d4daf03e2f5aaf00db8c2a5ab41aa6ea8216b0230d59"
    "04190157e600d7e1009bfa31a50606a996c9398999454ab1b5008b2c2ed0"
)
KEPT_ONCE: dict[str, Any] = {
    "transaction_id": "tx-1",
    "score": 0.0157,
    "signals": {"ml": {"status": "silent", "score": None}},
    "composite": 1e-09,
    "reasons": ["R250.00 at \u00e9clair"],
}
numbers = st.floats(allow_nan=False, allow_infinity=False) | st.integers(-(2**63), 2**63)
any_json = st.recursive(
    st.none() | st.booleans() | numbers | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=20,
)


@given(all_facts(), policies())
def test_a_receipt_reads_back_to_the_same_digit(facts: Facts, policy: Policy) -> None:
    """Score, decision and money of an old payment must add up as on the day."""
    receipt = score(facts, policy, NOW).explanation

    assert dumps(unpack(pack(receipt))) == dumps(receipt)


@given(any_json)
@example({"\0": "\ud800", "a": [-0.0, 5e-324, 1.7976931348623157e308, 2**200]})
def test_any_json_reads_back_with_its_order_and_its_digits(value: object) -> None:
    """Rules and models write what they like into the details of a receipt."""
    assert dumps(unpack(pack(value))) == dumps(value)


def test_a_decimal_is_kept_as_the_text_of_its_digits() -> None:
    """JSON receipts stored decimals as text too."""
    assert unpack(pack({"amount": Decimal("250.10")})) == {"amount": "250.10"}


def test_a_receipt_of_the_first_dictionary_is_read_for_ever() -> None:
    """A changed dictionary would make every receipt unreadable that was packed with it."""
    assert unpack(PACKED_ONCE) == KEPT_ONCE


def test_an_older_dictionary_is_read_after_a_newer_one_came(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Receipts are stored for years, and releases add texts."""
    before = pack(KEPT_ONCE)
    newer = {2: dictionary(2), 3: b'{"transaction_id":"'}
    monkeypatch.setattr(packed_receipt, "dictionary", newer.__getitem__)
    monkeypatch.setattr(packed_receipt, "DICTIONARY", 3)
    packed_receipt._compressor.cache_clear()  # noqa: SLF001 - it holds the dictionary of before
    try:
        after = pack(KEPT_ONCE)
        read = [unpack(before), unpack(after)]
    finally:
        packed_receipt._compressor.cache_clear()  # noqa: SLF001 - the cache is shared by all tests

    assert (before[0], after[0]) == (2, 3)
    assert read == [KEPT_ONCE, KEPT_ONCE]


@given(st.data())
def test_a_damaged_receipt_is_an_error_and_no_other_receipt(data: st.DataObject) -> None:
    """A wrong digit that is not detected is worse than a missing receipt."""
    packed = bytearray(pack(KEPT_ONCE))
    place = data.draw(st.integers(0, len(packed) - 1))
    packed[place] ^= 1 << data.draw(st.integers(0, 7))

    try:
        read = unpack(bytes(packed))
    except ValueError:
        return
    assert read == KEPT_ONCE  # a bit without effect, such as the compression level


@pytest.mark.parametrize("cut", [0, 1, 10, -1])
def test_a_receipt_that_was_cut_off_is_an_error(cut: int) -> None:
    """A stream without its end is damaged, however much of it can be read."""
    with pytest.raises(ValueError, match="packed"):
        unpack(pack(KEPT_ONCE)[:cut])


def test_a_dictionary_of_a_later_release_is_named() -> None:
    """An older release must name the reason and guess nothing."""
    with pytest.raises(ValueError, match="dictionary 255"):
        unpack(b"\xff" + zlib.compress(b"{}"))


def test_a_receipt_takes_a_fraction_of_its_json() -> None:
    """A receipt was four fifths of what a payment leaves in the database."""
    history = MemoryHistory(timedelta(seconds=300))
    (seen,) = history.record([payment()])
    receipt = score(Facts(payment(), seen, twenty_rules()), Policy(), NOW).explanation

    assert len(pack(receipt)) < len(dumps(receipt)) / 4


@EFFORT
@given(facts=all_facts(), policy=policies())
def test_the_database_answers_the_same_receipt(
    database: Engine, facts: Facts, policy: Policy
) -> None:
    """Single payments and batches take different ways to the server; both keep all digits."""
    what = scored(payment())
    receipt = score(facts, policy, NOW).explanation
    with SqlLedger(emptied(database)).unit() as unit:
        unit.keep([replace(what, verdict=replace(what.verdict, explanation=receipt))])

    kept = SqlTransactionRecords(database).explanation("tx-1")

    assert dumps(kept) == dumps(receipt)


def test_receipts_of_before_are_read_beside_packed_ones(engine: Engine) -> None:
    """A table of hundreds of millions of rows is not rewritten for an upgrade."""
    names = [f"tx-{number}" for number in range(9)]  # many rows go by COPY on PostgreSQL
    with SqlLedger(engine).unit() as unit:
        unit.keep([scored(payment(name)) for name in names])
    old = {"signals": {"ml": {"status": "ok", "details": {"rank": 0.1}}}, "reports": []}
    with writing(engine) as connection:
        of_before = update(risk_scores).where(risk_scores.c.transaction_id == "tx-0")
        connection.execute(of_before.values(receipt=None, explanation=old))

    records, ledger = SqlTransactionRecords(engine), SqlLedger(engine)
    receipts = [records.explanation(name) for name in names]
    stored = ledger.known(["tx-0"])["tx-0"].verdict

    assert receipts == [old, *([scored(payment()).verdict.explanation] * 8)]
    assert stored is not None
    assert stored.scored.verdict.explanation == old
    assert list(model_readings(engine, NOW, 9)) == [{"rank": 0.1}]


def test_a_packed_row_has_an_empty_object_where_the_json_was(engine: Engine) -> None:
    """During a rollout the previous release reads the row: it must not find null."""
    with SqlLedger(engine).unit() as unit:
        unit.keep([scored(payment())])

    with reading(engine) as connection:
        kept = connection.execute(select(risk_scores.c.explanation)).scalar_one()
        size = connection.execute(text("SELECT length(receipt) FROM risk_scores")).scalar_one()

    assert kept == {}
    assert 10 < size < len(json.dumps(scored(payment()).verdict.explanation)) + 20
