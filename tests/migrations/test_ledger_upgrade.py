"""A database of the release before the ledger is migrated: its entries get leaves."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import pytest
from sqlalchemy import Connection, Engine, select, text

from risksentinel.adapters.sql.engine import open_engine, reading, writing
from risksentinel.adapters.sql.tables import account_keys, audit_log, fraud_rules
from risksentinel.adapters.sql.types import in_microseconds
from risksentinel.assembly.container import Container
from risksentinel.assembly.ledger_verification import verify_ledger
from risksentinel.domain.account_digest import account_digest
from risksentinel.domain.named_list import fold
from risksentinel.migrations.migrate import migrate, unmigrate
from tests.adapters.sql.emptied import cleared
from tests.adapters.sql.own_schema import own_schema
from tests.functions.caller import NOW, RULE
from tests.ledger.kept import chained, commit, container_at, tampering

MULE: Final = "Mule 7"
LISTED: Final = {"value": MULE, "reason": "seen", "expires_at": None}
SCORED: Final = {"score": "0.0157", "decision": "approve", "risk_level": "low", "alert_id": None}
LABELLED: Final = {
    "source": "chargeback",
    "version": 1,
    "finding": "fraud",
    "reported_at": NOW.isoformat(),
}
# The release before 0013 wrote entries of rules without a document.
OLD_ENTRIES: Final = (
    ("thandi", "rule.created", "rule", "r-1", {"version": 1}),
    ("thandi", "list.entry_put", "list", "mule", LISTED),
    ("/risksentinel/ingest", "transaction.scored", "transaction", "tx-1", SCORED),
    ("bank", "transaction.labelled", "transaction", "tx-1", LABELLED),
    ("thandi", "list.entry_removed", "list", "mule", {**LISTED, "value": MULE.upper()}),
)
_DOCUMENT: Final = {**RULE, "active": True}
_ENTRY: Final = (
    "INSERT INTO audit_log (at, actor, action, subject_kind, subject_id, details)"
    " VALUES (:at, :actor, :action, :kind, :subject, :details)"
)
_ROWS: Final = (
    "INSERT INTO fraud_rules VALUES ('r-1', 2, 'Large in a shop', TRUE, :document, :at, :at)",
    "INSERT INTO fraud_rule_versions VALUES ('r-1', 2, :document, TRUE, :at)",
    "INSERT INTO transaction_claims (id, received_at) VALUES ('tx-1', :at)",
    """INSERT INTO transactions (id, sender_id, receiver_id, amount_zar, channel, occurred_at,
        received_at, status) VALUES ('tx-1', 'a', 'b', 100, 'pos', :at, :at, 'approved')""",
    """INSERT INTO risk_scores (transaction_id, received_at, score, risk_level, decision,
        amount_zar, scored_at, reasons, explanation)
        VALUES ('tx-1', :at, :score, 'low', 'approve', 100, :at, '[]', '{}')""",
    "INSERT INTO labels VALUES ('tx-1', 'chargeback', 1, 'fraud', 'bank', :at, :at, :at)",
)


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """An empty database."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path / 'risk.db'}"
        return
    server = request.getfixturevalue("postgres_server")
    with own_schema(server.settings["DATABASE_URL"]) as address:
        yield address


@pytest.fixture
def upgraded(url: str, tmp_path: Path) -> Iterator[Container]:
    """The container of a database that had rows at revision 0012, after all migrations."""
    migrate(url)
    unmigrate(url, "0012")
    engine = open_engine(url)
    with writing(engine) as connection:
        _write(connection)
    migrate(url)
    container = container_at(url, tmp_path)
    yield container
    cleared(engine)
    container.close()
    engine.dispose()


