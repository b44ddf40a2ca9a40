"""A score's receipt in its two columns: packed, or as JSON where a release before 0006 wrote it.

A row of today has its receipt in `receipt` and an empty object in `explanation`. A row of before
has it in `explanation` and null in `receipt`; nothing rewrites such a row, it goes with its month.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from sqlalchemy import Column, Row

from risksentinel.adapters.sql.packed_receipt import pack, unpack
from risksentinel.adapters.sql.tables import risk_scores
from risksentinel.domain.signal import Details

MAX_UNPACKED: Final = 100_000  # rows that taking 0006 back writes anew, in its one transaction
RECEIPT: Final[Sequence[Column[Any]]] = (
    risk_scores.c.receipt,
    risk_scores.c.explanation,
)  # what `receipt_of` reads


def receipt_columns(receipt: Details) -> Mapping[str, Any]:
    """The two columns of a score that is kept now."""
    return {"explanation": {}, "receipt": pack(receipt)}


def receipt_of(row: Row[Any]) -> Mapping[str, Any]:
    """The receipt in a row that has the columns `RECEIPT`, whichever form it was written in."""
    receipt: Mapping[str, Any] = row.explanation if row.receipt is None else unpack(row.receipt)
    return receipt
