"""The database is changed by hand, and the verification names what was changed first."""

from dataclasses import dataclass

import pytest
from sqlalchemy import Connection, text

from risksentinel.assembly.container import Container
from tests.functions.caller import caller
from tests.ledger.kept import anchored, chained, faults, tampering, write

_ADDED = (
    "INSERT INTO audit_log (at, actor, action, subject_kind, subject_id, details) "
    "SELECT at, 'ceo', action, subject_kind, subject_id, details FROM audit_log WHERE id = "
    "(SELECT max(id) FROM audit_log)"
)
_REPEATED = _ADDED.replace("details)", "details, tag)").replace("details FROM", "details, tag FROM")
_REPEATED = _REPEATED.replace("'ceo'", "actor")


@dataclass(frozen=True, slots=True)
class Edit:
    """Statements, and the words of the first fault."""

    statements: tuple[str, ...]
    named: str


EDITS = {
    "the actor of an entry": Edit(
        ("UPDATE audit_log SET actor = 'ceo' WHERE action = 'alert.changed'",), "alert.changed"
    ),
    "the time of an entry": Edit(
        ("UPDATE audit_log SET at = LATER WHERE subject_id = 'p-3'",), "p-3"
    ),
    "an entry removed": Edit(("DELETE FROM audit_log WHERE subject_id = 'p-2'",), "was removed"),
    "the last entry removed with its leaf": Edit(
        (
            "DELETE FROM audit_log WHERE id = (SELECT max(id) FROM audit_log)",
            "DELETE FROM ledger_leaves WHERE sequence = (SELECT max(sequence) FROM ledger_leaves)",
        ),
        "were removed",
    ),
    "an entry added": Edit((_ADDED,), "was added"),
    "an entry repeated": Edit((_REPEATED,), "repeats another entry"),
    "a decision": Edit(
        ("UPDATE risk_scores SET decision = 'approve' WHERE transaction_id = 'p-large'",),
        "payment p-large",
    ),
    "a receipt": Edit(
        (
            (
                "UPDATE risk_scores SET receipt = (SELECT receipt FROM risk_scores "
                "WHERE transaction_id = 'p-0') WHERE transaction_id = 'p-large'"
            ),
        ),
        "payment p-large",
    ),
    "a key of a commitment": Edit(
        ("UPDATE risk_scores SET commitment_key = NULL WHERE transaction_id = 'p-1'",),
        "payment p-1",
    ),
    "an amount": Edit(("UPDATE transactions SET amount_zar = 1 WHERE id = 'p-3'",), "payment p-3"),
    "a verdict removed": Edit(
        ("DELETE FROM risk_scores WHERE transaction_id = 'p-4'",), "payment p-4 was removed"
    ),
    "the document of a rule": Edit(
        (
            (
                "UPDATE fraud_rule_versions SET document = "
                "(SELECT document FROM fraud_rule_versions WHERE version = 1) WHERE version = 2"
            ),
        ),
        "version 2 of rule",
    ),
    "the rule in force": Edit(
        (
            (
                "UPDATE fraud_rules SET document = "
                "(SELECT document FROM fraud_rule_versions WHERE version = 1)"
            ),
        ),
        "in force",
    ),
    "a label": Edit(
        ("UPDATE labels SET finding = 'genuine' WHERE source = 'chargeback'",), "label p-1.charge"
    ),
    "a label removed": Edit(
        ("DELETE FROM labels WHERE source = 'analyst'",), "label p-large.analyst.1 was removed"
    ),
    "a label added": Edit(
        (
            (
                "INSERT INTO labels SELECT 'p-4', source, version, finding, reported_by, "
                "reported_at, occurred_at, written_at FROM labels WHERE source = 'chargeback'"
            ),
        ),
        "label p-4.chargeback.1 was added",
    ),
    "a disposition": Edit(("UPDATE alerts SET disposition = 'false_positive'",), "alert "),
}


@pytest.mark.parametrize("name", EDITS)
def test_an_edit_of_the_database_is_found(container: Container, name: str) -> None:
    """An insider with the database's password must not change what was decided."""
    edit = EDITS[name]
    before = faults(container)

    with tampering(container) as connection:
        _run(connection, edit)
    found = faults(container)

    assert before == []
    assert edit.named in found[0].what


@pytest.mark.parametrize("name", ["an entry added", "an entry repeated"])
def test_an_added_entry_is_found_after_it_was_chained(container: Container, name: str) -> None:
    """A running engine chains each row of the audit log within a second."""
    with tampering(container) as connection:
        _run(connection, EDITS[name])
    chained(container)

    assert EDITS[name].named in faults(container)[0].what


def test_a_ledger_that_was_cut_and_written_again_differs_from_its_anchor(
    container: Container,
) -> None:
    """The key of the process signs whatever is chained: anchors show what was there before."""
    anchored(container)
    with tampering(container) as connection:
        for table in ("audit_log", "labels", "risk_scores", "transactions", "transaction_claims"):
            connection.execute(text(f"DELETE FROM {table}"))  # noqa: S608 - names of ours
        for table in ("alerts", "fraud_rule_versions", "fraud_rules", "list_entries", "lists"):
            connection.execute(text(f"DELETE FROM {table}"))  # noqa: S608 - names of ours
        for table in ("ledger_leaves", "ledger_tiles", "ledger_heads"):
            connection.execute(text(f"DELETE FROM {table}"))  # noqa: S608 - names of ours
        zero = "size = 0, last_commit = NULL, last_entry = 0, signature = NULL"
        connection.execute(text(f"UPDATE ledger_state SET {zero}"))  # noqa: S608 - ours
    write(caller(container))
    with tampering(container) as connection:
        empty = "''::bytea" if connection.dialect.name == "postgresql" else "zeroblob(0)"
        connection.execute(text(f"UPDATE ledger_state SET frontier = {empty}"))  # noqa: S608 - of constants
    chained(container)

    assert "anchor" in faults(container)[0].what


def _run(connection: Connection, edit: Edit) -> None:
    later = "at + 1" if connection.dialect.name == "sqlite" else "at + interval '1 second'"
    for statement in edit.statements:
        connection.execute(text(statement.replace("LATER", later)))
