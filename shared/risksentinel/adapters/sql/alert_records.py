"""SqlAlertRecords: alerts for readers, in pages."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from sqlalchemy import ColumnElement, Engine, select

from risksentinel.adapters.sql.alert_rows import alert_of
from risksentinel.adapters.sql.engine import reading
from risksentinel.adapters.sql.pages import NewestFirst
from risksentinel.adapters.sql.tables import alerts
from risksentinel.domain.alert import Alert
from risksentinel.errors import NotFound
from risksentinel.ports.alert_records import AlertFilter
from risksentinel.ports.pages import Page

_ORDER: Final = NewestFirst(alerts.c.raised_at, alerts.c.id)


@dataclass(frozen=True, slots=True)
class SqlAlertRecords:
    """Meets `ports.AlertRecords` on SQLite and PostgreSQL."""

    engine: Engine

    def alerts(self, which: AlertFilter, after: tuple[str, ...] | None, most: int) -> Page[Alert]:
        """One page of the alerts that match the filter, newest first."""
        query = select(alerts).where(*_conditions(which))
        with reading(self.engine) as connection:
            return _ORDER.page(connection, query, after, most, alert_of)

    def alert(self, alert_id: str) -> Alert:
        """The alert. Raises NotFound."""
        query = select(alerts).where(alerts.c.id == alert_id)
        with reading(self.engine) as connection:
            row = connection.execute(query).one_or_none()
        if row is None:
            raise NotFound("there is no such alert")
        return alert_of(row)


def _conditions(which: AlertFilter) -> Iterator[ColumnElement[bool]]:
    if which.severity is not None:
        yield alerts.c.severity == which.severity.value
    if which.status is not None:
        yield alerts.c.status == which.status.value
    if which.assignee is not None:
        yield alerts.c.assignee == which.assignee
