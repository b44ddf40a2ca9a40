"""The ledger: writes payments, verdicts and outbox events in one database transaction."""

from risksentinel.adapters.sql.ledger import SqlLedger
from risksentinel.assembly.broker import has_broker
from risksentinel.assembly.container import Container, built_once


@built_once
def ledger(container: Container) -> SqlLedger:
    """The ledger; with a broker, committed outbox events go to this process's relay queue."""
    return SqlLedger(container.engine, container.relay_queue if has_broker(container) else None)
