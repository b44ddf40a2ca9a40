"""The stored labels, for the API, for training and for a rebuild of the history."""

from datetime import timedelta

from risksentinel.adapters.sql.label_records import SqlLabelRecords
from risksentinel.assembly.container import Container


def label_records(container: Container) -> SqlLabelRecords:
    """The stored labels, with the chargeback window of CHARGEBACK_WINDOW_DAYS."""
    window = timedelta(days=container.settings.chargeback_window_days)
    return SqlLabelRecords(container.engine, window)
