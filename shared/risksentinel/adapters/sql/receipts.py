"""The receipt of a score in two columns: packed, or as JSON in rows from before revision 0006.

A new row has its receipt in `receipt` and an empty object in `explanation`. An old row has the
receipt in `explanation` and null in `receipt`; old rows stay until their month goes.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from sqlalchemy import Column, Row

from risksentinel.adapters.sql.packed_receipt import pack, unpack
from risksentinel.adapters.sql.tables import risk_scores
from risksentinel.domain.signal import Details

MAX_UNPACKED: Final = 100_000  # rows that the downgrade of 0006 rewrites, in one transaction
RECEIPT: Final[Sequence[Column[Any]]] = (
    risk_scores.c.receipt,
    risk_scores.c.explanation,
)  # the columns that `receipt_of` reads


def receipt_columns(receipt: Details) -> Mapping[str, Any]:
    """The two columns of a new score."""
    return {"explanation": {}, "receipt": pack(receipt)}


def receipt_of(row: Row[Any]) -> Mapping[str, Any]:
    """The receipt in a row with the columns RECEIPT, in either form."""
    receipt: Mapping[str, Any] = row.explanation if row.receipt is None else unpack(row.receipt)
    return receipt