def _write(connection: Connection) -> None:
    on_sqlite = connection.dialect.name == "sqlite"
    at = in_microseconds(NOW) if on_sqlite else NOW
    values = {"at": at, "score": 157 if on_sqlite else 0.0157, "document": json.dumps(_DOCUMENT)}
    for statement in _ROWS:
        mine = {name: value for name, value in values.items() if f":{name}" in statement}
        connection.execute(text(statement), mine)
    for actor, action, kind, subject, details in OLD_ENTRIES:
        names = {"actor": actor, "action": action, "kind": kind, "subject": subject}
        # Not canonical: spaces, and the members in another order.
        said = json.dumps(dict(reversed(details.items())), indent=1)
        connection.execute(text(_ENTRY), {"at": at, **names, "details": said})


def details_of(engine: Engine, action: str) -> dict[str, Any]:
    """The details of the newest entry of this action."""
    query = select(audit_log.c.details).where(audit_log.c.action == action)
    with reading(engine) as connection:
        found = connection.execute(query.order_by(audit_log.c.id.desc())).scalars().first()
    assert found is not None
    return dict(found)


def test_entries_of_the_release_before_are_chained_and_verified(upgraded: Container) -> None:
    """An upgrade must not begin with an alarm, and must not leave the past unprotected."""
    commit(upgraded.engine, 1)
    chained(upgraded)

    verified = verify_ledger(upgraded)()

    assert verified.faults == []
    assert verified.entries == len(OLD_ENTRIES) + len(("of 0013", "new"))


def test_entries_that_0013_wrote_describe_the_rules(upgraded: Container) -> None:
    """The ledger compares each rule in force with an entry that has the whole document."""
    found = details_of(upgraded.engine, "rule.recorded")

    with reading(upgraded.engine) as connection:
        (rule,) = connection.execute(select(fraud_rules)).all()
    assert (found["version"], found["document"]) == (rule.version, _DOCUMENT)


def test_values_of_lists_become_digests_with_a_key(upgraded: Container) -> None:
    """An account in the ledger could never be erased."""
    put = details_of(upgraded.engine, "list.entry_put")
    removed = details_of(upgraded.engine, "list.entry_removed")

    with reading(upgraded.engine) as connection:
        ((value, key),) = connection.execute(select(account_keys)).all()
        everything = str(connection.execute(select(audit_log)).all()).casefold()
    assert value == fold(MULE)
    assert put == {
        "value_digest": account_digest(key, fold(MULE)),
        "reason": "seen",
        "expires_at": None,
    }
    assert removed["value_digest"] == put["value_digest"]
    assert MULE.casefold() not in everything


@pytest.mark.parametrize(
    ("statement", "named"),
    [
        ("UPDATE audit_log SET actor = 'ceo' WHERE action = 'list.entry_put'", "was changed"),
        ("DELETE FROM audit_log WHERE action = 'rule.created'", "was removed"),
        ("UPDATE risk_scores SET decision = 'decline'", "payment tx-1"),
        ("DELETE FROM risk_scores", "payment tx-1 was removed"),
        ("UPDATE labels SET finding = 'genuine'", "label tx-1.chargeback.1 was changed"),
        (
            """INSERT INTO audit_log (at, actor, action, subject_kind, subject_id, details)
                SELECT at, 'ceo', action, subject_kind, subject_id, details FROM audit_log
                WHERE id = 1""",
            "was added",
        ),
    ],
)
def test_an_edit_of_rows_of_the_release_before_is_found(
    upgraded: Container, statement: str, named: str
) -> None:
    """From the upgrade on, old entries are protected like new ones."""
    commit(upgraded.engine, 1)
    chained(upgraded)

    with tampering(upgraded) as connection:
        connection.execute(text(statement))
    chained(upgraded)

    assert named in verify_ledger(upgraded)().faults[0].what


def test_entries_of_functions_of_the_release_before_are_accepted_by_name(
    upgraded: Container, url: str
) -> None:
    """While functions are replaced, some still write without the key."""
    commit(upgraded.engine, 1)
    without_key = open_engine(url)
    commit(without_key, 2)
    without_key.dispose()
    chained(upgraded)

    (fault,) = verify_ledger(upgraded)().faults

    assert fault.sequence == len(OLD_ENTRIES) + 2
    assert "no RiskSentinel process wrote it" in fault.what
