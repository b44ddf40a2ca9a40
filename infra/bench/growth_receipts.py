"""The size of a receipt, as JSON and packed, and the time to pack and to read it."""

from collections.abc import Callable, Sequence
from time import process_time
from typing import Any

from rich.console import Console
from sqlalchemy import Engine, select

from infra.bench.figures import microseconds, print_table
from risksentinel.adapters.sql.engine import reading
from risksentinel.adapters.sql.packed_receipt import pack, unpack
from risksentinel.adapters.sql.stored_json import dumps
from risksentinel.adapters.sql.tables import risk_scores

SAMPLED = 5_000


def print_receipts(console: Console, engine: Engine, what: str) -> None:
    """Print the means of the newest receipts in a database."""
    newest = select(risk_scores.c.receipt).order_by(risk_scores.c.scored_at.desc()).limit(SAMPLED)
    with reading(engine) as connection:
        kept = connection.execute(newest).scalars().all()
    receipts = [unpack(packed) for packed in kept]
    row = {
        "receipts": what,
        "bytes as JSON": f"{sum(len(dumps(one)) for one in receipts) / len(receipts):,.0f}",
        "bytes packed": f"{sum(map(len, kept)) / len(kept):,.0f}",
        "JSON written": microseconds(_seconds(dumps, receipts)),
        "packed": microseconds(_seconds(pack, receipts)),
        "unpacked": microseconds(_seconds(unpack, kept)),
    }
    print_table(console, f"{len(kept):,} receipts, processor time of each", [row])


def _seconds(call: Callable[[Any], object], values: Sequence[Any]) -> float:
    began = process_time()
    for value in values:
        call(value)
    return (process_time() - began) / len(values)
