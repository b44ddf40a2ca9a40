from pathlib import Path

import pytest

from infra.devstack.servers import postgres
from infra.devstack.servers.server_kinds import SERVER_KINDS, running_server
from risksentinel.errors import Misconfigured

_NEEDED = {
    "postgres": ("initdb", "postgres"),
    "redis": ("redis-server", "redis"),
    "redis_cluster": ("redis-server", "redis"),
    "kafka": ("Kafka", "kafka"),
    "minio": ("minio", "minio"),
    "versitygw": ("versitygw", "versitygw"),
}


@pytest.fixture
def _bare_machine(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    monkeypatch.setattr(postgres, "DEBIAN", tmp_path)


@pytest.mark.usefixtures("_bare_machine")
@pytest.mark.parametrize("kind", SERVER_KINDS)
def test_a_missing_server_fails_with_the_command_that_installs_it(kind: str) -> None:
    """A missing server is an error with the command that installs it; no test is skipped."""
    what, part = _NEEDED[kind]

    with pytest.raises(Misconfigured) as failure, running_server(kind, environ={}):
        pass

    assert str(failure.value) == f"{what} is not installed: run `infra/devstack/install {part}`"
