"""SqlLabelRecords: labels for the history and for training."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import Engine, select

from risksentinel.adapters.sql.chunks import chunks
from risksentinel.adapters.sql.engine import looking, reading
from risksentinel.adapters.sql.id_claims import claimed, of_claimed
from risksentinel.adapters.sql.label_rows import IN_ORDER, label_of, labels_of
from risksentinel.adapters.sql.payment_rows import transaction_of
from risksentinel.adapters.sql.payments_in_order import scores_in_order
from risksentinel.adapters.sql.tables import labels, transactions
from risksentinel.domain.label import Finding, Label
from risksentinel.domain.reviewed import Labelled, Reviewed, labelled
from risksentinel.domain.transaction import Transaction
from risksentinel.ports.label_records import LabelOutcome

ROWS_AT_ONCE: Final = 2_000
_IN_ORDER: Final = select(labels).order_by(*IN_ORDER)


@dataclass(frozen=True, slots=True)
class SqlLabelRecords:
    """Meets `ports.LabelRecords` and `ports.LabelChanges` on SQLite and PostgreSQL."""

    engine: Engine
    chargeback_window: timedelta

    def of(self, transaction_id: str) -> Sequence[Label]:
        """All labels of a payment, ordered by source and version."""
        with looking(self.engine) as connection:
            return labels_of(connection, transaction_id)

    def changes(self, wanted: Sequence[Label]) -> Mapping[str, Labelled]:
        """The stored change that each of these labels made, by reference.

        A label without an equal stored one, in finding and time, is left out.
        """
        ids = sorted({label.transaction_id for label in wanted})
        said: list[Label] = []
        with looking(self.engine) as connection:
            for some in chunks(ids):
                rows = connection.execute(_IN_ORDER.where(labels.c.transaction_id.in_(some)))
                said += map(label_of, rows)
        equal = {_claim_of(label) for label in wanted}
        return {
            change.label.reference: change
            for change in labelled(said, self._payments(ids))
            if _claim_of(change.label) in equal
        }

    def written(self, since: datetime, until: datetime) -> Iterator[Label]:
        """Stream every label, superseded ones too, in the order of writing; `until` is excluded."""
        query = _IN_ORDER.where(labels.c.written_at >= since, labels.c.written_at < until)
        with reading(self.engine) as connection:
            rows = connection.execution_options(yield_per=ROWS_AT_ONCE).execute(query)
            yield from map(label_of, rows)

    def labelled(self, since: datetime, until: datetime) -> Iterator[Labelled]:
        """The change that each label made, in the order of writing; it rebuilds a history."""
        written = list(self.written(since, until))  # few: one payment in a thousand has one
        # A retention run may delete one of the payments at the same time.
        return labelled(written, self._payments(sorted({each.transaction_id for each in written})))

    def outcomes(self, since: datetime, as_of: datetime) -> Iterator[LabelOutcome]:
        """Stream the scored payments with their scores, and the outcome known `as_of` a moment."""
        said: dict[str, list[Label]] = defaultdict(list)  # few: one payment in a thousand has one
        for label in self.written(
            since, as_of
        ):  # no label is written before its payment is received
            said[label.transaction_id].append(label)
        for remembered, scored_as in scores_in_order(self.engine, since):
            payment = remembered.transaction
            reviewed = Reviewed(payment, tuple(said.pop(payment.id, ())))
            known = reviewed.outcome(as_of, self.chargeback_window)
            yield LabelOutcome(remembered, known, scored_as)

    def _payments(self, ids: Sequence[str]) -> Sequence[Transaction]:
        found: list[Transaction] = []
        with looking(self.engine) as connection:
            for some in chunks(ids):
                claims = claimed(connection, some)
                if not claims:
                    continue
                place = transactions.c
                there = of_claimed(connection, place.id, place.received_at, claims)
                rows = connection.execute(select(transactions).where(*there))
                found += map(transaction_of, rows)
        return found


def _claim_of(label: Label) -> tuple[str, Finding, datetime]:
    return label.reference, label.finding, label.written_at
