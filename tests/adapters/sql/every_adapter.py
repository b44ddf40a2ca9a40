"""everything: a call of each adapter that asks the database, and how all of them end."""

from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor

from sqlalchemy import Engine

from risksentinel.adapters.sql.alert_records import SqlAlertRecords
from risksentinel.adapters.sql.dashboard_records import SqlDashboardRecords
from risksentinel.adapters.sql.dead_letters import SqlDeadLetters
from risksentinel.adapters.sql.deliveries import SqlDeliveries
from risksentinel.adapters.sql.kept_payments import SqlKeptPayments
from risksentinel.adapters.sql.label_records import SqlLabelRecords
from risksentinel.adapters.sql.ledger import SqlLedger
from risksentinel.adapters.sql.list_digests import list_book_state
from risksentinel.adapters.sql.list_records import SqlListRecords
from risksentinel.adapters.sql.list_unit import SqlListLedger
from risksentinel.adapters.sql.model_readings import model_readings
from risksentinel.adapters.sql.months import SqlMonths
from risksentinel.adapters.sql.outbox import SqlOutbox
from risksentinel.adapters.sql.payments_in_order import payments_in_order
from risksentinel.adapters.sql.report_records import SqlReportRecords
from risksentinel.adapters.sql.rule_book import SqlRuleBook
from risksentinel.adapters.sql.rule_records import SqlRuleRecords
from risksentinel.adapters.sql.schema import schema_is_current
from risksentinel.adapters.sql.transaction_records import SqlTransactionRecords
from risksentinel.domain.label import CHARGEBACK_WINDOW
from risksentinel.errors import Rejected, Unavailable
from risksentinel.ports.alert_records import AlertFilter
from risksentinel.ports.report_records import ReportFilter
from risksentinel.ports.transaction_records import TransactionFilter
from risksentinel.scoring.policy import Policy
from tests.adapters.sql.samples import NOW, event, payment, rule, scored


def everything(engine: Engine) -> Mapping[str, Callable[[], object]]:
    """A call of each adapter that asks the database."""
    ledger, outbox, letters = SqlLedger(engine), SqlOutbox(engine), SqlDeadLetters(engine)
    deliveries, records = SqlDeliveries(engine), SqlTransactionRecords(engine)

    def keep() -> None:
        with ledger.unit() as unit:
            unit.keep([scored(payment())])
            unit.enqueue([event()])

    def write_label() -> None:
        with ledger.unit() as unit:
            unit.reviewed("tx-1")

    def write_rule() -> None:
        with ledger.unit() as unit:
            unit.write_rule(rule("r-1"))

    def write_list() -> None:
        with SqlListLedger(engine).unit() as unit:
            unit.named("mule")

    return {
        "keep": keep,
        "write list": write_list,
        "sweep lists": SqlListLedger(engine).sweep,
        "lists": SqlListRecords(engine).lists,
        "list book": lambda: list_book_state(engine, frozenset({"mule"}), None),
        "write rule": write_rule,
        "write label": write_label,
        "labels": lambda: list(SqlLabelRecords(engine, CHARGEBACK_WINDOW).written(NOW, NOW)),
        "labels of one": lambda: SqlLabelRecords(engine, CHARGEBACK_WINDOW).of("tx-1"),
        "readings": lambda: list(model_readings(engine, NOW, 9)),
        "known": lambda: ledger.known(["tx-1"]),
        "lease": lambda: outbox.lease(9, NOW, NOW),
        "settle": lambda: outbox.settle([1], {}, {}, NOW),
        "release": lambda: outbox.release([1]),
        "depth": outbox.depth,
        "letters": lambda: letters.list(None, 9),
        "replay": lambda: letters.replay([], NOW),
        "open": lambda: deliveries.open("ev-1", "a-1", ["desk"], NOW),
        "rule book": SqlRuleBook(engine, lambda: NOW, Policy()).edition,
        "rules": lambda: SqlRuleRecords(engine).rules(None, 9, active_only=False),
        "alerts": lambda: SqlAlertRecords(engine).alerts(AlertFilter(), None, 9),
        "reports": lambda: SqlReportRecords(engine).reports(ReportFilter(), None, 9),
        "payments": lambda: records.transactions(TransactionFilter(), None, 9),
        "payment": lambda: records.transaction("tx-1"),
        "explanation": lambda: records.explanation("tx-1"),
        "in order": lambda: list(payments_in_order(engine, NOW)),
        "kept": lambda: SqlKeptPayments(engine, lambda: NOW, CHARGEBACK_WINDOW).past(["a"], ["b"]),
        "summary": lambda: SqlDashboardRecords(engine).summary(NOW),
        "trend": lambda: SqlDashboardRecords(engine).risk_trend(NOW),
        "schema": lambda: schema_is_current(engine),
        "months": lambda: SqlMonths(engine).missing(NOW),
    }


def outcome(call: Callable[[], object]) -> str:
    """How the call ended."""
    try:
        call()
    except Unavailable as error:
        return error.part
    except Rejected:
        return "answered"
    return "answered"


def outcomes(engine: Engine) -> dict[str, str]:
    """How a call of each adapter ends, all made at the same time."""
    calls = everything(engine)
    with ThreadPoolExecutor(len(calls)) as pool:
        return dict(zip(calls, pool.map(outcome, calls.values()), strict=True))
