import subprocess
import sys
from importlib import import_module
from typing import Final

import pytest

from risksentinel.assembly.hide_module import hide_module

METRICS: Final = "opentelemetry.sdk.metrics"


def test_a_hidden_module_cannot_be_imported(monkeypatch: pytest.MonkeyPatch) -> None:
    """After the block the module can be imported again."""
    monkeypatch.delitem(sys.modules, "colorsys", raising=False)

    with hide_module("colorsys"), pytest.raises(ImportError):
        import_module("colorsys")

    assert import_module("colorsys").__name__ == "colorsys"


def test_an_imported_module_stays() -> None:
    """Code that uses the module must not lose it."""
    with hide_module("json"):
        assert import_module("json").__name__ == "json"

    assert "json" in sys.modules


@pytest.mark.parametrize(
    ("program", "imported"),
    [
        ("import risksentinel.assembly.redis_history", False),
        ("import risksentinel.adapters.redis.history", True),
    ],
)
def test_the_redis_history_is_imported_without_metrics(program: str, *, imported: bool) -> None:
    """If redis-py itself no longer imports them, delete hide_module."""
    check = f"{program}, sys; print({METRICS!r} in sys.modules)"

    ran = subprocess.run(  # noqa: S603
        [sys.executable, "-c", check], capture_output=True, text=True, check=True
    )

    assert ran.stdout.strip() == str(imported)
