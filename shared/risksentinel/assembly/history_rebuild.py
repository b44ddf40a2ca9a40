"""What a history is rebuilt from: the stored payments, then their labels."""

from collections.abc import Iterator

from risksentinel.adapters.sql.payments_in_order import payments_in_order
from risksentinel.assembly.container import Container
from risksentinel.assembly.history import REMEMBERED
from risksentinel.assembly.label_records import label_records
from risksentinel.domain.reviewed import Labelled
from risksentinel.ports.history import Remembered


def remembered_payments(container: Container) -> Iterator[Remembered]:
    """The stored payments of the last 90 days, the oldest first."""
    return payments_in_order(container.engine, container.clock() - REMEMBERED)


def remembered_labels(container: Container) -> Iterator[Labelled]:
    """The labels of the last 90 days, in order; a history takes them after the payments."""
    now = container.clock()
    return label_records(container).labelled(now - REMEMBERED, now)
