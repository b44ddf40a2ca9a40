"""The ledger: writes payments, verdicts and outbox events in one database transaction."""

from risksentinel.adapters.sql.ledger import SqlLedger
from risksentinel.assembly.container import Container, built_once


@built_once
def ledger(container: Container) -> SqlLedger:
    """The ledger; committed events are handed to the relay of this process, if it has one."""
    return SqlLedger(container.engine, container.inbox)
