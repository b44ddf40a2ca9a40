"""multiply: copies the stored payments within their database, with statements of the database.

A copy has its own ids and earlier times. Its accounts are the original ones in one copy of ten,
and otherwise other accounts: with 99 copies an account of the original has 11 payments for each
one that it had. The copies are distributed evenly over a year, and so over 13 months.
"""

from datetime import timedelta
from typing import Final

from sqlalchemy import Column, Connection, Engine, Table, text

from infra.bench.scored_sample import KEYS
from risksentinel.adapters.sql.count_hours import count_hours
from risksentinel.adapters.sql.engine import looking, writing
from risksentinel.adapters.sql.month import GROWING, Month
from risksentinel.adapters.sql.months import Missing, SqlMonths
from risksentinel.adapters.sql.tables import audit_log
from risksentinel.adapters.sql.types import UtcTime
from risksentinel.adapters.system_clock import now

_SPAN: Final = timedelta(days=360)
_MONTHS: Final = 12  # before the current one
_IDS: Final = ("id", "transaction_id", "subject_id")
_ACCOUNTS: Final = ("sender_id", "receiver_id")
_ID: Final = "{column} || '-' || n"
_ACCOUNT: Final = "CASE WHEN n % 10 = 0 THEN {column} ELSE {column} || '-' || (n % 10) END"
_TIME: Final = {
    "sqlite": "{column} - n * {step} * 1000000",
    "postgresql": "{column} - n * interval '{step} seconds'",
}
_NUMBERS: Final = (
    "WITH RECURSIVE numbers(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < {copies})"
)
_COPY: Final = (
    "INSERT INTO {table} ({columns}) {numbers}"
    " SELECT {values} FROM numbers CROSS JOIN {table} WHERE {chosen}"
)
_CHOSEN: Final = {"audit_log": "subject_kind = 'transaction'"}
_CACHE: Final = "PRAGMA cache_size = -2000000"  # KiB: with less, SQLite writes each page many times


def multiply(engine: Engine, copies: int) -> None:
    """Add `copies` copies of each payment with its score, alert, reports and audit entries.

    The hourly figures are counted again. The engine must have no limit for statements.
    """
    if engine.dialect.name == "postgresql":
        _make_months(engine)
    step = int(_SPAN.total_seconds()) // copies
    with writing(engine) as connection:
        if engine.dialect.name == "sqlite":
            connection.execute(text(_CACHE))
        for table in KEYS:
            _copy(connection, table, copies, step)
        count_hours(connection)
    if engine.dialect.name == "postgresql":
        analyze(engine)


def analyze(engine: Engine) -> None:
    """Do what PostgreSQL would otherwise do by itself during the measured section."""
    with looking(engine) as connection:
        connection.execute(text("VACUUM ANALYZE"))
        connection.execute(text("CHECKPOINT"))


def _make_months(engine: Engine) -> None:
    months, this = SqlMonths(engine), Month.of(now())
    for table in GROWING:
        for before in range(1, _MONTHS + 1):
            months.make(Missing(table, this.after(-before), 0))


def _copy(connection: Connection, table: Table, copies: int, step: int) -> None:
    columns = [each for each in table.columns if not (table is audit_log and each.name == "id")]
    time = _TIME[connection.dialect.name]
    statement = _COPY.format(
        table=table.name,
        columns=", ".join(each.name for each in columns),
        numbers=_NUMBERS.format(copies=copies),
        values=", ".join(_value(each, time, step) for each in columns),
        chosen=_CHOSEN.get(table.name, "true"),
    )
    connection.execute(text(statement))


def _value(column: Column[object], time: str, step: int) -> str:
    form = "{column}"
    if column.name in _IDS:
        form = _ID
    elif column.name in _ACCOUNTS:
        form = _ACCOUNT
    elif isinstance(column.type, UtcTime):
        form = time
    return form.format(column=column.name, step=step)
