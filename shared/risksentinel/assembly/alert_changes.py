"""The use cases that analysts work with: changes of alerts and of statutory reports."""

from risksentinel.assembly.container import Container
from risksentinel.assembly.label_changes import write_label
from risksentinel.assembly.ledger import ledger_of_changes
from risksentinel.events.sources import ALERT_DISPATCH
from risksentinel.usecases.change_alert import ChangeAlert
from risksentinel.usecases.change_report import ChangeReport


def change_alert(container: Container) -> ChangeAlert:
    """The use case that changes an alert; its disposition also becomes a label of the payment."""
    labels = write_label(container, ALERT_DISPATCH)
    return ChangeAlert(ledger_of_changes(container), container.clock, labels)


def change_report(container: Container) -> ChangeReport:
    """The use case that files a statutory report, or records why none is required."""
    return ChangeReport(ledger_of_changes(container), container.clock)
