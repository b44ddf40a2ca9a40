"""fraud_of: whether payments are fraud by their effective labels."""

from collections.abc import Sequence

from sqlalchemy import Connection, select

from risksentinel.adapters.sql.chunks import among, chunks
from risksentinel.adapters.sql.label_rows import labels_by_payment
from risksentinel.adapters.sql.payment_rows import transaction_of
from risksentinel.adapters.sql.tables import transactions
from risksentinel.domain.label import Finding
from risksentinel.domain.reviewed import Reviewed


def fraud_of(connection: Connection, ids: Sequence[str]) -> dict[str, bool]:
    """Whether the payments are fraud by their effective labels; those without are left out."""
    said = labels_by_payment(connection, ids)
    found: dict[str, bool] = {}
    for some in chunks(sorted(said)):
        query = select(transactions).where(among(connection, transactions.c.id, some))
        for row in connection.execute(query):
            standing = Reviewed(transaction_of(row), said[row.id]).standing
            if standing is not None:
                found[row.id] = standing.finding is Finding.FRAUD
    return found
