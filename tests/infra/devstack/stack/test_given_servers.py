import socket
from collections.abc import Iterator

import pytest

from infra.devstack.stack.given_servers import check_given
from risksentinel.errors import Misconfigured

ABSENT = "127.0.0.1:9"  # the discard port: nothing listens


@pytest.fixture
def listening() -> Iterator[str]:
    """The address of a server that accepts connections."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield f"127.0.0.1:{server.getsockname()[1]}"


@pytest.mark.parametrize(
    ("variable", "environ"),
    [
        ("DATABASE_URL", {"DATABASE_URL": f"postgresql://own:secret@{ABSENT}/risksentinel"}),
        ("REDIS_URL", {"REDIS_URL": f"redis://:secret@{ABSENT}/0"}),
        ("KAFKA_BOOTSTRAP_SERVERS", {"KAFKA_BOOTSTRAP_SERVERS": ABSENT}),
        ("S3_ENDPOINT_URL", {"MODEL_URI": "s3://models", "S3_ENDPOINT_URL": f"http://{ABSENT}"}),
    ],
)
def test_an_unavailable_server_is_named_with_its_variable(
    variable: str, environ: dict[str, str]
) -> None:
    """The error names variables that the stack.env of a stopped stack left in the shell."""
    with pytest.raises(Misconfigured) as told:
        check_given(environ)

    words = str(told.value)
    assert f"{ABSENT} (Connection refused)" in words
    assert variable in words
    assert "unset" in words
    assert "stack.env" in words
    assert "secret" not in words


def test_one_broker_that_answers_is_enough(listening: str) -> None:
    """Some brokers of a cluster may be unavailable."""
    check_given({"KAFKA_BOOTSTRAP_SERVERS": f"{ABSENT},{listening}"})


@pytest.mark.parametrize(
    "environ",
    [{}, {"DATABASE_URL": "sqlite:///file.db"}, {"REDIS_URL": "redis://host:port"}],
    ids=["none", "a file", "no address"],
)
def test_an_invalid_value_is_left_to_the_functions(environ: dict[str, str]) -> None:
    """Invalid values are reported by the functions, not here."""
    check_given(environ)
