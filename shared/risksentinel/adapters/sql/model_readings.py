"""model_readings: the model's features and scores of recent payments, from their receipts."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Engine, Select, select

from risksentinel.adapters.sql.engine import reading
from risksentinel.adapters.sql.receipts import RECEIPT, receipt_of
from risksentinel.adapters.sql.tables import risk_scores

ROWS_AT_ONCE: Final = 1_000


def model_readings(engine: Engine, since: datetime, most: int) -> Iterator[Mapping[str, Any]]:
    """Stream the model's details of payments scored since then, newest first.

    Imported history and payments on which the model was silent are left out, but count towards
    `most`.
    """
    query: Select[Any] = (
        select(*RECEIPT)
        .where(risk_scores.c.scored_at >= since)
        .order_by(risk_scores.c.scored_at.desc())
        .limit(most)
    )
    with reading(engine) as connection:
        rows = connection.execution_options(yield_per=ROWS_AT_ONCE).execute(query)
        for row in rows:
            receipt = receipt_of(row)
            if receipt.get("learn_only"):
                continue
            signal = receipt["signals"].get("ml", {})
            if signal.get("status") == "ok":
                yield signal["details"]
