"""claim, claimed: the ids of payments, in a narrow table whose primary key decides every race.

The payments are partitioned by month, so that their primary key must include the time: the key
alone would accept one id in two months. The claim prevents that, and has the time of the payment.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any, Final

from sqlalchemy import Column, ColumnElement, Connection, and_

from risksentinel.adapters.sql.chunks import among
from risksentinel.adapters.sql.driver import Line, driver
from risksentinel.adapters.sql.tables import risk_scores, transaction_claims, transactions
from risksentinel.adapters.sql.types import in_microseconds, moment_of
from risksentinel.ports.ledger import Raced

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
_CLAIM_SQLITE: Final = (
    "INSERT INTO transaction_claims (id, received_at) SELECT value, ? FROM json_each(?) "
    "WHERE true ON CONFLICT DO NOTHING RETURNING id"
)
_LOOK_SQLITE: Final = (
    "SELECT id, received_at FROM transaction_claims WHERE id IN (SELECT value FROM json_each(?))"
)


def claim(line: Line, ids: Sequence[str], at: datetime) -> set[str]:
    """Claim the free ids, in this order, for payments received `at`; answers the claimed ids.

    It waits for another unit that is claiming one of them. Callers pass sorted ids, so that two
    units never wait for each other.
    """
    if line.is_postgresql:
        return {row[0] for row in line.postgresql.execute(_CLAIM, (list(ids), at))}
    return {
        row[0] for row in line.raw.execute(_CLAIM_SQLITE, (in_microseconds(at), json.dumps(ids)))
    }


def claimed(connection: Connection, ids: Sequence[str]) -> Received:
    """When the payments of these ids were received; those without a claim are left out."""
    with driver(connection) as line:
        return look(line, ids)


def look(line: Line, ids: Sequence[str]) -> Received:
    """The same, on a connection of the driver."""
    if line.is_postgresql:
        rows = line.postgresql.execute(LOOK, (list(ids),)).fetchall()
        return {name: at.astimezone(UTC) for name, at in rows}
    rows = line.raw.execute(_LOOK_SQLITE, (json.dumps(ids),)).fetchall()
    return {name: moment_of(number) for name, number in rows}


@contextmanager
def raced(line: Line) -> Iterator[None]:
    """Raise Raced where an insert of the block finds that an id was claimed meanwhile."""
    if not line.is_postgresql:
        yield
        return
    try:
        yield
    except line.dialect.loaded_dbapi.errors.UniqueViolation as error:
        if error.diag.table_name == transaction_claims.name:
            raise Raced from error
        raise


def of_claimed(
    connection: Connection, key: Column[Any], received_at: Column[Any], claims: Received
) -> tuple[ColumnElement[bool], ...]:
    """The condition that finds their rows in a partitioned table; only their months are read."""
    times = claims.values()
    return (
        among(connection, key, list(claims)),
        received_at.between(min(times), max(times)),
    )
