"""claim, claimed: the ids that payments have taken, in a narrow table that decides every race.

The payments themselves are partitioned by month, where a key must hold the month's column too: it
could not keep one id from being taken in two months. The claim does, and says where to look.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import cache
from typing import Any, Final

from sqlalchemy import (
    ARRAY,
    Column,
    ColumnElement,
    Connection,
    Executable,
    Text,
    and_,
    bindparam,
    func,
    select,
)
from sqlalchemy.dialects import postgresql

from risksentinel.adapters.sql_chunks import among
from risksentinel.adapters.sql_insert import insert_new
from risksentinel.adapters.sql_tables import risk_scores, transaction_claims, transactions
from risksentinel.adapters.sql_types import UtcTime

Received = Mapping[str, datetime]  # when each payment was received, by its id
SCORE_OF_ITS_PAYMENT: Final = and_(
    risk_scores.c.transaction_id == transactions.c.id,
    risk_scores.c.received_at == transactions.c.received_at,
)
_CLAIMED: Final = select(transaction_claims.c.id, transaction_claims.c.received_at)


def claim(connection: Connection, ids: Sequence[str], at: datetime) -> set[str]:
    """Take the ids that are free, in this order, for payments received then; answers them.

    It waits for another unit that is taking one of them: so callers give them sorted, and no two
    units wait for each other.
    """
    if connection.dialect.name != "postgresql":
        rows = [{"id": each, "received_at": at} for each in ids]
        return insert_new(connection, transaction_claims, rows)
    return set(connection.execute(_claim(), {"ids": list(ids), "at": at}).scalars())


def claimed(connection: Connection, ids: Sequence[str]) -> Received:
    """When the payments of these ids were received; those without a claim are left out."""
    found = connection.execute(_CLAIMED.where(among(connection, transaction_claims.c.id, ids)))
    return {row.id: row.received_at for row in found}


def of_claimed(
    connection: Connection, key: Column[Any], received_at: Column[Any], claims: Received
) -> tuple[ColumnElement[bool], ...]:
    """The condition that finds their rows in a partitioned table, and in no month in vain."""
    times = claims.values()
    return (
        among(connection, key, list(claims)),
        received_at.between(min(times), max(times)),
    )


@cache
def _claim() -> Executable:
    # An array makes one statement for any number of ids: it is prepared once.
    taken = func.unnest(bindparam("ids", type_=ARRAY(Text))).table_valued("id").render_derived()
    rows = select(taken.c.id, bindparam("at", type_=UtcTime()))
    statement = postgresql.insert(transaction_claims).from_select(["id", "received_at"], rows)
    return statement.on_conflict_do_nothing().returning(transaction_claims.c.id)
