"""CollectedRows: the rows of one transaction, inserted together."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from sqlalchemy import Table

from risksentinel.adapters.sql.bulk_insert import copied, send_leasing
from risksentinel.adapters.sql.driver import Line
from risksentinel.adapters.sql.driver_values import TableRows, Values
from risksentinel.adapters.sql.hourly_figures import HourlyFigures
from risksentinel.adapters.sql.id_claims import raced
from risksentinel.adapters.sql.insert import insert_all
from risksentinel.adapters.sql.rule_counts import RuleCounts
from risksentinel.adapters.sql.tables import hourly_figures, outbox, rule_figures
from risksentinel.adapters.sql.unit_events import UnitEvents


@dataclass(slots=True)
class CollectedRows:
    """New rows are inserted before the first statement that may read them, and at the end.

    The number of round trips decides how long a single payment takes.
    """

    line: Line
    events: UnitEvents = field(default_factory=lambda: UnitEvents(None, None))
    _added: list[TableRows] = field(default_factory=list, init=False)
    _figures: HourlyFigures = field(default_factory=HourlyFigures, init=False)
    _rule_counts: RuleCounts = field(default_factory=RuleCounts, init=False)

    def commit(self) -> None:
        """Insert the collected rows, and commit: a small unit is one statement and no more.

        Figures are last, so that their locks wait for no other lock.

        Raises:
            Raced: another unit has stored one of the payments that were taken for new.
        """
        figures = (
            (hourly_figures, self._figures.rows(self.line)),
            (rule_figures, self._rule_counts.rows(self.line)),
        )
        events = self.events.rows()
        if events and self.events.lease is not None and self._is_small(events):
            with self.line.as_transaction(), raced(self.line):
                self.events.inserted(send_leasing(self.line, [*self._added, *figures], events))
            return
        if events and self.events.lease is not None:
            events = self.events.reserved_rows(self.line)
        else:
            self.events.inserted_free()
        self._added += [(outbox, events), *figures]
        self.send()
        self.line.commit()

    def _is_small(self, events: Sequence[Values]) -> bool:
        """Whether one statement makes the whole transaction."""
        tables = [*self._added, (outbox, events)]
        return not self.line.has_begun and not any(copied(*each) for each in tables)

    def send(self) -> None:
        """Insert the collected rows. Raises Raced, as `commit`."""
        if self._added:
            with raced(self.line):
                insert_all(self.line, self._added)
            self._added.clear()

    def _add(self, table: Table, rows: Sequence[Values]) -> None:
        """Collect rows of a table; tables are inserted in the order of these calls."""
        self._added.append((table, rows))
