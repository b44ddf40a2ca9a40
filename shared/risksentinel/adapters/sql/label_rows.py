"""Conversion between labels and rows; a payment with all its labels."""

from collections import defaultdict
from collections.abc import Sequence
from typing import Any, Final

from sqlalchemy import Connection, Row, select

from risksentinel.adapters.sql.chunks import among, chunks
from risksentinel.adapters.sql.payment_rows import transaction_of
from risksentinel.adapters.sql.tables import labels, transaction_claims, transactions
from risksentinel.domain.label import Finding, Label, LabelSource
from risksentinel.domain.reviewed import Reviewed
from risksentinel.errors import NotFound

# Every payment has one claim in an unpartitioned table: its row lock orders writers of labels.
_CLAIM: Final = select(transaction_claims.c.received_at).with_for_update()

IN_ORDER: Final = (  # of writing
    labels.c.written_at,
    labels.c.transaction_id,
    labels.c.source,
    labels.c.version,
)


def reviewed(connection: Connection, transaction_id: str) -> Reviewed:
    """The payment and its labels; other writers of them wait until the transaction ends.

    Raises:
        NotFound: no such payment is stored.
    """
    mine = _CLAIM.where(transaction_claims.c.id == transaction_id)
    received_at = connection.execute(mine).scalar_one_or_none()
    payment = select(transactions).where(
        transactions.c.id == transaction_id, transactions.c.received_at == received_at
    )
    row = None if received_at is None else connection.execute(payment).one_or_none()
    if row is None:
        raise NotFound("there is no such transaction")
    return Reviewed(transaction_of(row), labels_of(connection, transaction_id))


def labels_of(connection: Connection, transaction_id: str) -> tuple[Label, ...]:
    """All labels of the payment, ordered by source and version."""
    query = select(labels).where(labels.c.transaction_id == transaction_id)
    said = connection.execute(query.order_by(labels.c.source, labels.c.version))
    return tuple(map(label_of, said))


def labels_by_payment(connection: Connection, ids: Sequence[str]) -> dict[str, tuple[Label, ...]]:
    """All labels of these payments, ordered by source and version; without those that have none."""
    said: defaultdict[str, list[Label]] = defaultdict(list)
    for some in chunks(ids):
        query = select(labels).where(among(connection, labels.c.transaction_id, some))
        for row in connection.execute(query.order_by(labels.c.source, labels.c.version)):
            said[row.transaction_id].append(label_of(row))
    return {name: tuple(mine) for name, mine in said.items()}


def label_row(label: Label) -> dict[str, Any]:
    """Every column of `labels`."""
    return {
        "transaction_id": label.transaction_id,
        "source": label.source.value,
        "version": label.version,
        "finding": label.finding.value,
        "reported_by": label.reported_by,
        "reported_at": label.reported_at,
        "occurred_at": label.occurred_at,
        "written_at": label.written_at,
    }


def label_of(row: Row[Any]) -> Label:
    """The label in a row of `labels`."""
    return Label(
        transaction_id=row.transaction_id,
        source=LabelSource(row.source),
        version=row.version,
        finding=Finding(row.finding),
        reported_by=row.reported_by,
        reported_at=row.reported_at,
        occurred_at=row.occurred_at,
        written_at=row.written_at,
    )
