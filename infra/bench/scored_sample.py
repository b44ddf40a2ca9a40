"""scored_sample: the rows that the engine writes for payments of three kinds."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final

from sqlalchemy import Connection, Table, select

from infra.bench.figures import payments
from risksentinel.adapters.sql.engine import reading
from risksentinel.adapters.sql.tables import (
    alerts,
    audit_log,
    risk_scores,
    statutory_reports,
    transaction_claims,
    transactions,
)
from risksentinel.adapters.system_clock import now
from risksentinel.assembly.payment_submission import submit_payments
from risksentinel.embedded.engine import Engine, running
from risksentinel.events.sources import INGEST
from risksentinel.payment_formats.payment_document import document
from risksentinel.settings import Settings
from risksentinel.telemetry.metrics import FunctionMetrics
from risksentinel.text import rfc3339

Values = Mapping[str, Any]
Rows = Mapping[Table, Sequence[Values]]
Sample = Mapping[str, Sequence[Rows]]  # PLAIN, ALERT or REPORT: the rows of each such payment
PLAIN: Final = "plain"
ALERT: Final = "alert"
REPORT: Final = "report"
KEYS: Final[Mapping[Table, str]] = MappingProxyType(  # the column with the id of the payment
    {
        transaction_claims: "id",
        transactions: "id",
        risk_scores: "transaction_id",
        alerts: "transaction_id",
        statutory_reports: "transaction_id",
        audit_log: "subject_id",
    }
)
_SCORED: Final = 2_000
_BATCH: Final = 500
_SPAN: Final = timedelta(days=2)


def scored_sample(home: Path) -> Sample:
    """Score payments in an embedded engine of its own, and read their rows."""
    with running(Settings(risksentinel_home=home, max_lateness_seconds=None)) as engine:
        _score(engine)
        with reading(engine.container.engine) as connection:
            return _read(connection)


def _score(engine: Engine) -> None:
    submit = submit_payments(engine.container, FunctionMetrics("bench"))
    stated = list(_payments(now()))
    for start in range(0, len(stated), _BATCH):
        batch = [document(each) for each in stated[start : start + _BATCH]]
        submit(batch, INGEST, wait=True, traceparents=[None] * len(batch))


def _payments(end: datetime) -> Iterator[dict[str, Any]]:
    """Generate payments of two days, some of which raise alerts or are reported."""
    for number, each in enumerate(payments(_SCORED)):
        at = end - _SPAN / _SCORED * (_SCORED - number)
        stated = {**each, "occurred_at": rfc3339.to_text(at)}
        if number % 50 == 0:
            stated |= {"amount_zar": "750000.00", "channel": "pos"}
        if number % 50 == 1:
            stated |= {"amount_zar": "60000.00", "channel": "branch", "rail": "cash"}
        yield stated


def _read(connection: Connection) -> Sample:
    found: dict[str, dict[Table, list[Values]]] = defaultdict(lambda: {each: [] for each in KEYS})
    for table, key in KEYS.items():
        for row in connection.execute(select(table)).mappings():
            found[row[key]][table].append({str(name): value for name, value in row.items()})
    sample: dict[str, list[Rows]] = defaultdict(list)
    for rows in found.values():
        if rows[transactions]:  # the audit log has entries of other subjects, too
            sample[_kind(rows)].append(rows)
    return sample


def _kind(rows: Rows) -> str:
    if rows[alerts]:
        return ALERT
    return REPORT if rows[statutory_reports] else PLAIN
