"""The modules that a function imports until it is ready: each adds to the cold start."""

import os
import subprocess
import sys
from pathlib import Path
from typing import Final

import pytest

from infra.devstack.stack.topology import FUNCTIONS, Function
from risksentinel.migrations.migrate import migrate
from risksentinel.settings import Settings

# Libraries that the first response does not need are imported where they are used: together they
# cost a cold start up to half a second. Libraries of training are never imported by a function.
TOO_DEAR: Final = {
    *("boto3", "botocore", "redis", "kafka", "opentelemetry", "psycopg", "standardwebhooks"),
    *("onnxruntime", "numpy", "sklearn", "scipy", "pandas", "joblib", "onnx", "matplotlib"),
    *("alembic", "pyarrow", "waitress", "starlette", "uvicorn", "watchdog", "requests"),
    *("rich", "urllib3", "holidays", "dateutil"),
}
# Modules of RiskSentinel that only some functions need.
SCORING: Final = {"score_transactions", "cached_fraud_model", "memory_history", "histories"}
CHANGING: Final = {"change_alert", "change_report"}
WRITING: Final = {"sql_ledger", "write_rule", "write_label", "broker_relay"} | CHANGING
TELLING: Final = {"dispatch_alert", "guarded_http", "channels"}
OF_DESKS: Final = {"sql_alert_records", "sql_report_records"}
READING: Final = {"sql_dashboard_records", "sql_rule_records"} | OF_DESKS
OTHERS: Final = {
    "ingest": TELLING | READING | {"write_rule"} | CHANGING,
    "score": TELLING | READING | {"write_rule", "submit_payments"} | CHANGING,
    "alert-dispatch": SCORING | {"sql_dashboard_records", "sql_rule_records", "write_rule"},
    "rules-crud": SCORING | TELLING | {"write_label"} | CHANGING | OF_DESKS,
    "dashboard": SCORING | WRITING | TELLING | {"sql_rule_records"} | OF_DESKS,
}
WAKES: Final = """
import sys
sys.modules["rich"] = None  # structlog takes it where it is; no image has it
import functions_framework
app = functions_framework.create_app({target!r}, "functions/{target}/main.py")
assert app.test_client().get("/health/readiness").status_code == 200
print(*(name for name, module in sys.modules.items() if module is not None))
"""


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated database, and no model."""
    settings = Settings(risksentinel_home=tmp_path_factory.mktemp("home"))
    migrate(settings.database)
    return settings.risksentinel_home


@pytest.mark.parametrize("function", FUNCTIONS, ids=str)
def test_a_function_imports_nothing_that_its_first_answer_does_not_need(
    function: Function, home: Path
) -> None:
    """Start and wiring import no unneeded module; the Kafka client comes with the first event."""
    modules = _imported(function, home)

    assert not TOO_DEAR & modules
    assert not OTHERS[function.name] & {
        name.rpartition(".")[2] for name in modules if name.startswith("risksentinel.")
    }


def _imported(function: Function, home: Path) -> set[str]:
    """The modules of a fresh process that has been woken, with a broker that nobody needs yet."""
    environ = {
        **os.environ,  # noqa: TID251 - a child's
        "RISKSENTINEL_HOME": str(home),
        "KAFKA_BOOTSTRAP_SERVERS": "127.0.0.1:1",
        "LOG_LEVEL": "error",
    }
    program = WAKES.format(target=function.target)
    ran = subprocess.run(  # noqa: S603
        [sys.executable, "-c", program], env=environ, capture_output=True, text=True, check=False
    )
    assert ran.returncode == 0, ran.stderr
    return set(ran.stdout.split())
