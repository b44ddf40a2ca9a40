"""The modules that a ready function has imported: each one delays the first answer."""

import os
import subprocess
import sys
from contextlib import closing
from importlib.util import find_spec
from pathlib import Path
from typing import Final

import pytest

from infra.devstack.stack.topology import FUNCTIONS, Function
from risksentinel.assembly.container import Container
from risksentinel.assembly.policy import check_policy
from risksentinel.migrations.migrate import migrate
from risksentinel.settings import Settings

# What the first answer does not need costs a cold start up to half a second: it is imported where
# it is used. What trains a model has no place in a function at all.
TOO_DEAR: Final = {
    *("boto3", "botocore", "redis", "kafka", "opentelemetry", "psycopg", "standardwebhooks"),
    *("onnxruntime", "numpy", "sklearn", "scipy", "pandas", "joblib", "onnx", "matplotlib"),
    *("alembic", "pyarrow", "waitress", "starlette", "uvicorn", "watchdog", "requests"),
    *("rich", "urllib3", "holidays", "dateutil"),
}
# Of our own code, below risksentinel: what one function needs and another does not.
SCORING: Final = {
    *("usecases.score_transactions", "adapters.models.cached_fraud_model"),
    *("adapters.memory.history", "adapters.redis.history", "adapters.sql.list_book"),
    "assembly.scoring",
}
CHANGING: Final = {"usecases.change_alert", "usecases.change_report", "assembly.alert_changes"}
RULES: Final = {"usecases.write_rule", "usecases.write_list"}
WRITING: Final = {
    *("adapters.sql.ledger", "usecases.write_label", "assembly.broker_relay"),
    *CHANGING,
    *RULES,
}
TELLING: Final = {"usecases.dispatch_alert", "adapters.http.guarded", "adapters.channels"}
OF_DESKS: Final = {"adapters.sql.alert_records", "adapters.sql.report_records"}
FIGURES: Final = {"adapters.sql.dashboard_records"}
OF_RULES: Final = {"adapters.sql.rule_records"}
READING: Final = FIGURES | OF_RULES | OF_DESKS
OTHERS: Final = {
    "ingest": TELLING | READING | RULES | CHANGING,
    "score": TELLING | READING | RULES | CHANGING | {"usecases.submit_payments"},
    "alert-dispatch": SCORING | FIGURES | OF_RULES | RULES,
    "rules-crud": SCORING | TELLING | FIGURES | CHANGING | OF_DESKS | {"usecases.write_label"},
    "dashboard": SCORING | WRITING | TELLING | OF_RULES | OF_DESKS,
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
    """A migrated database with the policy in force, and no model."""
    settings = Settings(risksentinel_home=tmp_path_factory.mktemp("home"))
    migrate(settings.database)
    with closing(Container(settings)) as container:
        check_policy(container)  # the first start of all records the policy
    return settings.risksentinel_home


@pytest.mark.parametrize("function", FUNCTIONS, ids=str)
def test_a_function_imports_nothing_that_its_first_answer_does_not_need(
    function: Function, home: Path
) -> None:
    """Neither when it starts nor when it is wired; a broker is met when there is news for it."""
    modules = _imported(function, home)

    assert not TOO_DEAR & modules
    assert not OTHERS[function.name] & {name.removeprefix("risksentinel.") for name in modules}


@pytest.mark.parametrize("module", sorted(set().union(*OTHERS.values())))
def test_a_module_of_the_budget_exists(module: str) -> None:
    """A module that was moved or renamed must not leave the budget unnoticed."""
    assert find_spec(f"risksentinel.{module}") is not None


def _imported(function: Function, home: Path) -> set[str]:
    """The modules of a fresh ready process, with a broker that no request has needed yet."""
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
