"""The use case that writes labels: what payments turned out to be."""

from risksentinel.assembly.container import Container
from risksentinel.assembly.ledger import ledger_of_changes
from risksentinel.usecases.write_label import WriteLabel


def write_label(container: Container, source: str) -> WriteLabel:
    """The use case that writes labels; its events name `source`, a CloudEvents source."""
    return WriteLabel(ledger_of_changes(container), container.clock, source, container.new_id)
