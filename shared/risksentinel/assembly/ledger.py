"""The ledger: writes payments, verdicts and outbox events in one database transaction."""

from dataclasses import replace

from risksentinel.adapters.sql.ledger import SqlLedger
from risksentinel.assembly.container import Container, built_once
from risksentinel.http.access import origin


@built_once
def ledger(container: Container) -> SqlLedger:
    """The ledger; committed events are handed to the relay of this process, if it has one."""
    return SqlLedger(container.engine, container.inbox)


def ledger_of_changes(container: Container) -> SqlLedger:
    """The ledger for changes by callers: audit entries state where the request comes from."""
    return replace(ledger(container), origin=origin)
