"""load_payments: many payments of 13 months, written straight into the tables.

The rows are those of a scored sample, with the values that each payment has of its own.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from itertools import islice
from typing import Final

from sqlalchemy import Engine, Table, text

from infra.bench.bulk_payment import SPAN, BulkPayment, bulk_payments
from infra.bench.database_rows import Encoded, RowFormat, row_format
from infra.bench.scored_sample import KEYS, Sample
from risksentinel.adapters.sql.count_hours import count_hours
from risksentinel.adapters.sql.engine import looking, writing
from risksentinel.adapters.sql.hourly_figures import SHARDS
from risksentinel.adapters.sql.months import SqlMonths
from risksentinel.adapters.sql.tables import audit_log, labels

_AT_ONCE: Final = 20_000  # payments
_FILLED: Final = (*KEYS, labels)
_MONTHS: Final = 14
# Writers of many connections fill all shards of an hour, one hour after the other.
_FILL_SHARDS: Final = text(
    "INSERT INTO hourly_figures SELECT hour, figure, added, counted, cents_upper, cents_lower,"
    " score_total FROM hourly_figures CROSS JOIN generate_series(1, :shards) AS added"
)

Formats = Mapping[Table, RowFormat]
EncodedSample = Mapping[str, Sequence[Mapping[Table, Sequence[Encoded]]]]


def load_payments(engine: Engine, sample: Sample, count: int, last: datetime) -> None:
    """Fill empty tables with payments up to the moment `last`, and run ANALYZE."""
    months = SqlMonths(engine)
    for missing in months.missing(last - SPAN, ahead=_MONTHS):
        months.make(missing)
    indexes = [index for table in _FILLED for index in table.indexes]
    with writing(engine) as connection:
        for index in indexes:  # created at the end, in half the time
            index.drop(connection)
    _write(engine, sample, bulk_payments(count, last))
    on_postgresql = engine.dialect.name == "postgresql"
    with writing(engine) as connection:
        for index in indexes:
            index.create(connection)
        count_hours(connection)
        if on_postgresql:
            connection.execute(_FILL_SHARDS, {"shards": SHARDS - 1})
            connection.execute(text("CLUSTER hourly_figures USING pk_hourly_figures"))
    with looking(engine) as connection:  # without a transaction on PostgreSQL, as VACUUM needs it
        connection.execute(text("VACUUM ANALYZE" if on_postgresql else "ANALYZE"))
        connection.commit()


def _write(engine: Engine, sample: Sample, made: Iterator[BulkPayment]) -> None:
    with looking(engine) as connection:
        formats = {
            table: row_format(connection, table, ("id",) if table is audit_log else ())
            for table in _FILLED
        }
    encoded = _encoded(formats, sample)
    while some := list(islice(made, _AT_ONCE)):
        rows: dict[Table, list[Encoded]] = defaultdict(list)
        for payment in some:
            for table, row in _rows(formats, encoded, payment):
                rows[table].append(row)
        with writing(engine) as connection:
            for table, of_table in rows.items():
                formats[table].write(connection, of_table)


def _encoded(formats: Formats, sample: Sample) -> EncodedSample:
    return {
        kind: [
            {table: [formats[table].row(row) for row in rows] for table, rows in each.items()}
            for each in some
        ]
        for kind, some in sample.items()
    }


def _rows(
    formats: Formats, sample: EncodedSample, payment: BulkPayment
) -> Iterator[tuple[Table, Encoded]]:
    some = sample[payment.kind.sampled]
    for table, rows in some[payment.number % len(some)].items():
        if rows and payment.stored_in(table):
            values = payment.values(table)
            for row in rows:
                yield table, formats[table].changed(row, values)
    for values in payment.labels():
        yield labels, formats[labels].row(values)
