"""claim, claimed: the ids of payments, in a narrow table whose primary key decides every race.

The payments are partitioned by month, so that their primary key must include the time: the key
alone would accept one id in two months. The claim prevents that, and has the time of the payment.
"""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, Final

from sqlalchemy import Column, ColumnElement, Connection, and_, select

from risksentinel.adapters.sql.chunks import among
from risksentinel.adapters.sql.driver import driver
from risksentinel.adapters.sql.insert import insert_new
from risksentinel.adapters.sql.tables import risk_scores, transaction_claims, transactions

Received = Mapping[str, datetime]  # when each payment was received, by its id
SCORE_OF_ITS_PAYMENT: Final = and_(
    risk_scores.c.transaction_id == transactions.c.id,
    risk_scores.c.received_at == transactions.c.received_at,
)
# An array makes one statement for any number of ids, prepared once.
_CLAIM: Final = (
    b"INSERT INTO transaction_claims (id, received_at) SELECT unnest(%s::text[]), %s "
    b"ON CONFLICT DO NOTHING RETURNING id"
)
LOOK: Final = b"SELECT id, received_at FROM transaction_claims WHERE id = ANY (%s)"
_CLAIMED: Final = select(transaction_claims.c.id, transaction_claims.c.received_at)


def claim(connection: Connection, ids: Sequence[str], at: datetime) -> set[str]:
    """Claim the free ids, in this order, for payments received `at`; answers the claimed ids.

    It waits for another unit that is claiming one of them. Callers pass sorted ids, so that two
    units never wait for each other.
    """
    if connection.dialect.name != "postgresql":
        rows = [{"id": each, "received_at": at} for each in ids]
        return insert_new(connection, transaction_claims, rows)
    with driver(connection) as line:
        return {row[0] for row in line.execute(_CLAIM, (list(ids), at))}


def claimed(connection: Connection, ids: Sequence[str]) -> Received:
    """When the payments of these ids were received; those without a claim are left out."""
    if connection.dialect.name != "postgresql":
        found = connection.execute(_CLAIMED.where(transaction_claims.c.id.in_(ids)))
        return {row.id: row.received_at for row in found}
    with driver(connection) as line:
        rows = line.execute(LOOK, (list(ids),)).fetchall()
    return {name: at.astimezone(UTC) for name, at in rows}


def of_claimed(
    connection: Connection, key: Column[Any], received_at: Column[Any], claims: Received
) -> tuple[ColumnElement[bool], ...]:
    """The condition that finds their rows in a partitioned table; only their months are read."""
    times = claims.values()
    return (
        among(connection, key, list(claims)),
        received_at.between(min(times), max(times)),
    )
