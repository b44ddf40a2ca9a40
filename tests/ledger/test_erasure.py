"""An account is erased, and the ledger can still be verified."""

import pytest
from sqlalchemy import select, text

from risksentinel.adapters.sql.engine import reading
from risksentinel.adapters.sql.ledger import SqlLedger
from risksentinel.adapters.sql.packed_receipt import unpack
from risksentinel.adapters.sql.tables import metadata, risk_scores
from risksentinel.assembly.account_erasure import erase_account
from risksentinel.assembly.container import Container
from risksentinel.assembly.ledger_verification import verify_ledger
from risksentinel.errors import Conflict, NotFound
from tests.adapters.sql.second_decisions import keep_second_decisions
from tests.functions.caller import CASH, LISTS, PAYMENT, TRANSACTIONS, caller, said
from tests.ledger.kept import chained, faults, tampering

ACCOUNT = PAYMENT["sender_id"]


def stored_texts(container: Container) -> str:
    """Everything that the database has, receipts unpacked."""
    with reading(container.engine) as connection:
        tables = [str(connection.execute(select(table)).all()) for table in metadata.sorted_tables]
        receipts = connection.execute(select(risk_scores.c.receipt)).scalars().all()
    return "".join([*tables, *(str(unpack(each)) for each in receipts)])


def test_an_erased_account_is_nowhere_and_the_ledger_verifies(container: Container) -> None:
    """POPIA, section 24: personal data is erased; the record of decisions stays."""
    api = caller(container)
    said(api.post(f"{LISTS}watched/entries", json={"value": ACCOUNT}), 201)
    with SqlLedger(container.engine).unit() as unit:
        keep_second_decisions(unit, ["p-large"], f"paid by {ACCOUNT}")
    chained(container)
    before = stored_texts(container)

    erased = erase_account(container, ACCOUNT, "operator:test", keep_reported=False)
    chained(container)
    verified = verify_ledger(container)()

    assert ACCOUNT in before
    assert ACCOUNT not in stored_texts(container)
    assert verified.faults == []
    assert (verified.erased, erased.payments, erased.list_entries) == (6, 6, 1)


def test_an_edit_after_the_erasure_is_found(container: Container) -> None:
    """Erasure is no way to change a decision without a trace."""
    erase_account(container, ACCOUNT, "operator:test", keep_reported=False)
    chained(container)

    with tampering(container) as connection:
        change = "UPDATE risk_scores SET decision = 'approve' WHERE transaction_id = 'p-large'"
        connection.execute(text(change))

    assert "payment p-large" in faults(container)[0].what


def test_payments_under_a_statutory_report_are_kept(container: Container) -> None:
    """FIC Act, section 23: records of reported payments are kept for five years."""
    said(caller(container).post(TRANSACTIONS, json={**CASH, "id": "p-cash"}), 201)

    with pytest.raises(Conflict, match=r"section 23.*--keep-reported"):
        erase_account(container, ACCOUNT, "operator:test", keep_reported=False)
    erased = erase_account(container, ACCOUNT, "operator:test", keep_reported=True)
    chained(container)

    assert (erased.payments, erased.retained) == (6, 1)
    assert faults(container) == []


def test_an_unknown_account_is_not_erased(container: Container) -> None:
    """A mistyped account must not look erased."""
    with pytest.raises(NotFound):
        erase_account(container, "acc-unknown", "operator:test", keep_reported=False)
