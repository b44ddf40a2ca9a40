"""A ledger with an entry of each kind, for tests that change the database behind it."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from time import monotonic
from typing import Final

from sqlalchemy import Connection, Engine
from werkzeug.test import Client

from risksentinel.adapters.signing.key_file import make_key
from risksentinel.adapters.sql.append_only import unguarded
from risksentinel.adapters.sql.engine import writing
from risksentinel.adapters.sql.ledger import SqlLedger
from risksentinel.assembly.container import Container
from risksentinel.assembly.ledger_log import anchor_ledger, chain_entries, ledger_log
from risksentinel.assembly.ledger_verification import verify_ledger
from risksentinel.domain.ledger_fault import Fault
from risksentinel.ports.environment import Clock
from risksentinel.ports.ledger import AuditEntry
from risksentinel.settings import Settings
from tests.functions.caller import (
    ALERTS,
    LARGE,
    LISTS,
    NOW,
    PAYMENT,
    RULE,
    RULES,
    TRANSACTIONS,
    caller,
    said,
)

PAYMENTS: Final = 5
CHAINED_WITHIN_SECONDS: Final = 30.0


def container_at(url: str, folder: Path, clock: Clock = lambda: NOW) -> Container:
    """A container with a key, and anchors in the folder."""
    key = folder / "key.pem"
    make_key(key)
    settings = Settings(
        database_url=url, risksentinel_home=folder, ledger_signing_key_file=str(key)
    )
    return Container(settings, clock=clock)


def fill(container: Container) -> None:
    """Score payments, label one, resolve an alert, write a rule and a list; then chain all."""
    api = caller(container)
    write(api)
    chained(container)


def write(api: Client) -> None:
    """Make an entry of each kind."""
    rule = said(api.post(RULES, json=RULE), 201)
    said(api.patch(f"{RULES}{rule['id']}", json={"weight": 0.7}))
    for number in range(PAYMENTS):
        said(api.post(TRANSACTIONS, json={**PAYMENT, "id": f"p-{number}"}), 201)
    alert = said(api.post(TRANSACTIONS, json={**LARGE, "id": "p-large"}), 201)["alert_id"]
    change = {"status": "resolved", "disposition": "confirmed_fraud"}
    said(api.patch(ALERTS + alert, json=change))
    label = {"label": "fraud", "source": "chargeback"}
    said(api.post(f"{TRANSACTIONS}p-1/label", json=label), 201)
    said(api.post(LISTS, json={"name": "watched"}), 201)
    said(api.post(f"{LISTS}watched/entries", json={"value": "acc-9"}), 201)


def entry(number: int = 1) -> AuditEntry:
    """An entry of no other row."""
    return AuditEntry(NOW, "operator:test", "data.exported", "export", f"e-{number}", {})


def commit(engine: Engine, *numbers: int) -> None:
    """Commit an entry for each number, in one transaction."""
    with SqlLedger(engine).unit() as unit:
        unit.audit([entry(number) for number in numbers])


def chained(container: Container) -> None:
    """Chain every committed entry; PostgreSQL's own transactions may hold up chaining briefly."""
    chain, log, began = chain_entries(container), ledger_log(container), monotonic()
    while chain() or log.lag() is not None:
        if monotonic() - began > CHAINED_WITHIN_SECONDS:
            raise AssertionError("an open transaction keeps entries from being chained")


def anchored(container: Container) -> None:
    """Anchor the head."""
    anchor_ledger(container)()


def faults(container: Container) -> list[Fault]:
    """What a verification finds."""
    return verify_ledger(container)().faults


@contextmanager
def tampering(container: Container) -> Iterator[Connection]:
    """A transaction of the database's owner, whom no trigger stops."""
    with writing(container.engine) as connection, unguarded(connection):
        yield connection
