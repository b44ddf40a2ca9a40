import pytest

from infra.devstack.servers.server_kinds import SERVER_KINDS, running_server
from risksentinel.errors import Misconfigured


@pytest.mark.parametrize("kind", SERVER_KINDS)
def test_an_external_server_is_preferred(kind: str) -> None:
    """A server in the environment is used instead of a local one."""
    known = SERVER_KINDS[kind]
    environ = {f"{known.prefix}{name}": f"given {name}" for name in known.variables}

    with running_server(kind, environ=environ) as server:
        settings = dict(server.settings)

    assert settings == {name: f"given {name}" for name in known.variables} | dict(known.constants)


def test_incomplete_variables_are_misconfigured() -> None:
    """Incomplete variables are an error that names the missing ones."""
    environ = {
        "TEST_S3_ENDPOINT_URL": "http://127.0.0.1:9000",
        "TEST_AWS_ACCESS_KEY_ID": "key",
        "TEST_AWS_REGION": "us-east-1",
    }

    with pytest.raises(Misconfigured) as failure, running_server("minio", environ=environ):
        pass

    assert str(failure.value) == "set TEST_AWS_SECRET_ACCESS_KEY too"


def test_no_two_kinds_share_a_variable() -> None:
    """Each variable belongs to one kind of server."""
    names = [f"{kind.prefix}{name}" for kind in SERVER_KINDS.values() for name in kind.variables]

    assert len(names) == len(set(names))
