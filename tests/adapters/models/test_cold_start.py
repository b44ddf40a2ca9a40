"""The imports of a process before it uses object storage."""

import subprocess
import sys
from typing import Final

import pytest

_FUNCTIONS: Final = ("ingest", "score", "alert_dispatch", "rules_crud", "dashboard")


@pytest.mark.parametrize(
    "program",
    [
        "; ".join(f"import functions.{name}.main" for name in _FUNCTIONS),
        "import risksentinel.assembly.model",
        "import risksentinel.adapters.models.registries as them; them.open_registry('s3://bucket')",
        "import risksentinel.adapters.models.cached_model",
    ],
    ids=["functions", "assembly", "registry", "cache"],
)
def test_boto3_is_not_imported_with_the_program(program: str) -> None:
    """The import takes half a second, which would delay the first payment after a cold start."""
    check = "import sys; print(*sorted({'boto3', 'botocore'} & set(sys.modules)))"

    done = subprocess.run(  # noqa: S603 - this very Python, with a program written above
        [sys.executable, "-c", f"{program}; {check}"], capture_output=True, text=True, check=True
    )

    assert done.stdout.strip() == ""
