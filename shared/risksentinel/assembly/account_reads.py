"""The use case that records reads of account numbers."""

from risksentinel.assembly.container import Container
from risksentinel.assembly.ledger import ledger_of_changes
from risksentinel.usecases.record_read import RecordRead


def record_read(container: Container) -> RecordRead:
    """The use case; its entries state where the request comes from."""
    return RecordRead(ledger_of_changes(container), container.clock)
