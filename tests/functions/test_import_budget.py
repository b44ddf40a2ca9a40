import subprocess
import sys

import pytest

from infra.local.stack.topology import FUNCTIONS, Function

# What the first answer does not need costs a cold start up to half a second: it is imported where
# it is used. What trains a model has no place in a function at all.
TOO_DEAR = {
    *("boto3", "botocore", "redis", "kafka", "opentelemetry", "psycopg", "standardwebhooks"),
    *("onnxruntime", "numpy", "sklearn", "scipy", "pandas", "joblib", "onnx", "matplotlib"),
    *("alembic", "pyarrow", "waitress", "starlette", "uvicorn", "watchdog", "requests"),
}


@pytest.mark.parametrize("function", FUNCTIONS, ids=str)
def test_a_function_imports_nothing_that_its_first_answer_does_not_need(function: Function) -> None:
    """Somebody at a till waits for it."""
    program = f"import sys, functions.{function.target}.main; print(*sys.modules)"

    ran = subprocess.run(  # noqa: S603
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )

    assert not TOO_DEAR & set(ran.stdout.split())
